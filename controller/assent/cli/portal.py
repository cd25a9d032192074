"""`assent portal`: the panel, beside the controller whose ledger it shares; until it is stopped."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assent.cli import ledgers, repositories
from assent.cli.taking import takes
from assent.errors import UsageError
from assent.portal.options import Options

if TYPE_CHECKING:
    from assent.portal.doors import Door


@takes(Options)
def portal(**given: Any) -> None:  # noqa: ANN401 -- each option has its own type (`Options`)
    """Serve the panel: people open requests and decide, in the browser and from mails.

    To try it out beside a controller: `assent portal -C . --demo-login`.
    With people of your own: `assent portal --public-url https://assent.example --oidc-issuer https://id.example
    --oidc-client-id assent --oidc-client-secret-file oidc.secret --smtp mail.example:587
    --mail-from assent@example.org`.
    """
    options = Options(**given)
    try:
        from assent.portal import serving  # noqa: PLC0415 -- brings the web framework
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the package {error.name!r} is not installed", "in its sources: pip install '.[portal]'"
        ) from error
    with serving.prepared(options) as ready, _door(options) as door:
        serving.serve(ready, door)


@contextmanager
def _door(options: Options) -> "Iterator[Door]":
    if options.in_cluster:
        from assent.portal.at_cluster import Where, opened  # noqa: PLC0415 -- brings the client of the API server

        where = Where(options.context, options.kubeconfig, options.namespace, options.ledger, options.ledger_key)
        with opened(where) as door:
            yield door
        return
    from assent.adapters.git import workspace  # noqa: PLC0415 -- needed for a repository alone
    from assent.portal.git_door import GitDoor  # noqa: PLC0415 -- the same

    space = workspace.find(Path(options.place))
    with (
        repositories.opened(options.place, options.branch) as branch,
        ledgers.opened([options.place], options.ledger, options.ledger_key, read_only=False) as ledger,
    ):
        yield GitDoor(branch, ledger, space, push=options.push)
