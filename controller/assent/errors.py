"""The whole error family.

    AssentError            something a person can put right; `hint` says how
    ├── UsageError         the command was called wrongly                       exit code 2
    ├── NotFoundError      what was named is not there                          exit code 1
    ├── RepositoryError    a repository that cannot be read as it must be       exit code 1
    ├── HistoryError       a branch that does not continue what was recorded    exit code 1
    ├── LedgerError        a ledger, key or anchor that cannot be trusted       exit code 1
    │   └── ConflictError  somebody else wrote first; look again                exit code 1
    ├── RunnerError        a runner could not be set up; nothing was started    exit code 1
    ├── MailError          a mail that the mail server did not take, or not yet exit code 1
    └── ClusterError       the API server refused, or did not answer            exit code 1

Whatever else is raised is our bug (exit code 3).
Problems of documents are no errors but `api.findings.Finding` values: all of them are reported at once.
"""

from typing import ClassVar


class AssentError(Exception):
    """A refusal in one sentence, with what to do next.

    Args:
        message: what, where, which value; never a secret.
        hint: what to do next; may be empty where the message says it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(AssentError):
    """The command was called wrongly."""

    exit_code: ClassVar[int] = 2


class NotFoundError(AssentError):
    """What was named is not there."""


class RepositoryError(AssentError):
    """A repository, object or path that cannot be read as it must be."""


class HistoryError(AssentError):
    """A branch that does not continue what the ledger recorded (rules 38 and 39)."""


class LedgerError(AssentError):
    """A ledger, key or anchor that cannot be trusted: nothing is executed on it."""


class ConflictError(LedgerError):
    """A record of this subject exists already: somebody else wrote first."""


class RunnerError(AssentError):
    """A runner could not be set up; nothing was started."""


class MailError(AssentError):
    """The mail server did not take a mail, or not yet.

    Args:
        message: which server, and what it said, never with credentials or a link; up to its first `: ` it stays the
            same for the same fault.
        hint: what to do next.
        passing: whether the same may succeed later with nothing changed: no answer, or a refusal for now (4xx).
        whole: whether no other mail would fare better: the server, the connection or the sender is at fault.
    """

    def __init__(self, message: str, hint: str = "", *, passing: bool = False, whole: bool = False) -> None:
        super().__init__(message, hint)
        self.passing = passing
        self.whole = whole


NOT_FOUND, CONFLICT, UNPROCESSABLE = 404, 409, 422
"""What a ClusterError's status says; a test in a JSON patch that fails comes as unprocessable."""


class ClusterError(AssentError):
    """The API server refused a call, or did not answer.

    Args:
        message: the call, and the server's own sentence.
        hint: what to do next.
        status: the HTTP status; 0: no answer came, so whether the call took effect is not known.
        reason: the server's own word for it, for example `AlreadyExists`.
    """

    def __init__(self, message: str, hint: str = "", *, status: int = 0, reason: str = "") -> None:
        super().__init__(message, hint)
        self.status = status
        self.reason = reason

    @property
    def may_pass(self) -> bool:
        """Whether the same call may succeed later: no answer, another writer, an overload, a token being renewed."""
        return self.status in {0, 401, 408, CONFLICT, 429} or self.status >= 500  # noqa: PLR2004 -- HTTP's own faults
