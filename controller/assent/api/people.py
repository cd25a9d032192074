"""Kinds AccessRole and User: which levels a role gives where, and who has it."""

import re
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, field_validator, model_validator

from assent.api.base import (
    LISTED,
    TEXT_PATTERN,
    Label,
    Language,
    Line128,
    Line253,
    Model,
    PascalName,
    Reference,
    Resource,
    Username,
    safe,
    twice,
)
from assent.api.characters import scripts
from assent.api.keys import fingerprint, key_text

EVERYWHERE = "*"
RFC3339 = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"
"""What Kubernetes reads as a time and Python reads the same; both read more, each something else."""
PUBLIC_KEY = (
    r"^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)"
    r" [A-Za-z0-9+/]+={0,2}( " + TEXT_PATTERN.strip("^$") + ")?$"
)
"""What a key looks like; the model reads it whole, and never repeats what it refuses."""


def _levels(levels: dict[str, str]) -> dict[str, str]:
    for module, level in levels.items():
        if level == "None":
            raise ValueError(f"there is no level None: leave {module} out to give no access to it")
    return levels


def _time(value: object) -> object:
    """RFC 3339 text with an offset as a datetime; anything else is refused by the strict type behind."""
    if not isinstance(value, str):
        return value
    refused = f"{value[:40]!r} is no RFC 3339 time with an offset; write it like 2026-01-01T00:00:00Z"
    if not re.fullmatch(RFC3339, value):
        raise ValueError(refused)
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(refused) from None


Time = Annotated[datetime, BeforeValidator(_time), Field(json_schema_extra={"pattern": RFC3339, "maxLength": 32})]
Levels = Annotated[dict[Label, PascalName], Field(max_length=32), AfterValidator(_levels)]


class RoleEntry(Model):
    """Levels by module, for one organization or for all that the role reaches (`*`)."""

    organization: Annotated[str, StringConstraints(pattern=r"^(\*|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$", max_length=63)]
    include_dependents: bool = False
    levels: Levels


class AccessRoleSpec(Model):
    """The entries of a role: at most one an organization, and at most one `*`."""

    display_name: Line128 | None = None
    entries: Annotated[tuple[RoleEntry, ...], Field(max_length=256), LISTED]

    @model_validator(mode="after")
    def _one_entry_an_organization(self) -> Self:
        """An organization named twice would have two answers."""
        again = twice(entry.organization for entry in self.entries)
        if again:
            raise ValueError(f"the organization {again!r} has two entries; keep one")
        if any(entry.organization == EVERYWHERE and entry.include_dependents for entry in self.entries):
            raise ValueError("the entry '*' reaches dependents already; take `includeDependents` out")
        return self


class AccessRole(Resource):
    """A named set of levels."""

    kind: Literal["AccessRole"] = "AccessRole"
    spec: AccessRoleSpec


class SigningKey(Model):
    """An SSH public key that signs this person's commits, good from `validFrom` until before `validUntil`."""

    public_key: Annotated[str, StringConstraints(max_length=4096), Field(json_schema_extra={"pattern": PUBLIC_KEY})]
    valid_from: Time | None = None
    valid_until: Time | None = None

    @field_validator("public_key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        """One well-formed public key; a private one is refused without being repeated."""
        key_text(value)
        return safe(value)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        """A key that is never good is a slip of the pen."""
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise ValueError("`validUntil` must be later than `validFrom`")
        return self

    @property
    def fingerprint(self) -> str:
        """The key as `ssh-keygen -l` prints it: `SHA256:…`."""
        return fingerprint(self.public_key)

    def valid(self, at: datetime) -> bool:
        """Whether the key is good at this moment."""
        started = self.valid_from is None or self.valid_from <= at
        return started and (self.valid_until is None or at < self.valid_until)


class UserSpec(Model):
    """A person or an automation, by all the names they sign in with."""

    username: Username
    aliases: Annotated[tuple[Username, ...], Field(max_length=16), LISTED] = ()
    display_name: Line128 | None = None
    email: Line253 | None = None
    language: Language | None = None
    department: Line128 | None = None
    role: Reference | None = None
    type: Literal["Human", "Automation"] = "Human"
    suspended: bool = False
    signing_keys: Annotated[tuple[SigningKey, ...], Field(max_length=16), LISTED] = ()

    @field_validator("username", "aliases")
    @classmethod
    def _of_one_script(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        """A name with letters of two scripts may look like another name that has those of one."""
        for name in (value,) if isinstance(value, str) else value:
            mixed = sorted(scripts(name))
            if len(mixed) > 1:
                raise ValueError(f"the name {name!a} mixes the scripts {', '.join(mixed)}; write it in one")
        return value

    @model_validator(mode="after")
    def _names(self) -> Self:
        """A Human is no service account, has each name once, and a role of their own organization."""
        if self.type == "Human" and any(name.startswith("system:") for name in self.names):
            raise ValueError("a Human's names do not start with 'system:'; use type Automation")
        again = twice(self.names)
        if again:
            raise ValueError(f"the name {again!r} stands twice among `username` and `aliases`; keep one")
        texts = [key_text(key.public_key) for key in self.signing_keys] if len(self.signing_keys) > 1 else []
        if twice(texts):
            key = twice(key.fingerprint for key in self.signing_keys)
            raise ValueError(f"the key {key} stands twice in `signingKeys`; keep one")
        if self.role and self.role.organization:
            raise ValueError("`role` is an AccessRole of the user's own organization: take `organization` out")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Every name this person signs in with."""
        return (self.username, *self.aliases)


class User(Resource):
    """A member of an organization."""

    kind: Literal["User"] = "User"
    spec: UserSpec
