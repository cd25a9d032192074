"""The permission matrices: what levels come to.

A level is worth the set of permissions it holds, never a number: neither of L1 and L2ReadOnly holds the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from assent.api.modules import Grant, Module
from assent.api.modules import Permission as Row


class Permission(NamedTuple):
    """One thing that may be done."""

    module: str
    functionality: str
    action: str

    def __str__(self) -> str:
        """`portal: Users Create`, as messages write it."""
        return f"{self.module}: {self.functionality} {self.action}"


APPROVE = Permission("automate", "Requests", "Approve")
CANCEL = Permission("automate", "Requests", "Cancel")
CREATE = Permission("automate", "Requests", "Create")

Levels = tuple[tuple[str, str], ...]
"""Level by module, sorted: the key under which permission sets are kept."""


@dataclass(frozen=True)
class Matrices:
    """All modules by name, and the permission set of every combination of levels that was asked for."""

    by_name: Mapping[str, Module]

    @cached_property
    def _kept(self) -> dict[Levels, frozenset[Permission]]:
        return {}

    @cached_property
    def rows(self) -> Mapping[Permission, Row]:
        """Every row of every module."""
        return {
            Permission(name, row.functionality, row.action): row
            for name, module in self.by_name.items()
            for row in module.spec.permissions
        }

    @cached_property
    def every(self) -> frozenset[Permission]:
        """Every permission that somebody could hold: a row without grants is nobody's."""
        return frozenset(permission for permission, row in self.rows.items() if row.grants)

    def permissions(self, levels: Mapping[str, str]) -> frozenset[Permission]:
        """What these levels, held together in one organization, come to; levels of unknown modules come to nothing."""
        wanted = tuple(sorted(levels.items()))
        found = self._kept.get(wanted)
        if found is None:
            found = frozenset(
                permission for permission, row in self.rows.items() if self.granted(permission.module, row, levels)
            )
            self._kept[wanted] = found
        return found

    @staticmethod
    def granted(module: str, row: Row, levels: Mapping[str, str]) -> Grant | None:
        """The grant of the row by which these levels have it, an unconditional one first; None where none does."""
        level = levels.get(module)
        fitting = [grant for grant in row.grants if grant.level == level and _holds(grant, levels)]
        return min(fitting, key=lambda grant: grant.when is not None, default=None)


def _holds(grant: Grant, levels: Mapping[str, str]) -> bool:
    return grant.when is None or levels.get(grant.when.module) in grant.when.levels
