"""What the API server holds, as records for the ledger: who wrote which configuration, requests, decisions.

Admission has judged each write before it was stored, so configuration is in force as it stands; what is kept of it is
who wrote what, and since when. Requests and decisions are judged by the very functions that Git mode uses.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from assent.api.canonical import sha256
from assent.api.decisions import parse
from assent.api.evidence import Entry
from assent.api.holdings import Objects
from assent.api.ledger import NewRecord
from assent.api.names import Ident, Ref
from assent.api.problems import sentences
from assent.api.requests import Request, RequestSpec
from assent.api.sightings import Sighting
from assent.core.cases import Case, End
from assent.core.decide import Door, decide
from assent.core.endings import ending
from assent.core.hearing import Heard, Speaker
from assent.core.notebook import Notebook, observation
from assent.core.state import State
from assent.core.world import World
from assent.core.writes import parts

MOST_CHANGES = 500
"""Changes of configuration that one record holds."""

MOST_SAID = 32
"""Verdicts on one person's lines on one request; each is kept for ever, so what they write after that is unheard."""

News: TypeAlias = Mapping[Ident, Sighting | None]
"""Documents of which the ledger does not say what the API server says, sorted; None: it is no more."""

UNTRUSTED = "the admission policies could not be relied on when it was written: write it again, by another entry"


class Admitted(Notebook):
    """The notebook of a cluster; `world` is the one in force now, since admission judged what is in it.

    `earlier` is the one that was known before, in which somebody may still have had the name that they wrote by.
    """

    def __init__(self, state: State, world: World, earlier: World) -> None:
        super().__init__(state, world)
        self._earlier = earlier

    def news(self, held: Objects, suspects: Collection[Ident] | None) -> News:
        """What is new; looked for among the suspects, where it is known that nothing else can have changed."""
        named = sorted({*held, *self.state.written, *self.state.standing} if suspects is None else suspects)
        found = ((ident, held.get(ident)) for ident in named)
        return {ident: one for ident, one in found if (self._is_news(one) if one else self._is_gone(ident))}

    def configuration(self, news: News, now: datetime, *, trusted: bool = True) -> None:
        """Notes who wrote whatever differs from what the ledger says; nobody, where that could have been forged."""
        by_writer: dict[str, list[dict[str, Any]]] = {}
        for ident, one in news.items():
            writer = one.writer if one and trusted else ""
            by_writer.setdefault(writer, []).append(self._change(one, writer) if one else _gone(ident))
        for writer, changes in sorted(by_writer.items()):
            for start in range(0, len(changes), MOST_CHANGES):
                self._configured(writer, changes[start : start + MOST_CHANGES], now)

    def _is_gone(self, ident: Ident) -> bool:
        """Whether the ledger says something of a document that is no more."""
        written = self.state.written.get(ident)
        return ident in self.state.standing or bool(written and written.version)

    def _is_news(self, one: Sighting) -> bool:
        """Whether the ledger does not say of the document what the API server says."""
        standing, written = self.state.standing.get(one.ident), self.state.written.get(one.ident)
        if standing:
            return (one.version,) != standing.versions
        return written is None or written.version is None or written.version.digest != one.version.digest

    def _change(self, one: Sighting, writer: str) -> dict[str, Any]:
        version = {"digest": one.version.digest, "blob": one.uid, "index": 0}
        change: dict[str, Any] = {"document": str(one.ident), "versions": [version]}
        if one.document is None:
            return change | {"refused": {"reason": "Invalid", "message": sentences(one.problems), "hint": ""}}
        written = self.state.written.get(one.ident)
        said = {part: sha256(_plain(value)) for part, value in parts(one.document).items()}
        before = written.said if written and written.version else {}
        wrote = sorted(part for part, digest in said.items() if before.get(part) != digest)
        inherited = self.inherited(one.ident, self._writer(writer))
        return change | {"wrote": wrote, "parts": sorted(said), "said": said} | inherited

    def _writer(self, name: str) -> Speaker:
        """The person of that login, if it is a person's, or was when it was last looked."""
        return Speaker(self._earlier.people.named(name) or self.world.people.named(name), f"name:{name}")

    def _configured(self, writer: str, changes: Sequence[Mapping[str, Any]], now: datetime) -> None:
        author = self._writer(writer).person
        body = {"commit": "", "writer": writer, "author": str(author) if author else None, "changes": [*changes]}
        self.note(NewRecord("configured", writer or "unknown", body | {"unreadable": []}), now)
        idents = [Ident.parse(change["document"]) for change in changes]
        written = {ident: self.state.written[ident] for ident in idents if ident in self.state.written}
        self.world = self.world.written({ident: one.provenance for ident, one in written.items()})

    def began(self, requests: Mapping[Ref, Sighting], now: datetime) -> None:
        """An empty ledger starts: requests that are there already never run, and their names are used."""
        for ref, one in sorted(requests.items()):
            if isinstance(one.document, Request) and ref not in self.state.cases:
                record = observation(self.world, ref, one.document.spec, None, one.uid)
                restarted = NewRecord("observed", record.subject, {**record.body, "restarted": True}, once=True)
                self.note(restarted, now)

    def request(self, one: Sighting, now: datetime, *, trusted: bool = True) -> None:
        """A request that is new, has become its requester's, or is another one under a used name.

        One that is first seen while nobody can tell who created it is nobody's for ever: they open another.
        """
        ref, case = one.ident.ref, self.state.cases.get(one.ident.ref)
        if not isinstance(one.document, Request):
            self._once(ref, "Invalid", sentences(one.problems), one.uid, now)
        elif case is None:
            spec = one.document.spec
            creator = one.writer if trusted else ""
            record = observation(self.world, ref, spec, self._requester(ref, creator, spec), one.uid)
            self.note(replace(record, body={**record.body, "creator": creator}), now)
        elif case.proof != one.uid:
            if not case.reused:
                self.gone(ref, now)
            text = f"another request was {ref} before; choose another name"
            self._once(ref, "NameUsedBefore", text, one.uid, now)
        elif case.spec != one.document.spec:
            text = "a request's spec never changes: restore it, and open another request by another name"
            self._once(ref, "RequestChanged", text, one.uid, now)
        else:
            self._there(case, one, now)

    def _there(self, case: Case, one: Sighting, now: datetime) -> None:
        if case.ref in self.state.refusals:
            self.note(NewRecord("restored", str(case.ref), {"commit": one.uid}), now)
        person = self._requester(case.ref, case.creator, case.spec)
        if person and case.proven_by is None:
            self.note(NewRecord("proven", str(case.ref), {"provenBy": str(person), "commit": one.uid}), now)

    def _requester(self, ref: Ref, creator: str, spec: RequestSpec) -> Ref | None:
        """The requester, where admission said that their own login created the request, or the panel was asked."""
        created = self.world.people.named(spec.requester) if creator == spec.requester else None
        return created or self.asked_by(ref, spec)

    def _once(self, ref: Ref, reason: str, message: str, uid: str, now: datetime) -> None:
        """Refuses it, unless that stands already."""
        if self.state.refusals.get(ref) != (reason, message):
            self.refuse(ref, reason, message, uid, now)

    def entries(self, one: Sighting, now: datetime, *, trusted: bool) -> None:
        """Judges the approval entries that are new; where admission was not to be relied on, none counts."""
        sure = trusted and not self._changed(one)
        for entry in unheard(self.state.cases.get(one.ident.ref), one):
            heard = Heard(entry.value, "Annotation", proof(one.uid, entry), entry.key)
            speaker = self._said_by(entry) if sure else Speaker(None, "", UNTRUSTED, "ApprovalsUntrusted")
            self.hear(one.ident.ref, heard, speaker, now)

    def _changed(self, one: Sighting) -> bool:
        """Whether the object says something else than what was digested: then nobody can tell what people saw."""
        case = self.state.cases.get(one.ident.ref)
        return case is None or not isinstance(one.document, Request) or one.document.spec != case.spec

    def _said_by(self, entry: Entry) -> Speaker:
        """Admission lets nobody write another's name, so the line says who wrote it."""
        name = author(entry)
        if not name:
            return Speaker(None, unproven="it names nobody")
        person = self.world.people.named(name)
        unproven = "" if person else f"no one user signs in as {name!r}"
        return Speaker(person, f"name:{name}", unproven, "UnknownSigner")

    def gone(self, ref: Ref, now: datetime) -> None:
        """A request's object is no more: what has not been claimed never runs."""
        case = self.state.cases[ref]
        if not case.present:
            return
        self.note(NewRecord("removed", str(ref), {"commit": case.proof}), now)
        if not case.open or case.claim:
            return
        end = End(now, "Cancelled", "ObjectDeleted", "its object was deleted from the cluster before it ran")
        decision = decide(self.world, self.state.cases[ref], Door(), now)
        self.note(ending(self.world, decision, end), now)


def unheard(case: Case | None, one: Sighting) -> list[Entry]:
    """The entries of a request on which the ledger has no verdict yet; of another object than the one it knows none."""
    if case is None or case.proof != one.uid:
        return []
    judged = {(voice.entry, voice.proof) for voice in case.voices}
    said = Counter(voice.username for voice in case.voices if voice.entry)
    return [
        entry
        for entry in one.entries
        if (entry.key, proof(one.uid, entry)) not in judged and said[author(entry)] < MOST_SAID
    ]


def author(entry: Entry) -> str:
    """In whose name the line is, which admission has compared with its writer's; empty where it is no decision."""
    try:
        return parse(entry.value).username
    except ValueError:
        return ""


def proof(uid: str, entry: Entry) -> str:
    """What a verdict on an entry rests on: the object, and the very line."""
    return f"{uid}:{sha256(entry.value)[:32]}"


def _gone(ident: Ident) -> dict[str, Any]:
    """The change that takes a document away."""
    return {"document": str(ident), "versions": [], "wrote": [], "parts": []}


def _plain(part: object) -> object:
    """A part of a document as JSON."""
    plain = getattr(part, "plain", None)
    return plain() if plain else str(part)
