"""Approvers who owe their place to nobody concerned: not to the requester, nor to another approver who counts."""

from collections.abc import Mapping

from assent.api.names import Ident, Ref
from assent.core.access import role_of
from assent.core.world import World


def vouchers(world: World, person: Ref, organization: str) -> frozenset[Ref]:
    """Who last wrote the person's User or any name or key in it, their role, or its entry for the organization."""
    user = world.people.by_ref.get(person)
    role = role_of(user) if user else None
    notes = [world.provenance.get(Ident("User", *person))]
    notes += [world.provenance.get(Ident("AccessRole", *role))] if role else []
    origins = [note.document for note in notes if note]
    names = {f"entry:{name}" for name in (*world.organizations.path(organization), person.namespace, "*")}
    origins += [
        origin
        for note in notes
        if note
        for part, origin in note.parts.items()
        if part in names or part.startswith(("name:", "key:"))
    ]
    return frozenset(origin.author for origin in origins if origin.author) - {person}


def independent(vouched: Mapping[Ref, frozenset[Ref]], requester: Ref | None) -> frozenset[Ref]:
    """Those of the people who count, each given with whoever vouched for them.

    Whom the requester vouched for never counts. Anybody else counts once nobody who vouched for them does, so that
    whoever does not count costs nobody their place; of people who vouched for each other in a circle nobody counts.
    """
    others = {one: (some & vouched.keys()) - {one} for one, some in vouched.items()}
    out = {one for one, some in vouched.items() if requester in some - {one}}
    counted: set[Ref] = set()
    while new := {one for one, some in others.items() if one not in counted | out and some <= out}:
        counted |= new
        out |= {one for one, some in others.items() if some & counted}
    return frozenset(counted)
