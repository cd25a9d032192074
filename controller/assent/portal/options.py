"""What the panel is started with: each field is an option of `assent portal`, with its help and its default."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from assent.adapters import logs

List = list[str] | None


class Security(StrEnum):
    """How a mail server is spoken to."""

    STARTTLS = "StartTLS"
    TLS = "TLS"
    PLAIN = "Plain"


@dataclass(frozen=True, kw_only=True)
class Options:
    """The panel's options."""

    place: Annotated[str, typer.Option("-C", metavar="PATH", help="The panel's work tree of the repository.")] = "."
    branch: Annotated[str, typer.Option("--branch", metavar="B", help="The branch to follow; default: HEAD's.")] = ""
    push: Annotated[
        bool,
        typer.Option("--push", help="Push each commit; the work tree is the panel's alone, and follows its remote."),
    ] = False
    ledger: Annotated[str, typer.Option("--ledger", metavar="FILE|URL", help="The controller's ledger.")] = ""
    ledger_key: Annotated[Path | None, typer.Option("--ledger-key", metavar="FILE", help="The ledger's key.")] = None
    context: Annotated[str, typer.Option("--context", metavar="NAME", help="A cluster instead of a repository.")] = ""
    kubeconfig: Annotated[Path | None, typer.Option("--kubeconfig", metavar="FILE", help="The same, by a file.")] = None
    namespace: Annotated[str, typer.Option("--namespace", help="The operator's namespace.")] = "assent-system"
    host: Annotated[str, typer.Option("--host", help="The address to serve on.")] = "127.0.0.1"
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Its port; 0: a free one.")] = 8080
    public_url: Annotated[
        str, typer.Option("--public-url", metavar="URL", help="How people reach it; default: where it serves.")
    ] = ""
    trusted_proxy: Annotated[
        List, typer.Option("--trusted-proxy", metavar="ADDRESS", help="A proxy whose X-Forwarded-For counts.")
    ] = None
    secret_file: Annotated[
        Path | None,
        typer.Option("--secret-file", metavar="FILE", help="The key of cookies and links; made at first use."),
    ] = None
    oidc_issuer: Annotated[str, typer.Option("--oidc-issuer", metavar="URL", help="The OpenID provider.")] = ""
    oidc_client_id: Annotated[str, typer.Option("--oidc-client-id", metavar="ID", help="The panel's id there.")] = ""
    oidc_client_secret_file: Annotated[
        Path | None,
        typer.Option("--oidc-client-secret-file", metavar="FILE", help="Its secret; none: a public client."),
    ] = None
    oidc_claim: Annotated[str, typer.Option("--oidc-claim", metavar="CLAIM", help="The claim that names people.")] = (
        "email"
    )
    oidc_scope: Annotated[List, typer.Option("--oidc-scope", metavar="S", help="Default: openid and email.")] = None
    oidc_api_audience: Annotated[
        str, typer.Option("--oidc-api-audience", metavar="A", help="The audience of API tokens; default: the client.")
    ] = ""
    oidc_ca_file: Annotated[
        Path | None, typer.Option("--oidc-ca-file", metavar="FILE", help="Who signed the provider's certificate.")
    ] = None
    demo_login: Annotated[
        bool, typer.Option("--demo-login", help="Sign in by choosing from a list: on loopback only, to try it out.")
    ] = False
    session_hours: Annotated[int, typer.Option("--session-hours", min=1, max=72, help="How long a sign-in lasts.")] = 8
    requests_per_hour: Annotated[
        int, typer.Option("--requests-per-hour", min=0, help="Requests that one person may open; 0: any number.")
    ] = 30
    mails_per_hour: Annotated[
        int, typer.Option("--mails-per-hour", min=0, help="Mails to one person; others wait. 0: any number.")
    ] = 60
    smtp: Annotated[str, typer.Option("--smtp", metavar="HOST:PORT", help="The mail server; none: no mails.")] = ""
    smtp_security: Annotated[
        Security, typer.Option("--smtp-security", help="How it is spoken to; Plain on loopback only.")
    ] = Security.STARTTLS
    smtp_credentials: Annotated[
        Path | None,
        typer.Option("--smtp-credentials", metavar="FILE|DIR", help="Username and password: two lines, or two files."),
    ] = None
    smtp_ca_file: Annotated[
        Path | None, typer.Option("--smtp-ca-file", metavar="FILE", help="Who signed its certificate.")
    ] = None
    mail_from: Annotated[str, typer.Option("--mail-from", metavar="ADDRESS", help="Who the mails are from.")] = ""
    http_host: Annotated[str, typer.Option("--http-host", help="For /healthz, /readyz, /metrics.")] = "127.0.0.1"
    http_port: Annotated[int, typer.Option("--http-port", min=0, max=65535, help="Its port.")] = 8081
    log: Annotated[logs.Style, typer.Option("--log", help="How its log looks.")] = logs.Style.AUTO

    @property
    def in_cluster(self) -> bool:
        """Whether the panel stands at a cluster."""
        return bool(self.context or self.kubeconfig) or IN_POD.is_file()


IN_POD = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
"""What every pod has whose service account may speak to the API server."""
