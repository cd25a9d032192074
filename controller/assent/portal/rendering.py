"""Pages from templates: escaped, in the reader's language, with what every page needs."""

from collections.abc import Callable, Mapping
from datetime import UTC
from functools import cache
from http import HTTPStatus
from importlib import metadata, resources
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale, negotiate_locale
from babel.dates import format_datetime, format_timedelta
from babel.messages import mofile, pofile
from babel.support import NullTranslations, Translations
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from assent.core.seeing import Sight
from assent.portal.choosing import MANY, chosen
from assent.portal.menu import menu
from assent.portal.panel import panel_of
from assent.portal.words import word

LANGUAGES = ("en", "es", "pt")
"""English is the language of the templates; the others have a catalogue in `locale/`."""

HERE = Path(str(resources.files("assent.portal")))
HTMX = ("django_htmx/static/django_htmx/htmx-2.min.js", "django_htmx/static/django_htmx/ext/hx-sse-2.min.js")


@cache
def catalogue(language: str) -> NullTranslations:
    """The messages of a language, compiled from its catalogue as it is asked for."""
    path = HERE / "locale" / language / "LC_MESSAGES" / "assent.po"
    if language == "en" or not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        mofile.write_mo(compiled, pofile.read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


@cache
def environment(language: str) -> Environment:
    """The templates in one language; whatever is put into one is escaped, and a name that is not there is an error."""
    found = Environment(
        loader=PackageLoader("assent.portal"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["MANY"] = MANY
    found.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined] # the extension adds it
    locale = Locale.parse(language)
    found.filters["moment"] = lambda at: f"{format_datetime(at.astimezone(UTC), 'medium', locale=locale)} UTC"
    found.filters["ago"] = lambda delta: format_timedelta(delta, locale=locale, add_direction=True)
    found.filters["word"] = lambda one: word(one, catalogue(language).gettext)
    return found


def language_of(request: Request) -> str:
    """The reader's own language, as their User says; else the first of their browser's that is spoken here."""
    me = getattr(request.state, "me", None)
    mine = getattr(getattr(me, "user", None), "spec", None)
    asked = [str(mine.language)] if mine is not None and mine.language else []
    asked += _accepted(request.headers.get("accept-language", ""))
    return negotiate_locale([one.replace("-", "_") for one in asked], LANGUAGES) or "en"


def _accepted(header: str) -> list[str]:
    """The languages of the header, the most wanted first."""
    weighed = []
    for part in header.split(",")[:16]:
        name, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), name.strip()))
        except ValueError:
            continue
    return [name for _, name in sorted(weighed) if name]


def translator(request: Request) -> Callable[[str], str]:
    """What turns a message into the reader's language."""
    return catalogue(language_of(request)).gettext


def text(language: str, template: str, **values: Any) -> str:  # noqa: ANN401 -- whatever a template shows
    """A template, filled in."""
    return environment(language).get_template(template).render(language=language, **values)


def render(request: Request, template: str, *, status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:  # noqa: ANN401 -- whatever a template shows
    """A page; `me`, `menu`, `csrf`, `request` and `now` are there in every template.

    So are `organizations`, which the reader reaches, and `organization`, the chosen one of them or None.
    """
    panel, me = panel_of(request), getattr(request.state, "me", None)
    person = getattr(me, "person", None)
    sight = Sight(panel.seen().world, person) if person else None
    common: Mapping[str, Any] = {
        "me": me,
        "menu": menu(sight, request.url.path) if sight else [],
        # The switch of organizations comes back to where it was: a mail's link is told to no page.
        "organizations": sight.reach if sight and not request.url.path.startswith("/mail/") else (),
        "organization": chosen(request, sight) if sight else None,
        "csrf": getattr(me, "csrf", ""),
        "request": request,
        "now": panel.now(),
    }
    return HTMLResponse(text(language_of(request), template, **{**common, **values}), status)


@cache
def scripts() -> dict[str, Path]:
    """Htmx and its extension for live events: in the wheel, or with the package that a checkout has them from."""
    names = {Path(name).name: name for name in HTMX}
    packed = {name: HERE / "vendor" / name for name in names}
    if all(path.is_file() for path in packed.values()):
        return packed
    carrier = metadata.distribution("django-htmx")
    return {name: Path(str(carrier.locate_file(path))) for name, path in names.items()}
