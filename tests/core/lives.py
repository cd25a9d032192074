"""Requests and their lives, in one line, for tests: who is there, what is asked, who says what, and what it comes to.

    life = Life(*company(), service("platform/vdi", enabledByDefault=True, approvals=[use("b/lead")]), flow("b/lead"))
    life.say("b/ana")
    life.decision.phase

`company()` is the platform, the partner a, its client b and b's suborganization c, with people of every sort.
"""

from datetime import UTC, datetime, timedelta
from functools import cache

from assent.api.decisions import Line
from assent.api.ledger import NewRecord, Record
from assent.core.decide import Door, decide
from assent.core.endings import ending, validated
from assent.core.hearing import Heard, Speaker, hear
from assent.core.notebook import observation, voice_body
from assent.core.plans import PREFERENCE
from assent.core.state import State, advance
from assent.core.status import stages
from assent.core.validity import validate
from assent.core.world import Origin, Provenance
from assent.core.world import world as world_of
from assent.reconcile.workshop import Workshop
from builders import document, flow, ident, modules, organization, ref, role, service, tree, use, user

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
DOOR = Door(PREFERENCE)
"""A controller that has every runner, and on which nothing runs."""

PEOPLE = {"platform": ("ingrid", "igor"), "a": ("alba", "abel"), "b": ("bea", "ben", "bob"), "c": ("cleo", "carl")}
"""Approvers of each organization."""


def company(*, subscriptions=()):
    """The platform, the partner a, its client b and b's suborganization c.

    Each has approvers (`PEOPLE`), a requester (`b/rita`) and a manager (`b/max`), whose roles reach whatever depends
    on it.
    """
    return [*_everybody(), organization("b", "Client", "a", subscriptions=list(subscriptions))]


@cache
def _everybody():
    """All of it, without subscriptions; documents are frozen, so every test may share them."""
    return (*tree("P-ab"), *modules(), *(one for place in PEOPLE for one in staff(place)))


def staff(place):
    """Roles and people of one organization."""
    levels = {"approves": "Approver", "asks": "Requester", "manages": "Manager"}
    roles = [role(f"{place}/{name}", {"*": {"automate": level}}) for name, level in levels.items()]
    people = [user(f"{place}/{name}", "approves") for name in PEOPLE[place]]
    return [*roles, *people, user(f"{place}/rita", "asks"), user(f"{place}/max", "manages")]


def spec(microservice="vdi", requester="rita@b", **more):
    """A request's spec as it stands in YAML."""
    return {"microservice": {"name": microservice}, "requester": requester, **more}


def key_of(world, path):
    """The part of the User by which the person's first signing key proves them."""
    return f"key:{world.people.by_ref[ref(path)].spec.signing_keys[0].fingerprint}"


class Life:
    """One request in one world, as both move: records are folded, nothing is set by hand."""

    def __init__(self, *documents, at="b/r1", now=NOW, proven=True, **asked):
        self.world = world_of(documents)
        self.now = now
        self.state = State()
        self.ref = ref(at)
        wanted = document("Request", self.ref.name, spec(**asked), self.ref.namespace).spec
        person = self.world.people.named(wanted.requester) if proven else None
        self.note(observation(self.world, self.ref, wanted, person, "c0"))

    def note(self, record):
        """One more record of the ledger."""
        at = self.state.sequence + 1
        self.state = advance(self.state.copy(), Record(at, self.now, record.kind, record.subject, record.body))

    @property
    def case(self):
        """All that is known of the request."""
        return self.state.cases[self.ref]

    @property
    def decision(self):
        """What it has come to, now and here."""
        return self.decide()

    def decide(self, door=DOOR):
        """What it has come to where the controller has this door."""
        return decide(self.world, self.case, door, self.now)

    @property
    def digest(self):
        """The digest that an approval has to name now."""
        valid = validate(self.world, self.case).valid
        return valid.digest if valid else None

    def wait(self, **time):
        """Some time passes."""
        self.now += timedelta(**time)
        return self

    def change(self, *documents, gone=(), author=None):
        """Configuration changes, and the ledger notes who wrote the documents, whole; `author` None is nobody known."""
        brought = {ident(f"{one.kind}/{one.namespace}/{one.name}".replace("//", "/")): one for one in documents}
        self.world = self.world.changed(brought | {ident(path): None for path in gone})
        if author is not None:
            for one in brought:
                self.wrote(str(one), author)
        return self

    def wrote(self, document, author, **parts):
        """Who last wrote a document, and its parts (`entry_b=…` is `entry:b`), from now on."""
        self.note(NewRecord("head", "", {"commit": ""}))
        since = self.state.sequence
        notes = {name.replace("_", ":", 1): Origin(ref(one), since) for name, one in parts.items()}
        known = self.world.provenance.get(ident(document), Provenance(Origin(None, 0)))
        noted = Provenance(Origin(ref(author), since), {**known.parts, **notes})
        self.world = self.world.written({ident(document): noted})
        return self

    def say(self, who, verb="approve", *, digest="", because=None, channel="Annotation", **more):
        """What the judged decision came to: the word why it does not count, or an empty one.

        `as_` is another name than the person's username, `via` another proof than their first key.
        """
        voice = self.hear(who, verb, digest=digest, because=because, channel=channel, **more)
        self.note(NewRecord("decided", str(self.ref), voice_body(voice)))
        return voice.because

    def hear(self, who, verb="approve", *, digest="", because=None, channel="Annotation", as_="", via="", **more):
        """The judged decision, without keeping it."""
        wanted = digest or (self.digest if verb == "approve" else None)
        reason = because or ("it is so" if verb in ("reject", "cancel", "settle-succeeded", "settle-failed") else None)
        person = ref(who)
        name = as_ or self.world.people.by_ref[person].spec.username
        speaker = Speaker(person, via or key_of(self.world, who))
        heard = Heard(str(Line(verb, name, wanted, reason)), channel, "c1", **more)
        return hear(self.world, self.case, heard, speaker, self.now)

    def validate(self):
        """Writes down the digest, as a controller does, where there is a new one."""
        for record in validated(self.decision):
            self.note(record)
        return self

    def claim(self):
        """The run is claimed, as a controller does once all have approved."""
        decision = self.decision
        assert decision.claim is not None, decision
        self.note(Workshop.claim(decision.claim, stages(self.world, decision)))
        return decision.claim

    def record(self, execution, state, message="so it ended"):
        """One execution was started, and ended (`Running`: it goes on)."""
        body = {"request": str(self.ref), "execution": execution.id, "target": execution.target}
        self.note(NewRecord("acted", execution.id, body))
        self.note(NewRecord("recorded", execution.id, {**body, "state": state, "message": message}))

    def end(self):
        """Writes down how it ended, as a controller does, where it has."""
        decision = self.decision
        if decision.end:
            self.note(ending(self.world, decision, decision.end))
        return self

    def stages(self):
        """Each stage's state by its name."""
        return {one.seat.stage.name: one.state for one in self.decision.tally.stages}

    def can_decide(self):
        """Who can decide each open stage, as `organization/name`."""
        stages = self.decision.tally.stages
        return {one.seat.stage.name: [str(who) for who in one.can_decide] for one in stages if one.state == "Open"}

    def dropped(self):
        """Why decisions that counted when they were heard do not count now, by person."""
        return {str(voice.person): word for voice, word in self.decision.tally.not_counted if not voice.because}


def offering(**more):
    """The microservice `vdi` of the Platform's, offered to all."""
    return service("platform/vdi", enabledByDefault=True, **more)


def asking(*stages, documents=(), at="b/r1", asked=None, **rules):
    """A request that waits for these stages of one flow of the platform's."""
    one = offering(approvals=[use("platform/f")], parameters={"type": "object"})
    return Life(*company(), *documents, one, flow("platform/f", *stages, **rules), at=at, **(asked or {}))


def named(*people):
    """A stage's entry that names people of b, or of `organization/name`."""
    paths = [one if "/" in one else f"b/{one}" for one in people]
    return [{"organization": path.split("/")[0], "name": path.split("/")[1]} for path in paths]
