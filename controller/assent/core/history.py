"""Which records of the ledger a person may read, what each is about, and who took part in it.

A record about a request is read where its organization's operations log is; one about configuration shows the changes
there and nothing of the others. What is about the whole controller is for the Platform's own people. A kind of record
that nobody has thought of here is shown to nobody. Of the people who may have approved only those are named whose Users
the reader sees, and what was given in place of a secret's reference is named to nobody (rule 43).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from assent.api.ledger import Record
from assent.api.names import Ident, Ref
from assent.core.offers import Offer, offered
from assent.core.seeing import LEDGER, USERS, Sight
from assent.core.turns import TURNS
from assent.core.world import World

ABOUT_REQUESTS: Final = frozenset({"observed", "restored", "refused", "asked", "told", "removed", *TURNS})
"""Records of one request: their subject is its name, or their body has it as `request`."""

ABOUT_ALL: Final = frozenset({"trusted", "head", "guarded", "bootstrapped", "halted", "resumed"})
"""Records of the controller itself."""

NOT_SHOWN: Final = "a value that is not shown"

NAMES: Final = ("username", "person", "by", "provenBy", "beneficiary", "author", "writer", "creator")
"""Fields of a body that name somebody who took part."""


@dataclass(frozen=True)
class Reader:
    """One person who reads the history."""

    sight: Sight
    username: str
    _secret: dict[tuple[str, str], frozenset[str] | None] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def organizations(self) -> tuple[str, ...]:
        """The organizations whose history they read, sorted."""
        return self.sight.where(LEDGER)

    @cached_property
    def everything(self) -> bool:
        """Whether they also read what is about the controller: the Platform's people do."""
        platform = self.sight.world.organizations.platform
        return platform is not None and platform == self.sight.person.namespace and platform in self.organizations

    @cached_property
    def _held(self) -> frozenset[str]:
        return frozenset(self.organizations)

    @cached_property
    def _names(self) -> frozenset[str]:
        user = self.sight.world.people.by_ref.get(self.sight.person)
        return frozenset((self.username, *(user.spec.names if user else ())))

    def shown(self, record: Record) -> Record | None:
        """The record as this person may read it; None where they may not."""
        if record.kind in ABOUT_REQUESTS:
            return self._of_a_request(record) if organizations(record) & self._held else None
        if record.kind == "configured":
            return self._configured(record)
        if record.kind == "signedOut":
            return record if self.everything or record.body["username"] in self._names else None
        return record if record.kind in ABOUT_ALL and self.everything else None

    def _of_a_request(self, record: Record) -> Record:
        """The record without people and values that are not for this reader."""
        spec, approvers = record.body.get("spec"), record.body.get("approvers")
        body = dict(record.body)
        if approvers:
            body["approvers"] = {person: role for person, role in approvers.items() if self._knows(person)}
        if spec and spec.get("parameters"):
            body["spec"] = self._veiled(about(record).partition("/")[0], spec)
        return record if body == record.body else replace(record, body=body)

    def _knows(self, person: str) -> bool:
        """Whether this one is the reader, or belongs to an organization whose Users they see."""
        ref = Ref.parse(person)
        return ref == self.sight.person or ref.namespace in self._seen

    @cached_property
    def _seen(self) -> frozenset[str]:
        return frozenset(self.sight.where(USERS))

    def _veiled(self, organization: str, spec: Mapping[str, Any]) -> dict[str, Any]:
        """What was asked for; a secret parameter says only which Secret is meant."""
        place = (organization, str(spec["microservice"]["name"]))
        if place not in self._secret:
            found = offered(self.sight.world, *place)
            self._secret[place] = found.secrets if isinstance(found, Offer) else None
        return _without(spec, self._secret[place])

    def _configured(self, record: Record) -> Record | None:
        """The record with the changes that this person may read of, and nothing of the rest."""
        changes = [one for one in record.body["changes"] if self._reads(Ident.parse(one["document"]))]
        unreadable = record.body["unreadable"] if self.everything else []
        if not changes and not unreadable:
            return None
        return replace(record, body={**record.body, "changes": changes, "unreadable": unreadable})

    def _reads(self, ident: Ident) -> bool:
        return self.everything if ident.kind == "Module" else owner(ident) in self._held


def veiled(world: World, organization: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for there, as plain JSON; a secret parameter says only which Secret is meant."""
    found = offered(world, organization, str(spec["microservice"]["name"]))
    return _without(spec, found.secrets if isinstance(found, Offer) else None)


def _without(spec: Mapping[str, Any], secret: frozenset[str] | None) -> dict[str, Any]:
    """The same without values of secrets; None: nothing is offered by that name, and nobody can say which were."""
    shown = {
        name: NOT_SHOWN if (secret is None or name in secret) and not is_reference(value) else value
        for name, value in spec.get("parameters", {}).items()
    }
    return {**spec, "parameters": shown} if shown else dict(spec)


def is_reference(value: Any) -> bool:  # noqa: ANN401 -- a JSON value
    """Whether the value only says which Secret is meant."""
    return isinstance(value, Mapping) and set(value) == {"secretRef"} and isinstance(value["secretRef"], str)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for in the history; whatever is empty lets everything through.

    `subject` and `person` are parts of what is named, in either case of letters; `since` counts, `until` no more.
    """

    kind: str = ""
    subject: str = ""
    organization: str = ""
    person: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, record: Record) -> bool:
        """Whether the record, as its reader sees it, is looked for."""
        return (
            self.kind in ("", record.kind)
            and (self.since is None or record.at >= self.since)
            and (self.until is None or record.at < self.until)
            and (not self.organization or self.organization in organizations(record))
            and _within(self.subject, (record.subject, about(record)))
            and _within(self.person, people(record))
        )


def _within(text: str, names: Iterable[str]) -> bool:
    return not text or any(text.casefold() in name.casefold() for name in names)


def about(record: Record) -> str:
    """The request that the record is about; empty where it is about none."""
    return str(record.body.get("request", record.subject)) if record.kind in ABOUT_REQUESTS else ""


def organizations(record: Record) -> frozenset[str]:
    """The organizations that the record is about."""
    if record.kind == "configured":
        return frozenset(owner(Ident.parse(one["document"])) for one in record.body["changes"]) - {""}
    return frozenset(name for name in (about(record).partition("/")[0],) if name)


def owner(ident: Ident) -> str:
    """The organization that a document is of, or that it declares; empty where it is everybody's."""
    return ident.name if ident.kind == "Organization" else ident.namespace


def people(record: Record) -> tuple[str, ...]:
    """Everybody whom the record names as having taken part, as it names them."""
    spec = record.body.get("spec", {})
    found = (*(record.body.get(name) for name in NAMES), spec.get("requester"), spec.get("onBehalfOf"))
    return tuple(dict.fromkeys(str(name) for name in found if name))
