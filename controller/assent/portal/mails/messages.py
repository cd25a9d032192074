"""A letter as a message: plain text and HTML, in the reader's language, with three ways on.

Nothing in it is fetched from anywhere, so that reading it tells nobody anything.
"""

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime as dated
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from assent.api.characters import visible
from assent.api.mailings import About
from assent.core.letter_text import CUT, Matter
from assent.core.letters import Letter
from assent.errors import MailError
from assent.portal.mails.tokens import mint
from assent.portal.rendering import LANGUAGES
from assent.portal.sentences.standing import ended
from assent.portal.words import word

WIDTH: Final = 78
"""Characters of a line of plain text (RFC 5322, section 2.1.1); a link or a digest is never broken."""

SUBJECT: Final = 140
"""Characters of a subject."""

TEMPLATES: Final = Path(__file__).parents[1] / "templates" / "mail"
NAMES: Final[Mapping[About, str]] = {"Opened": "decide", "Reminder": "reminder", "Ended": "ended"}

Translate = Callable[[str], str]

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?\Z")
"""One address as HTML forms take it: no quotes, comments or lists, so it is the same address for every reader of it."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What is the same in all mails: who sends them, where the panel is reached, and the key of the links.

    `sender` is an address, with or without a name: `Assent <assent@acme.example>`.
    """

    sender: str
    public_url: str
    secret: bytes

    def __post_init__(self) -> None:
        """Raises MailError where the sender is no address."""
        _ = self.address

    @property
    def address(self) -> Address:
        """The sender."""
        name, _, rest = self.sender.rpartition("<")
        return address(rest.removesuffix(">").strip(), name.strip().strip('"'))

    def decide(self, letter: Letter, verb: str) -> str:
        """The page on which the reader approves or rejects; looking at it changes nothing."""
        return f"{self._base}/mail/{mint(self.secret, letter)}?decision={verb}"

    def open(self, letter: Letter) -> str:
        """The request's own page."""
        return f"{self._base}/requests/{letter.request.namespace}/{letter.request.name}"

    @property
    def _base(self) -> str:
        return self.public_url.rstrip("/")


def address(text: str, name: str = "") -> Address:
    """One mail address with the name of whose it is; raises MailError for anything that is not just that."""
    if not _ADDRESS.match(text) or ".." in text or text.startswith(".") or ".@" in text:
        raise MailError(f"{visible(text)!r} is no mail address", "write one address, like maria@acme.example")
    return Address(visible(name), addr_spec=text)


def language_of(tag: str) -> str:
    """The language among ours that the reader's (BCP 47, or empty) comes to."""
    own = tag.partition("-")[0].lower()
    return own if own in LANGUAGES else LANGUAGES[0]


def message_id(letter: Letter, head: Letterhead) -> str:
    """The same for the same letter for ever, so that one that was sent twice is seen to be one."""
    return f"<{letter.key}@{head.address.domain}>"


def compose(letter: Letter, matter: Matter, head: Letterhead, translate: Translate, now: datetime) -> EmailMessage:
    """The whole message.

    Raises:
        MailError: the reader's address is none.
    """
    subject = _subject(letter, matter, translate)
    values = {"letter": letter, "matter": matter, "subject": subject, "language": language_of(letter.language)}
    values |= {"when": _when(letter), "cut": CUT.strip(), "links": _links(letter, head), "home": head.public_url}
    end = matter.closing
    values |= {"outcome": word(matter.phase, translate), "details": ended(end, end.username, translate) if end else ""}
    message = EmailMessage(policy=SMTP.clone(max_line_length=WIDTH))
    _head(message, letter, head, subject, now)
    templates, name = _templates(translate), NAMES[letter.about]
    message.set_content(_tidy(templates.get_template(f"{name}.txt").render(values)), cte="quoted-printable")
    html = templates.get_template(f"{name}.html").render(values)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = language_of(letter.language)
    return message


def _head(message: EmailMessage, letter: Letter, head: Letterhead, subject: str, now: datetime) -> None:
    """The headers; what people wrote stands in none but the subject."""
    message["From"] = head.address
    message["To"] = address(letter.email)
    message["Subject"] = subject
    message["Date"] = format_datetime(now.astimezone(UTC))
    message["Message-ID"] = message_id(letter, head)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"


def _links(letter: Letter, head: Letterhead) -> dict[str, str]:
    """Where the reader can go on; the decisions only where the flow takes them by mail."""
    found = {"open": head.open(letter)}
    if letter.by_mail and letter.about != "Ended":
        found |= {"approve": head.decide(letter, "approve"), "reject": head.decide(letter, "reject")}
    return found


def _subject(letter: Letter, matter: Matter, translate: Translate) -> str:
    _ = translate
    said = {
        "Opened": _("To decide: %(what)s (%(request)s)"),
        "Reminder": _("Still to decide: %(what)s (%(request)s)"),
        "Ended": _("%(outcome)s: %(what)s (%(request)s)"),
    }[letter.about]
    outcome = word(matter.phase, translate)
    whole = visible(said % {"what": matter.title, "request": matter.request, "outcome": outcome})
    return whole if len(whole) <= SUBJECT else whole[: SUBJECT - len(CUT)] + CUT


def _when(letter: Letter) -> str:
    """The deadline as the reader writes dates, in UTC, which it says; empty where there is none."""
    if letter.deadline is None:
        return ""
    return str(dated(letter.deadline.astimezone(UTC), "long", tzinfo=UTC, locale=_locale(letter.language)))


def _locale(tag: str) -> Locale:
    """How the reader writes dates: as in their own region where the mail is in their language."""
    language = language_of(tag)
    try:
        found = Locale.parse(tag, sep="-") if tag else Locale(language)
    except (UnknownLocaleError, ValueError):
        return Locale(language)
    return found if found.language == language else Locale(language)


@lru_cache(maxsize=32)
def _templates(translate: Translate) -> Environment:
    """The templates in one language; what people wrote is escaped in HTML, and a name that is not there is an error."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    extended: Any = found
    extended.install_gettext_callables(translate, _either(translate), newstyle=True)
    found.filters["wrap"] = _wrapped
    found.filters["word"] = lambda one: word(one, translate)
    return found


def _either(translate: Translate) -> Callable[[str, str, int], str]:
    """The form for this number; no text of ours has two, and the extension asks for it."""
    return lambda one, many, count: translate(one if count == 1 else many)


def _wrapped(text: str, indent: str = "") -> str:
    """The text on lines of a mail's width; all but the first are indented, so that no value can look like a label."""
    return textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, replace_whitespace=False
    )


def _tidy(text: str) -> str:
    """No blanks at the ends of lines, and never two empty lines in a row."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
