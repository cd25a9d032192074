"""`assent operator`: the controller of cluster mode. Watches, decides, runs Jobs; until it is stopped."""

import os
from typing import Any

import typer

from assent.adapters import memory
from assent.cli import runners
from assent.cli.run import crossings
from assent.cli.taking import takes
from assent.cluster.options import Options
from assent.errors import UsageError


@takes(Options)
def operator(**given: Any) -> None:  # noqa: ANN401 -- each option has its own type (`Options`)
    """Reconcile a cluster: hold requests until they are approved, run them once as Jobs.

    In a pod it needs no option but where its ledger and key are; outside of one:
    `assent operator --kubeconfig ./operator.config --ledger ./ledger.sqlite --ledger-key ./ledger.key`.
    That kubeconfig has to be the account's that the chart makes for it, `assent-operator` in `assent-system` (a token:
    `kubectl create token assent-operator -n assent-system`): admission lets nobody else write a status, administrators
    neither.
    """
    memory.give_back()
    options = Options(**given)
    _ = options.kept  # refused before anything is reached
    accounts = runners.by_owner(
        "--allow-service-account", "OWNER=NAME", "platform=automation", options.allow_service_account or []
    )
    chosen = runners.everywhere(options.secrets, options.allow_url or [], options.allow_secrets or [])
    try:
        from assent.adapters.kube.api import Api  # noqa: PLC0415 -- brings kopf and the client: half a second
        from assent.adapters.kube.jobs import JobRunner  # noqa: PLC0415 -- the same
        from assent.cluster import operating  # noqa: PLC0415 -- the same
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the package {error.name!r} is not installed", "in its sources: pip install '.[cluster]'"
        ) from error
    api = Api.connect(options.kubeconfig, options.context)
    job = JobRunner(api, trusted=options.allow_secrets or [], service_accounts=accounts)
    opened, old = operating.anchored(api, options)
    with opened:
        one = operating.Operator(api, (opened, old), options, chosen, {"job": job}, crossings(os.environ))
        raise typer.Exit(one.run())
