"""Whether a request can be written as a document that reads back the same, before anybody's name is bound to it.

The ledger holds any JSON; our documents hold less, since every reader has to read them the same (rules 34 and 35).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from assent.adapters.documents import edit
from assent.api.names import Ref
from assent.api.requests import RequestSpec, document
from assent.core.fields import Field, Part
from assent.errors import AssentError

PARTS: Final[tuple[Part, ...]] = ("value", "further")
"""What holds values; what has no field of its own is looked at where no field is at fault."""


def unwritable(ref: Ref, spec: RequestSpec, form: Sequence[Field]) -> dict[str, list[str]]:
    """Why the request's document cannot be written, by the field's name; what is about no one field is under ""."""
    whole = _refused(document(ref, spec.plain()))
    if not whole:
        return {}
    return next(filter(None, (_placed(form, part, spec.parameters) for part in PARTS)), {"": [whole]})


def _placed(form: Sequence[Field], part: Part, parameters: Mapping[str, Any]) -> dict[str, list[str]]:
    """What cannot be written of the fields of this part."""
    given = [(one, value) for one in form if one.part == part for value in _given(one, parameters)]
    said = ((one.name, _refused({"value": value})) for one, value in given)
    return {name: [sentence] for name, sentence in said if sentence}


def _refused(value: dict[str, Any]) -> str:
    """Why this cannot be written, and what to do about it; empty where it can."""
    try:
        edit.dump(value)
    except AssentError as refused:
        return f"{refused.message} ({refused.hint})" if refused.hint else refused.message
    return ""


def _given(field: Field, parameters: Mapping[str, Any]) -> Iterator[Any]:
    """What stands at the field's path, where something does."""
    found: Any = parameters
    for name in field.path:
        if not isinstance(found, Mapping) or name not in found:
            return
        found = found[name]
    yield found
