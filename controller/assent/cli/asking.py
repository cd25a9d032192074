"""What people type to ask for something, as the spec of a request: the same for a file and for a cluster."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assent.api.kinds import Problem, parse
from assent.api.requests import Request
from assent.core.offers import Offer
from assent.errors import UsageError


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for; `pairs` are parameters as they were typed."""

    organization: str
    microservice: str
    name: str = ""
    pairs: Sequence[str] = ()
    targets: Sequence[str] = ()
    on_behalf_of: str = ""
    reason: str = ""

    def spec(self, requester: str, offer: Offer | None, *, guess: bool = False) -> dict[str, Any]:
        """The whole spec; `guess` where nobody here can know the parameters' types."""
        found: dict[str, Any] = {"microservice": {"name": self.microservice}, "requester": requester}
        found |= {"onBehalfOf": self.on_behalf_of} if self.on_behalf_of else {}
        found |= {"parameters": values(self.pairs, _types(offer), guess=guess)} if self.pairs else {}
        found |= {"targets": list(self.targets)} if self.targets else {}
        return found | ({"reason": self.reason} if self.reason else {})


def parsed(value: Mapping[str, Any]) -> Request:
    """The Request, or UsageError with everything that its kind refuses of it."""
    found, problems = parse(value)
    if not isinstance(found, Request):
        raise UsageError("; ".join(_sentence(problem) for problem in problems))
    return found


def _sentence(problem: Problem) -> str:
    return problem.sentence + (f" ({problem.hint})" if problem.hint else "")


def _types(offer: Offer | None) -> Mapping[str, Any]:
    """The schema of each parameter; none where the organization does not offer the microservice."""
    schema = offer.service.spec.parameters if offer else None
    properties = (schema or {}).get("properties", {})
    return properties if isinstance(properties, Mapping) else {}


def values(pairs: Sequence[str], types: Mapping[str, Any], *, guess: bool = False) -> dict[str, Any]:
    """`key=value` pairs: text where the schema says text, else what the value says as JSON."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"-p {pair!r} is not KEY=VALUE", "for example -p count=12")
        found[name] = _guessed(text) if guess else _value(name, text, types.get(name))
    return found


def _guessed(text: str) -> Any:  # noqa: ANN401 -- any JSON value
    """What the text is as JSON, as `--set` of other programs has it; else the text."""
    try:
        return json.loads(text, parse_constant=lambda word: word)
    except ValueError:
        return text


def _value(name: str, text: str, schema: object) -> Any:  # noqa: ANN401 -- any JSON value
    wanted = schema.get("type", "string") if isinstance(schema, Mapping) else "string"
    if wanted == "string":
        return text
    if wanted == "array" and not text.startswith("["):
        return text.split(",")
    try:
        return json.loads(text)
    except ValueError:
        raise UsageError(f"-p {name}: {text!r} is no {wanted}", f"for example -p {name}={_example(wanted)}") from None


def _example(wanted: object) -> str:
    examples = {"integer": "12", "number": "1.5", "boolean": "true", "array": '["a","b"]'}
    return examples.get(str(wanted), '\'{"secretRef":"name"}\'')
