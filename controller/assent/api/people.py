"""Kinds AccessRole and User: which levels a role gives where, and who has it."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, field_validator, model_validator

from assent.api.base import LISTED, Label, Language, Line128, Line253, Model, PascalName, Reference, Resource, Username
from assent.api.keys import fingerprint

EVERYWHERE = "*"


def _levels(levels: dict[str, str]) -> dict[str, str]:
    for module, level in levels.items():
        if level == "None":
            raise ValueError(f"there is no level None: leave {module} out to give no access to it")
    return levels


def _time(value: object) -> object:
    """RFC 3339 text with an offset as a datetime; anything else is refused by the strict type behind."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is no RFC 3339 time; write it like 2026-01-01T00:00:00Z") from None
    if moment.tzinfo is None or "T" not in value:
        raise ValueError(f"{value!r} has no offset; write it like 2026-01-01T00:00:00Z")
    return moment


Time = Annotated[datetime, BeforeValidator(_time)]
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
        names = [entry.organization for entry in self.entries]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"the organization {twice!r} has two entries; keep one")
        if any(entry.organization == EVERYWHERE and entry.include_dependents for entry in self.entries):
            raise ValueError("the entry '*' reaches dependents already; take `includeDependents` out")
        return self


class AccessRole(Resource):
    """A named set of levels."""

    kind: Literal["AccessRole"] = "AccessRole"
    spec: AccessRoleSpec


class SigningKey(Model):
    """An SSH public key that signs this person's commits, good from `validFrom` until before `validUntil`."""

    public_key: Annotated[str, StringConstraints(max_length=4096)]
    valid_from: Time | None = None
    valid_until: Time | None = None

    @field_validator("public_key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        """One well-formed public key; a private one is refused without being repeated."""
        fingerprint(value)
        return value

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

    @model_validator(mode="after")
    def _names(self) -> Self:
        """A Human is no service account, has each name once, and a role of their own organization."""
        if self.type == "Human" and any(name.startswith("system:") for name in self.names):
            raise ValueError("a Human's names do not start with 'system:'; use type Automation")
        if len(set(self.names)) < len(self.names):
            raise ValueError("a name stands twice among `username` and `aliases`")
        keys = [key.fingerprint for key in self.signing_keys]
        if len(set(keys)) < len(keys):
            raise ValueError("a key stands twice in `signingKeys`")
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
