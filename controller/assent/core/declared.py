"""What is declared, as objects: the world that they make."""

from collections.abc import Mapping

from assent.api.holdings import Objects, differing
from assent.api.kinds import AnyKind
from assent.api.names import Ident
from assent.core.versions import Written
from assent.core.world import World


def world_of(world: World, before: Objects, held: Objects, written: Mapping[Ident, Written]) -> World:
    """The world of these objects, made from the one of other objects; the same where nothing differs."""
    changes: dict[Ident, AnyKind | None] = {}
    for ident in differing(before, held):
        old, new = before.get(ident), held.get(ident)
        if new is None or old is None or old.version != new.version or not new.version.digest:
            changes[ident] = new.document if new else None
    if not changes:
        return world
    notes = {ident: written[ident].provenance for ident in changes if ident in written}
    return world.changed(changes).written(notes)
