"""`assent ledger`: the history, and the proof that nobody changed it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.api.ledger import Record
from assent.api.records import KINDS, item, stamp
from assent.cli import clusters, ledgers, output
from assent.cli.options import HERE, InContext, KubeConfig, LedgerFile, LedgerKey, Output, Where
from assent.cli.output import Format
from assent.errors import UsageError

if TYPE_CHECKING:
    from assent.adapters.ledger.anchorage import Anchorage

WIDTH = 300
"""Characters of a record that the table shows."""

ledger = typer.Typer(add_completion=False, no_args_is_help=True, help="Show the history, and prove it.")


@ledger.command()
def show(  # noqa: PLR0913 -- an option each
    subject: Annotated[str, typer.Argument(help="A request (acme/vdi), an execution or a commit; left out: all.")] = "",
    *,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Records of this kind; may be repeated.")] = None,
    organization: Annotated[str, typer.Option("--organization", "-n", metavar="ORG", help="One organization's.")] = "",
    last: Annotated[int, typer.Option("--last", min=0, help="The newest N records; 0: all.")] = 0,
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
    form: Output = Format.TABLE,
) -> None:
    """Show what was observed, decided, claimed and ended, each record proven as it is read.

    Examples: `assent ledger show acme/vdi`, `assent ledger show --kind decided --last 20 -o json`.
    """
    unknown = sorted(set(kind or ()) - set(KINDS))
    if unknown:
        raise UsageError(output.unknown("kind of record", unknown[0], KINDS), f"known are {', '.join(KINDS)}")
    with ledgers.opened(places, file, key, read_only=True, anchor=_anchor(file, context, kubeconfig)) as found:
        records = [one for one in found.records(kinds=kind) if _asked(one, subject, organization)]
    records = records[-last:] if last else records
    items = [item(one) for one in records]
    columns = {
        "number": [str(one.sequence) for one in records],
        "time": [stamp(one.at) for one in records],
        "kind": [one.kind for one in records],
        "about": [_short(one.subject) for one in records],
        "what": [_what(one) for one in records],
    }
    output.listing(items, columns, form, empty="no record matches")


@ledger.command()
def verify(
    *,
    places: Where = HERE,
    file: LedgerFile = "",
    key: LedgerKey = None,
    context: InContext = "",
    kubeconfig: KubeConfig = None,
) -> None:
    """Prove every record: that none was edited, dropped, reordered, added by hand or cut off the end.

    Ends with 0 where all is as it was written; with 1, and the first record that is wrong, where it is not.
    An operator's ledger is anchored in its cluster, so it is named with the ledger:
    `assent ledger verify --ledger postgresql://… --ledger-key FILE --context NAME`.
    """
    with ledgers.opened(places, file, key, read_only=True, anchor=_anchor(file, context, kubeconfig)) as found:
        verified = found.verify()
        output.line(
            f"{found.where}: {verified.length} records, each as it was written; head {verified.head[:16]}", "green"
        )


def _anchor(file: str, context: str, kubeconfig: Path | None) -> "Anchorage | None":
    """Where an operator's ledger is anchored: in the cluster named, or around this pod; None: beside its key."""
    if not (context or kubeconfig or (file and clusters.IN_POD.is_file())):
        return None
    if not file:
        raise UsageError("--context and --kubeconfig say where a ledger is anchored, not which one", "add --ledger")
    api = clusters.Cluster.connect(context, kubeconfig).api
    from assent.adapters.kube.anchors import ConfigMapAnchor  # noqa: PLC0415 -- needed with a cluster alone

    return ConfigMapAnchor(api, "assent-system")


def _asked(record: Record, subject: str, organization: str) -> bool:
    about = record.body.get("request", record.subject)
    return (not subject or subject in (record.subject, about)) and (
        not organization or str(about).startswith(f"{organization}/")
    )


def _short(subject: str) -> str:
    """A commit or execution by its first digits; a request whole."""
    return subject if "/" in subject else subject[:12]


def _what(record: Record) -> str:
    """The record in a few words."""
    body = record.body
    said: dict[str, Callable[[], str]] = {
        "configured": lambda: ", ".join(_change(one) for one in body["changes"]),
        "observed": lambda: f"{body['spec']['microservice']['name']} for {body['spec']['requester']}",
        "decided": lambda: _decided(body),
        "validated": lambda: body["digest"][:16],
        "claimed": lambda: body["digest"][:16],
        "acted": lambda: body["target"] or body["request"],
        "recorded": lambda: f"{body['state']}: {body['message']}",
        "ended": lambda: f"{body['phase']}: {body['message']}",
        "refused": lambda: f"{body['reason']}: {body['message']}",
        "held": lambda: f"{body['reason']}: {body['message']}",
        "proven": lambda: f"by {body['provenBy']}",
    }
    return said[record.kind]()[:WIDTH] if record.kind in said else ""


def _decided(body: dict[str, Any]) -> str:
    by = f" by {body['person']}" if body.get("person") else ""
    but = f", not counted: {body['because']}" if body.get("because") else ""
    return f"{body.get('verb', 'unreadable')}{by}{but}"


def _change(one: dict[str, object]) -> str:
    refused = one.get("refused")
    word = f" refused, {refused['reason']}: {refused['message']}" if isinstance(refused, dict) else ""
    return f"{one['document']}{word}"
