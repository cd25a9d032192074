"""Kind Module: a permission matrix as data, one row per functionality and action."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from assent.api.base import LISTED, Label, Line128, Model, PascalName, Resource, twice


class Condition(Model):
    """Holds where the same user has one of exactly these levels of another module in the same organization."""

    module: Label
    levels: Annotated[tuple[PascalName, ...], Field(max_length=32, min_length=1), LISTED]


class Grant(Model):
    """A level that the row admits, perhaps under a condition."""

    level: PascalName
    when: Condition | None = None


class Permission(Model):
    """One row: who may do `action` on `functionality`; `source` is the row's provenance."""

    functionality: Line128
    action: Line128
    source: Line128 | None = None
    grants: Annotated[tuple[Grant, ...], Field(max_length=16), LISTED]


class Level(Model):
    """A level that roles give; levels compare by the permissions they hold, never by their order."""

    name: PascalName
    description: Line128 | None = None


class ModuleSpec(Model):
    """The levels and rows of one module."""

    display_name: Line128 | None = None
    levels: Annotated[tuple[Level, ...], Field(max_length=32, min_length=1), LISTED]
    permissions: Annotated[tuple[Permission, ...], Field(max_length=512, min_length=1), LISTED]

    @model_validator(mode="after")
    def _rows_name_levels_and_stand_once(self) -> Self:
        """A row stands once and admits only levels that the module has."""
        names = [level.name for level in self.levels]
        again = twice(names)
        if again:
            raise ValueError(f"the level {again!r} stands twice in `levels`; keep one")
        row_again = twice((row.functionality, row.action) for row in self.permissions)
        if row_again:
            raise ValueError(f"the row {' '.join(row_again)!r} stands twice in `permissions`; keep one")
        unknown = {grant.level for row in self.permissions for grant in row.grants} - set(names)
        if unknown:
            raise ValueError(f"a row grants to {min(unknown)!r}, which is none of `levels` ({', '.join(names)})")
        return self


class Module(Resource):
    """A permission matrix."""

    kind: Literal["Module"] = "Module"
    spec: ModuleSpec
