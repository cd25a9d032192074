"""What an author may do and may give, judged in the world before the change.

An organization's first day is included: who acts for it while nobody can, and what they may give there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from assent.api.names import Ref
from assent.api.organizations import Organization
from assent.api.people import User
from assent.core.access import held
from assent.core.organizations import Organizations
from assent.core.permissions import Permission
from assent.core.world import World

FOUNDING = Permission("portal", "Organizations", "Create")
"""Whoever holds this in an organization brings up what depends on it (in the Platform: what depends on nothing)."""

GOVERNS = frozenset(
    Permission("portal", functionality, action)
    for functionality in ("Roles", "Users")
    for action in ("Create", "Modify")
)
"""Whoever holds all of these in an organization governs it: they write its roles and users, so nobody acts for it."""

Power = frozenset[Permission]


@dataclass(frozen=True)
class Authority:
    """One author's rights and ceiling; `after` says where organizations hang that the change itself makes."""

    before: World
    after: Organizations
    author: Ref
    at: datetime
    keys_matter: bool = True

    @cached_property
    def _sponsors(self) -> dict[str, str | None]:
        return {}

    def may(self, permission: Permission, organization: str) -> bool:
        """Whether the author holds the right that governs a document there, or acts for it on its first day."""
        return permission in self._held(organization) or self.sponsor(organization) is not None

    def ceiling(self, organization: str) -> Power:
        """All that the author may give there."""
        sponsor = self.sponsor(organization)
        if sponsor is None:
            return self._held(organization)
        above = self._held(sponsor) if self._known(sponsor) else self.ceiling(sponsor)
        return self._held(organization) | above

    def sponsor(self, organization: str) -> str | None:
        """On its first day, the organization as whose founder the author acts there; otherwise None."""
        if organization not in self._sponsors:
            self._sponsors[organization] = self._find_sponsor(organization)
        return self._sponsors[organization]

    def _find_sponsor(self, organization: str) -> str | None:
        document = self._standing(organization)
        if document is None or not self.first_day(organization):
            return None
        above = document.spec.parent or self.before.organizations.platform
        closed = document.spec.type == "Client" and document.spec.partner_access == "Denied" and document.spec.parent
        return above if above and above != organization and not closed and self._founds(above) else None

    def _founds(self, above: str) -> bool:
        """Founders hold the right, or make the organization above by the same change, as whose founders they act."""
        return FOUNDING in self._held(above) if self._known(above) else self.sponsor(above) is not None

    def _held(self, organization: str) -> Power:
        return held(self.before, self.author, organization)

    def _known(self, organization: str) -> bool:
        return organization in self.before.organizations.by_name

    def _standing(self, organization: str) -> Organization | None:
        """The organization as it is in force, else as the change makes it; None where its line is broken."""
        tree = self.before.organizations if self._known(organization) else self.after
        return tree.by_name[organization] if tree.path(organization) else None

    def first_day(self, organization: str) -> bool:
        """Whether it does not exist yet, or nobody is there to govern it: no Human holds the rights to do so in it.

        What no level grants is not asked for: a row that comes or goes elsewhere opens no organization to those above.
        """
        needed = GOVERNS & self.before.matrices.every
        return not any(held(self.before, person, organization) >= needed for person in self._able(organization))

    def _able(self, organization: str) -> Iterator[Ref]:
        """The people whose roles may reach the organization: Humans, and where keys matter with one that is good."""
        people = self.before.people
        for owner in self.before.organizations.path(organization):
            yield from (one for one in people.members.get(owner, ()) if self._acts(people.by_ref[one]))

    def _acts(self, user: User) -> bool:
        keyed = not self.keys_matter or any(key.valid(self.at) for key in user.spec.signing_keys)
        return keyed and user.spec.type == "Human"
