"""What a role confers, place by place: worked out when it is first asked for, and kept with the role."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from assent.api.names import Ref
from assent.api.people import EVERYWHERE, AccessRole, RoleEntry, User
from assent.core.organizations import Organizations
from assent.core.permissions import Matrices, Permission

NOTHING: frozenset[Permission] = frozenset()
NOWHERE = 256
"""Places up to which a role keeps where it confers nothing: names that anybody may ask for must not fill the memory."""


class Conferral(dict[str, frozenset[Permission]]):
    """All that whoever has the role may do, by organization: `conferral[organization]` has an answer for every name.

    It follows from the role's document, the organizations and the modules alone, so worlds that differ in other things
    share it. It is kept wherever the role reaches; elsewhere is nothing, and no end of places, so few of them are kept.
    """

    __slots__ = ("_document", "_matrices", "_organizations", "_owner")

    def __init__(self, document: AccessRole | None, organizations: Organizations, matrices: Matrices) -> None:
        super().__init__()
        self._document = document
        self._owner = document.namespace if document else ""
        self._organizations = organizations
        self._matrices = matrices

    def __missing__(self, organization: str) -> frozenset[Permission]:
        """The answer by the rules, where it has not been asked for before."""
        if self._document is None:
            return NOTHING
        path = self._organizations.path(organization)
        if self._owner not in path:
            return self._nothing(organization)
        found = counting(self._document, path)
        if found is None or self._organizations.closed_to(organization, self._owner):
            return self._nothing(organization)
        permissions = self[organization] = self._matrices.permissions(found.levels)
        return permissions

    def _nothing(self, organization: str) -> frozenset[Permission]:
        if len(self) < NOWHERE:
            self[organization] = NOTHING
        return NOTHING


NO_ROLE = Conferral(None, Organizations({}), Matrices({}))
"""What somebody has who is unknown, suspended or without a role: nothing anywhere."""

Acting: TypeAlias = Mapping[str, Mapping[str, Conferral]]
"""What each person's role confers, by the person's organization and name."""


def acting(people: Mapping[Ref, User], conferrals: Mapping[Ref, Conferral]) -> Acting:
    """By what each of these people acts; nothing for one who is suspended, or has no role."""
    found: dict[str, dict[str, Conferral]] = {}
    for ref, user in people.items():
        found.setdefault(ref.namespace, {})[ref.name] = _had(user, conferrals)
    return found


def acting_after(
    before: Acting, people: Mapping[Ref, User], conferrals: Mapping[Ref, Conferral], changed: Collection[Ref]
) -> Acting:
    """The same after these people or their roles have changed, of which only their organizations are made anew."""
    anew = {owner: dict(before.get(owner, {})) for owner in {ref.namespace for ref in changed}}
    for ref in changed:
        if ref in people:
            anew[ref.namespace][ref.name] = _had(people[ref], conferrals)
        else:
            anew[ref.namespace].pop(ref.name, None)
    return {**before, **anew} if anew else before


def _had(user: User | None, conferrals: Mapping[Ref, Conferral]) -> Conferral:
    if user is None or user.spec.suspended or user.spec.role is None:
        return NO_ROLE
    # A plain pair is found like a Ref and made in a tenth of the time, which a hundred thousand people add up to.
    found: Conferral = conferrals.get((user.metadata.namespace, user.spec.role.name), NO_ROLE)  # type: ignore[call-overload]
    return found


def counting(role: AccessRole, path: Sequence[str]) -> RoleEntry | None:
    """The entry of the role that counts for the last organization of the path.

    The organization's own comes first, then the nearest above with `includeDependents`, then `*`;
    None outside of the role's reach: the owner and what depends on it.
    """
    if role.namespace not in path:
        return None
    entries = {one.organization: one for one in role.spec.entries}
    if path[-1] in entries:
        return entries[path[-1]]
    reach = path[path.index(role.namespace) : -1]
    near = next(
        (entries[name] for name in reversed(reach) if name in entries and entries[name].include_dependents), None
    )
    return near or entries.get(EVERYWHERE)
