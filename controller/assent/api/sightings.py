"""What the API server holds of ours, object by object, with the proof that admission left on it."""

from dataclasses import dataclass

from assent.api.evidence import Entry, Version
from assent.api.kinds import AnyKind, Problem
from assent.api.names import Ident


@dataclass(frozen=True, slots=True)
class Sighting:
    """One object as the API server holds it now.

    `uid` tells it from whatever has its name later; `version.blob` is the uid as well. `writer` is the name that
    admission proved: of whoever wrote it last, and for a Request of whoever created it.
    `leaving` is whether its deletion was asked for and is held up by something.
    `document` is None where its kind refuses it, for these `problems`. `entries` are a Request's approval entries.
    """

    ident: Ident
    uid: str
    version: Version
    writer: str
    document: AnyKind | None
    problems: tuple[Problem, ...] = ()
    entries: tuple[Entry, ...] = ()
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Examined:
    """What a look at the policies came to.

    `policies` stands for what they are: another text after any change of them, also one that was undone. `proven` is
    whether every forgery tried was refused by them; None where that could not be tried. `why` is one sentence.
    """

    policies: str
    proven: bool | None
    why: str = ""
