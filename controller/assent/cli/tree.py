"""`assent tree`: the organizations as they depend on each other, with what is broken and how much each owns."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from assent.api.kinds import MODELS
from assent.api.names import CLUSTER_KINDS
from assent.cli import clusters, output, worlds
from assent.cli.clusters import Cluster
from assent.cli.options import HERE, InContext, KubeConfig, LedgerFile, LedgerKey, Output, Where
from assent.cli.output import Format
from assent.cli.worlds import Declared
from assent.core.organizations import Organizations

if TYPE_CHECKING:
    from rich.tree import Tree

OWNED = {kind: f"{kind[:1].lower()}{kind[1:]}s" for kind in MODELS if kind not in CLUSTER_KINDS}
"""What an organization owns: kind to the field that counts it."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One organization; `state` is Ready or Broken, and `because` says what is broken in its line."""

    name: str
    type: str
    state: str
    because: str
    counts: dict[str, int]
    organizations: tuple["Branch", ...]


def tree(
    *,
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    form: Output = Format.TABLE,
) -> None:
    """Show the tree of organizations: what each is, what it owns, and which lines are broken.

    Examples: `assent tree`, `assent tree -C policies -C examples/01-automate`, `assent tree -o json`.
    """
    cluster = clusters.meant(file, context, kubeconfig)
    found = _held(cluster) if cluster else worlds.load(places, file, key)
    branches = list(grown(found))
    if not branches:
        _nothing([] if cluster else places)
    if form is Format.TABLE:
        _draw(branches)
    else:
        output.data({"organizations": [asdict(one) for one in branches]}, form)


def _nothing(places: list[str]) -> None:
    from assent.cli import views  # noqa: PLC0415 -- brings the reader of requests, which a tree has no need of

    output.note("there are no organizations")
    if hint := views.beyond(places):
        output.note(f"hint: {hint}")


def _held(cluster: Cluster) -> Declared:
    from assent.cli import cluster_views  # noqa: PLC0415 -- brings the reader of documents

    return cluster_views.tree(cluster)


def grown(found: Declared) -> Iterator[Branch]:
    """The roots, then what hangs on a parent that does not exist, then cycles; each organization stands once."""
    organizations = found.world.organizations
    counts = owned(found)
    seen: set[str] = set()

    def branch(name: str) -> Branch:
        seen.add(name)
        below = tuple(branch(child) for child in organizations.children.get(name, ()) if child not in seen)
        because = organizations.broken(name)
        kind = organizations.by_name[name].spec.type
        return Branch(name, kind, "Broken" if because else "Ready", because, counts.get(name, {}), below)

    for name in _starts(organizations):
        if name not in seen:
            yield branch(name)


def _starts(organizations: Organizations) -> Iterable[str]:
    """Roots, orphans, and then all the others, of which only those in a cycle have not been reached by then."""
    names = sorted(organizations.by_name)
    parents = {name: organizations.by_name[name].spec.parent for name in names}
    roots = [name for name in names if parents[name] is None]
    orphans = [name for name in names if parents[name] and parents[name] not in parents]
    return [*roots, *orphans, *names]


def owned(found: Declared) -> dict[str, dict[str, int]]:
    """How many documents of each kind an organization owns, kinds that it owns none of left out."""
    counted: dict[str, Counter[str]] = {}
    declared = [(one.namespace, one.kind) for one in found.world.idents() if one.namespace]
    for organization, kind in [*declared, *((one.namespace, "Request") for one in found.requests)]:
        counted.setdefault(organization, Counter())[OWNED[kind]] += 1
    return {name: {field: count[field] for field in OWNED.values() if count[field]} for name, count in counted.items()}


def _spoken(field: str, count: int) -> str:
    """`enabledMicroservices`, 2 → `2 enabled microservices`."""
    words = re.sub("(?=[A-Z])", " ", field).lower()
    return f"{count} {words if count > 1 else words.removesuffix('s')}"


def _draw(branches: list[Branch]) -> None:
    from rich.text import Text  # noqa: PLC0415 -- loaded when it is asked for
    from rich.tree import Tree  # noqa: PLC0415 -- the same

    def hang(tree: "Tree", one: Branch) -> None:
        counts = ", ".join(_spoken(field, count) for field, count in one.counts.items())
        about = "  ".join(part for part in (one.type, counts) if part)
        label = Text.assemble((output.safe(one.name), "bold"), f"  {about}")
        if one.because:
            label.append(f"  broken: {output.safe(one.because)}", "red")
        within = tree.add(label)
        for below in one.organizations:
            hang(within, below)

    root = Tree("", hide_root=True)
    for one in branches:
        hang(root, one)
    output.console().print(root)
