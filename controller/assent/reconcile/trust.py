"""The first trusted commit: in force as it stands, judged by nobody but whoever names it."""

from assent.api.ledger import NewRecord
from assent.core.intake import Documents
from assent.core.notebook import observation
from assent.core.state import State, fold
from assent.errors import HistoryError
from assent.reconcile.knowledge import restored
from assent.reconcile.protocols import Ledger, Repository


def trusting(repository: Repository, ledger: Ledger, look_up: Documents, commit: str) -> list[NewRecord]:
    """What to append, all at once, so that this commit is trusted; nothing where the ledger has trusted it before.

    Requests in its tree never run, and their names are used. Raises HistoryError where the commit is not of the
    branch, and where the ledger has read further on this very branch: what came since is judged, not trusted.
    """
    roots = {record.body["commit"] for record in ledger.records() if record.kind == "trusted"}
    if commit in roots:
        return []
    state = fold(ledger.records())
    _refuse(repository, state, commit)
    world = restored(repository, State(root=commit, head=commit), look_up).world
    records = [NewRecord("trusted", commit, {"commit": commit})]
    for ident, versions in sorted(repository.snapshot(commit).items()):
        if ident.kind != "Request" or ident.ref in state.cases:
            continue
        document, _ = look_up(versions[0])
        if document is not None and document.kind == "Request":
            record = observation(world, ident.ref, document.spec, None, commit)
            records.append(NewRecord("observed", record.subject, {**record.body, "restarted": True}, once=True))
    return records


def _refuse(repository: Repository, state: State, commit: str) -> None:
    head = repository.head()
    if not _follows(repository, commit, head):
        raise HistoryError(
            f"the branch does not contain {commit}: its head is {head}", "name a commit of the branch itself"
        )
    if state.head and _follows(repository, state.head, head):
        raise HistoryError(
            f"the ledger trusts {state.root} and has judged all up to {state.head}, and the branch goes on from there",
            "leave --trust-root out; another commit is trusted only where the branch was rewritten",
        )


def _follows(repository: Repository, base: str, head: str) -> bool:
    try:
        repository.commits(base, head)
    except HistoryError:
        return False
    return True
