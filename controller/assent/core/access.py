"""Who may do what where: computed from data alone, deny by default, always with the chain that led there.

The chain is user → role → entry → level → row → condition.
The entry for a named organization replaces the `*` entry whole; rights flow downward only.
Where no entry covers an organization there is no access.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from assent.api.modules import Condition
from assent.api.names import Ref
from assent.api.people import EVERYWHERE, RoleEntry, User
from assent.api.problems import Values
from assent.core.conferrals import NO_ROLE, Conferral, counting
from assent.core.permissions import Permission
from assent.core.world import World

NOBODY: Mapping[str, Conferral] = {}

LINKS: Final[Mapping[str, str]] = {
    "NobodyNamed": "no one user signs in as {username!r}",
    "NoUser": "there is no user {user}",
    "Suspended": "the user is suspended",
    "User": "{username} is a user of {organization}",
    "NoRole": "the user has no role",
    "RoleMissing": "the role {role} does not exist",
    "Role": "the user has the role {role} of {organization}",
    "NoEntry": "no entry of the role is for {organization}, and it has no entry '*'",
    "Broken": "nothing is allowed in {organization}: {why}",
    "OutOfReach": "{organization} is neither {owner} nor depends on it, and rights flow downward only",
    "Denied": "{organization} denies its partner {owner} all rights (partnerAccess: Denied)",
    "OwnEntry": "the role's entry for {organization} counts there",
    "EveryEntry": "no entry names {organization}, so the role's entry '*' counts",
    "EntryAbove": "the role's entry for {organization} includes what depends on it",
    "NoLevel": "the entry gives no level of {module}",
    "Level": "the entry gives {module} {level}",
    "NoRow": "no module has such a row, and what no row grants is denied",
    "Admitted": "the row admits {level}",
    "NotAdmitted": "the row does not admit {level}",
    "OtherLevel": "it needs {module} {levels} in the same organization, and there is {level}",
    "OtherLevelNone": "it needs {module} {levels} in the same organization, and there is no level",
    "OtherLevelHeld": "{module} {level} fulfils the row's condition",
}
"""What each link of a chain may say, by a code for whoever says it in another language."""


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain: what was looked at, what it said, and what follows from it, by its code in `LINKS`."""

    step: str
    value: str
    because: str
    code: str = field(default="", compare=False)
    values: Values = field(default=(), compare=False)

    def plain(self) -> dict[str, str]:
        """As programs read it."""
        return {"step": self.step, "value": self.value, "because": self.because}


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it is allowed, and the chain that says why."""

    allowed: bool
    chain: tuple[Step, ...]

    @property
    def because(self) -> str:
        """The last link, in a sentence."""
        return self.chain[-1].because


def role_of(user: User) -> Ref | None:
    """The role that the user has: one of their own organization."""
    return Ref(user.namespace, user.spec.role.name) if user.spec.role else None


def conferred(world: World, role: Ref, organization: str) -> frozenset[Permission]:
    """What whoever has the role may do in the organization."""
    return world.conferrals.get(role, NO_ROLE)[organization]


def held(world: World, person: Ref, organization: str) -> frozenset[Permission]:
    """All that the person may do in the organization; nothing for one who is unknown or suspended."""
    return world.acting.get(person[0], NOBODY).get(person[1], NO_ROLE)[organization]


def holds(world: World, person: Ref, organization: str, permission: Permission) -> bool:
    """Whether the person holds this one permission there; `allowed` says why."""
    # `permission in held(…)`, written out: nothing is asked more often, and the calls are a tenth of it.
    try:
        return permission in world.acting[person[0]][person[1]][organization]
    except KeyError:
        return False


def allowed(world: World, username: str, organization: str, permission: Permission) -> Answer:
    """The decision with its chain; `username` is any name that the person signs in with."""
    person = world.people.named(username)
    if person is None:
        return Answer(False, (_link("user", username, "NobodyNamed", username=username),))
    return allowed_to(world, person, organization, permission)


def allowed_to(world: World, person: Ref, organization: str, permission: Permission) -> Answer:
    """The same decision for a person who is known already."""
    steps: list[Step] = []
    return Answer(_follow(world, person, organization, permission, steps), tuple(steps))


def _follow(world: World, person: Ref, organization: str, permission: Permission, steps: list[Step]) -> bool:
    """Walks the chain link by link; each link says what it found, and the first that breaks ends it."""
    user = _user(world, person, steps)
    role = _role(world, user, steps) if user else None
    found = _entry(world, role, organization, steps) if role else None
    return found is not None and _row(world, found, permission, steps)


def _user(world: World, person: Ref, steps: list[Step]) -> User | None:
    user = world.people.by_ref.get(person)
    if user is None:
        steps.append(_link("user", str(person), "NoUser", user=str(person)))
        return None
    if user.spec.suspended:
        steps.append(_link("user", str(person), "Suspended"))
        return None
    told = {"username": user.spec.username, "organization": person.namespace}
    steps.append(_link("user", str(person), "User", **told))
    return user


def _role(world: World, user: User, steps: list[Step]) -> Ref | None:
    role = role_of(user)
    if role is None:
        steps.append(_link("role", "", "NoRole"))
        return None
    if role not in world.roles:
        steps.append(_link("role", str(role), "RoleMissing", role=str(role)))
        return None
    steps.append(_link("role", str(role), "Role", role=role.name, organization=role.namespace))
    return role


def _entry(world: World, role: Ref, organization: str, steps: list[Step]) -> RoleEntry | None:
    refused = _out_of_reach(world, role, organization)
    found = counting(world.roles[role], world.organizations.path(organization))
    if refused or found is None:
        steps.append(refused or _link("entry", organization, "NoEntry", organization=organization))
        return None
    steps.append(_this_entry(found, organization))
    return found


def _out_of_reach(world: World, role: Ref, organization: str) -> Step | None:
    """Why no entry of the role can count there; None where one could."""
    broken = world.organizations.broken(organization)
    if broken:
        return _link("entry", organization, "Broken", organization=organization, why=broken)
    if not world.organizations.depends(organization, role.namespace):
        return _link("entry", organization, "OutOfReach", organization=organization, owner=role.namespace)
    closed = world.organizations.closed_to(organization, role.namespace)
    return _link("entry", organization, "Denied", organization=closed, owner=role.namespace) if closed else None


def _this_entry(found: RoleEntry, organization: str) -> Step:
    named = found.organization
    code = {organization: "OwnEntry", EVERYWHERE: "EveryEntry"}.get(named, "EntryAbove")
    return _link("entry", named, code, organization=named if code == "EntryAbove" else organization)


def _row(world: World, found: RoleEntry, permission: Permission, steps: list[Step]) -> bool:
    level = found.levels.get(permission.module)
    if level is None:
        steps.append(_link("level", "", "NoLevel", module=permission.module))
        return False
    steps.append(_link("level", level, "Level", module=permission.module, level=level))
    row = world.matrices.rows.get(permission)
    if row is None:
        steps.append(_link("row", str(permission), "NoRow"))
        return False
    grant = world.matrices.granted(permission.module, row, found.levels)
    admitted = any(one.level == level for one in row.grants)
    said = "Admitted" if admitted else "NotAdmitted"
    steps.append(_link("row", row.source or str(permission), said, level=level))
    if grant is None and admitted:
        wanted = next(one.when for one in row.grants if one.level == level and one.when)
        steps.append(_other_level(wanted, found.levels.get(wanted.module, "")))
    if grant is not None and grant.when is not None:
        had = found.levels[grant.when.module]
        steps.append(_link("condition", had, "OtherLevelHeld", module=grant.when.module, level=had))
    return grant is not None


def _other_level(wanted: Condition, had: str) -> Step:
    """Which level of another module the row asks for besides, and that it is not there."""
    needed = {"module": wanted.module, "levels": " or ".join(wanted.levels)}
    return _link("condition", had or "no level", "OtherLevel" if had else "OtherLevelNone", **needed, level=had)


def _link(step: str, found: str, code: str, **values: str) -> Step:
    return Step(step, found, LINKS[code].format(**values), code, tuple(values.items()))
