"""Who may do what where: computed from data alone, deny by default, always with the chain that led there.

The chain is user → role → entry → level → row → condition.
The entry for a named organization replaces the `*` entry whole; rights flow downward only.
Where no entry covers an organization there is no access.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from assent.api.names import Ref
from assent.api.people import EVERYWHERE, RoleEntry, User
from assent.core.conferrals import NO_ROLE, Conferral, counting
from assent.core.permissions import Permission
from assent.core.world import World

NOBODY: Mapping[str, Conferral] = {}


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain: what was looked at, what it said, and what follows from it."""

    step: str
    value: str
    because: str


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
        return Answer(False, (Step("user", username, f"no one user signs in as {username!r}"),))
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
        steps.append(Step("user", str(person), f"there is no user {person}"))
        return None
    if user.spec.suspended:
        steps.append(Step("user", str(person), "the user is suspended"))
        return None
    steps.append(Step("user", str(person), f"{user.spec.username} is a user of {person.namespace}"))
    return user


def _role(world: World, user: User, steps: list[Step]) -> Ref | None:
    role = role_of(user)
    if role is None:
        steps.append(Step("role", "", "the user has no role"))
        return None
    if role not in world.roles:
        steps.append(Step("role", str(role), f"the role {role} does not exist"))
        return None
    steps.append(Step("role", str(role), f"the user has the role {role.name} of {role.namespace}"))
    return role


def _entry(world: World, role: Ref, organization: str, steps: list[Step]) -> RoleEntry | None:
    refused = _out_of_reach(world, role, organization)
    found = counting(world.roles[role], world.organizations.path(organization))
    if refused or found is None:
        because = refused or f"no entry of the role is for {organization}, and it has no entry '*'"
        steps.append(Step("entry", organization, because))
        return None
    steps.append(Step("entry", found.organization, _why_this_entry(found, organization)))
    return found


def _out_of_reach(world: World, role: Ref, organization: str) -> str:
    """Why no entry of the role can count there, in a sentence; empty where one could."""
    broken = world.organizations.broken(organization)
    if broken:
        return f"nothing is allowed in {organization}: {broken}"
    if not world.organizations.depends(organization, role.namespace):
        return f"{organization} is neither {role.namespace} nor depends on it, and rights flow downward only"
    closed = world.organizations.closed_to(organization, role.namespace)
    return f"{closed} denies its partner {role.namespace} all rights (partnerAccess: Denied)" if closed else ""


def _why_this_entry(found: RoleEntry, organization: str) -> str:
    if found.organization == organization:
        return f"the role's entry for {organization} counts there"
    if found.organization == EVERYWHERE:
        return f"no entry names {organization}, so the role's entry '*' counts"
    return f"the role's entry for {found.organization} includes what depends on it"


def _row(world: World, found: RoleEntry, permission: Permission, steps: list[Step]) -> bool:
    level = found.levels.get(permission.module)
    if level is None:
        steps.append(Step("level", "", f"the entry gives no level of {permission.module}"))
        return False
    steps.append(Step("level", level, f"the entry gives {permission.module} {level}"))
    row = world.matrices.rows.get(permission)
    if row is None:
        steps.append(Step("row", str(permission), "no module has such a row, and what no row grants is denied"))
        return False
    grant = world.matrices.granted(permission.module, row, found.levels)
    admitted = any(one.level == level for one in row.grants)
    steps.append(
        Step("row", row.source or str(permission), f"the row {'admits' if admitted else 'does not admit'} {level}")
    )
    if grant is None and admitted:
        wanted = next(one.when for one in row.grants if one.level == level and one.when)
        had = found.levels.get(wanted.module, "no level")
        text = f"it needs {wanted.module} {' or '.join(wanted.levels)} in the same organization, and there is {had}"
        steps.append(Step("condition", had, text))
    if grant is not None and grant.when is not None:
        had = found.levels[grant.when.module]
        steps.append(Step("condition", had, f"{grant.when.module} {had} fulfils the row's condition"))
    return grant is not None
