"""What the operator is started with: each field is an option of `assent operator`, with its help and its default."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from assent.adapters import logs
from assent.api.base import DURATION, seconds
from assent.errors import UsageError

Owners = list[str] | None


@dataclass(frozen=True, kw_only=True)
class Options:
    """The operator's options; every replica has the same."""

    kubeconfig: Annotated[Path | None, typer.Option("--kubeconfig", metavar="FILE", help="Default: the pod's.")] = None
    context: Annotated[str, typer.Option("--context", metavar="NAME", help="A context of the kubeconfig.")] = ""
    namespace: Annotated[str, typer.Option("--namespace", help="The operator's own namespace.")] = "assent-system"
    ledger: Annotated[
        str, typer.Option("--ledger", metavar="FILE|URL", help="SQLite for one replica, PostgreSQL for more.")
    ] = "/var/lib/assent/ledger.sqlite"
    ledger_key: Annotated[Path, typer.Option("--ledger-key", metavar="FILE", help="The ledger's key.")] = field(
        default=Path("/etc/assent/ledger.key")
    )
    new_ledger: Annotated[bool, typer.Option("--new-ledger", help="Start anew, although there was one.")] = False
    confirm_restored: Annotated[
        bool, typer.Option("--confirm-restored", help="Go on after the API server was restored from a backup.")
    ] = False
    secrets: Annotated[Path | None, typer.Option("--secrets", metavar="DIR", help="DIR/<organization>/<name>.")] = None
    allow_secrets: Annotated[
        Owners, typer.Option("--allow-secrets", metavar="OWNER", help="Whose microservices may get others' secrets.")
    ] = None
    allow_url: Annotated[
        Owners,
        typer.Option("--allow-url", metavar="OWNER=PREFIX", help="URLs that an owner's microservices may call."),
    ] = None
    allow_service_account: Annotated[
        Owners,
        typer.Option("--allow-service-account", metavar="OWNER=NAME", help="Accounts that an owner's Jobs may use."),
    ] = None
    bootstrap_group: Annotated[
        str, typer.Option("--bootstrap-group", metavar="GROUP", help="Writes until somebody governs the Platform.")
    ] = ""
    canary_account: Annotated[
        str, typer.Option("--canary-account", metavar="NAME", help="The service account that tries the policies.")
    ] = "assent-canary"
    webhook_host: Annotated[str, typer.Option("--webhook-host", help="The address to serve it on; default: all.")] = ""
    webhook_port: Annotated[int, typer.Option("--webhook-port", min=1, max=65535, help="Its port.")] = 9443
    webhook_name: Annotated[
        Owners,
        typer.Option("--webhook-name", metavar="HOST", help="A name of its certificate; default: the Service's."),
    ] = None
    webhook_certs: Annotated[
        Path | None,
        typer.Option("--webhook-certs", metavar="DIR", help="tls.crt and tls.key; default: made and renewed here."),
    ] = None
    webhook_configuration: Annotated[
        str, typer.Option("--webhook-configuration", metavar="NAME", help="The configuration that trusts it.")
    ] = "assent-ceiling"
    http_host: Annotated[str, typer.Option("--http-host", help="For /healthz, /readyz, /metrics.")] = "127.0.0.1"
    http_port: Annotated[int, typer.Option("--http-port", min=0, max=65535, help="Its port.")] = 8080
    resync: Annotated[float, typer.Option("--resync", min=1, help="Seconds between two looks at everything.")] = 60.0
    keep: Annotated[str, typer.Option("--keep", help="How long ended requests stay: 90d, or forever.")] = "90d"
    no_elect: Annotated[bool, typer.Option("--no-elect", help="Act without the Lease.")] = False
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Calls at once.")] = 4
    log: Annotated[logs.Style, typer.Option("--log", help="How its log looks.")] = logs.Style.AUTO

    @property
    def kept(self) -> int | None:
        """Seconds for which ended requests stay; None: for ever.

        Raises:
            UsageError: it is no duration.
        """
        if self.keep == "forever":
            return None
        if not re.fullmatch(DURATION, self.keep):
            raise UsageError(f"--keep {self.keep!r} is no duration", "for example 90d, or forever")
        return seconds(self.keep)

    @property
    def webhook_names(self) -> tuple[str, ...]:
        """The names by which the API server calls the webhook."""
        return tuple(self.webhook_name or [f"assent-webhook.{self.namespace}.svc"])
