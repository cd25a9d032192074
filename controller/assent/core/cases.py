"""A request's case: all that the ledger knows of one request, folded into one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assent.api.decisions import Verb
from assent.api.evidence import Channel
from assent.api.mailings import Mailing
from assent.api.names import Ref
from assent.api.plans import ResultState
from assent.api.requests import Phase, RequestSpec


@dataclass(frozen=True, slots=True)
class Voice:
    """One judged decision.

    `because` is empty where it counted when it was judged, else a word of `conditions.NOT_COUNTED`; `proof` says where
    it came from (a commit's id). `person` is None where nobody proven wrote it. `via` is the part of the User that
    proved it (`key:<fingerprint>`, `name:<username>`).
    """

    sequence: int
    at: datetime
    verb: Verb | None
    username: str
    person: Ref | None
    channel: Channel
    proof: str
    entry: str = ""
    digest: str | None = None
    reason: str | None = None
    because: str = ""
    message: str = ""
    via: str = ""
    signed_in: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """The run was claimed: `plan` is JSON, as it was digested."""

    at: datetime
    digest: str
    plan: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of one execution; `handle` tells one that goes on elsewhere from whatever has its name later."""

    target: str | None
    state: ResultState
    started_at: datetime | None = None
    ended_at: datetime | None = None
    exit_code: int | None = None
    message: str = ""
    output: str = ""
    attempts: int = 1
    handle: str = ""

    @property
    def unsure(self) -> bool:
        """Whether its outcome is not known, or not yet."""
        return self.state in ("Running", "Unknown")


@dataclass(frozen=True, slots=True)
class End:
    """How it ended; for `Unknown` until a person settles it."""

    at: datetime
    phase: Phase
    reason: str
    message: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One request, from its first observation on.

    `seen` is the ledger's sequence number of the first observation, `proof` the id of the commit or the object seen;
    `approvers` are who could approve then, with their roles.
    `proven_by` is who the requester was proven to be, and `beneficiary` who was meant by on-behalf-of.
    `creator` is the login that admission proved when its object was first seen; empty where that proved nothing.
    `present` says whether its document is still there; `reused` that its name was taken again after it had been gone.
    `held` is why the door could not run it.
    `digest_at` is since when it has its digest, `validated_at` since when it has any.
    `mails` are what became of the mails about it, by their keys.
    `stages` are its stages as they stood when it was claimed, or ended, so that who decided stays to be seen.
    """

    ref: Ref
    spec: RequestSpec
    seen: int
    seen_at: datetime
    approvers: Mapping[Ref, Ref]
    proven_by: Ref | None = None
    beneficiary: Ref | None = None
    digest: str | None = None
    digest_at: datetime | None = None
    validated_at: datetime | None = None
    voices: tuple[Voice, ...] = ()
    claim: Claim | None = None
    results: Mapping[str, Result] = field(default_factory=dict)
    end: End | None = None
    present: bool = True
    reused: bool = False
    held: tuple[str, str] | None = None
    stages: tuple[Mapping[str, Any], ...] = ()
    proof: str = ""
    creator: str = ""
    mails: Mapping[str, Mailing] = field(default_factory=dict)

    @property
    def unsure(self) -> bool:
        """Whether there is an execution whose outcome is not known, or not yet."""
        return any(result.unsure for result in self.results.values())

    @property
    def open(self) -> bool:
        """Whether something may still happen to it."""
        return self.end is None or self.end.phase == "Unknown"
