"""The tree of organizations."""

from collections.abc import Iterator

from assent.core.checks.fault import Fault, View, some
from assent.core.organizations import PARENT_TYPES
from assent.core.references import organization


def one_platform(view: View) -> Iterator[Fault]:
    """There is exactly one Platform where there is any organization."""
    names = sorted(view.world.organizations.by_name)
    platforms = [name for name in names if view.world.organizations.by_name[name].spec.type == "Platform"]
    if names and not platforms and not view.unsure("Organization"):
        text = "is in a world without an Organization of type Platform: no products, no shared catalogue or flows"
        hint = "declare one; policies/platform.yaml is ready to copy"
        yield Fault("platform-missing", organization(names[0]), (), text, hint)
    if len(platforms) > 1:
        text = f"is one of {len(platforms)} Platforms: {some(platforms)}; nobody acts as the Platform"
        for name in platforms:
            yield Fault("platform-twice", organization(name), ("spec", "type"), text, "keep one")


def parents_lead_up(view: View) -> Iterator[Fault]:
    """Every parent is of the type that its child needs; one that is missing is a missing reference."""
    tree = view.world.organizations.by_name
    circling = {name for circle in _circles(view) for name in circle}
    for name, one in sorted(tree.items()):
        parent = one.spec.parent
        above = tree.get(parent) if parent and name not in circling else None
        wanted = PARENT_TYPES.get(one.spec.type)
        if above and above.spec.type != wanted:
            text = f"is {parent}, a {above.spec.type}; a {one.spec.type} needs a {wanted}"
            yield Fault("organization-parent-type", organization(name), ("spec", "parent"), text, "name another parent")


def no_parents_in_a_circle(view: View) -> Iterator[Fault]:
    """Nobody is their own ancestor."""
    for circle in _circles(view):
        for at, name in enumerate(circle):
            line = " → ".join([*circle[at:], *circle[: at + 1]])
            text = f"leads back to {name}: {line}; nothing is allowed there or below"
            yield Fault("organization-cycle", organization(name), ("spec", "parent"), text, "name another parent")


def _circles(view: View) -> Iterator[list[str]]:
    """Every circle of parents, each told once, from its first name on."""
    tree = view.world.organizations.by_name
    done: set[str] = set()
    for name in sorted(tree):
        line: dict[str, None] = {}
        here: str | None = name
        while here is not None and here in tree and here not in done and here not in line:
            line[here] = None
            here = tree[here].spec.parent
        done.update(line)
        if here in line:
            names = [*line]
            yield names[names.index(here) :]
