"""What a field takes, said before anything is typed into it."""

from collections.abc import Iterator

from assent.core.fields import Field
from assent.portal.menu import N_
from assent.portal.sentences import Translate
from assent.portal.sentences.patterns import longest, meaning

BETWEEN, LEAST, MOST = N_("From %(least)s to %(most)s."), N_("At least %(least)s."), N_("At most %(most)s.")
CHARACTERS = (
    N_("From %(least)s to %(most)s characters."),
    N_("At least %(least)s characters."),
    N_("At most %(most)s characters."),
)


def limits(field: Field, _: Translate) -> Iterator[str]:
    """Its range, its length and its form, each a sentence."""
    if field.kind in ("integer", "number"):
        yield from _bounds(field.minimum, field.maximum, (BETWEEN, LEAST, MOST), _)
        if field.step not in (None, 1):
            yield _("A multiple of %(step)s.") % {"step": _plain(field.step)}
    if field.kind in ("text", "longtext"):
        most = longest(field.pattern) if field.pattern else None
        if most is None or (field.max_length is not None and field.max_length < most):
            least = field.min_length if (field.min_length or 0) > 1 else None
            yield from _bounds(least, field.max_length, CHARACTERS, _)
    if field.pattern and field.kind in ("text", "lines"):
        text = _("Each has this form: %(meaning)s.") if field.kind == "lines" else _("In this form: %(meaning)s.")
        yield text % {"meaning": meaning(field.pattern, _)}


def _bounds(least: float | None, most: float | None, said: tuple[str, str, str], _: Translate) -> Iterator[str]:
    values = {"least": _plain(least), "most": _plain(most)}
    if least is not None or most is not None:
        yield _(said[0] if None not in (least, most) else said[1] if most is None else said[2]) % values


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:.15g}"
