"""What pages raise where there is nothing to show, and what each refusal of ours is answered with."""

from http import HTTPStatus

from assent.errors import AssentError, ClusterError, ConflictError, LedgerError, NotFoundError, UsageError

STATUSES: tuple[tuple[type[AssentError], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (UsageError, HTTPStatus.BAD_REQUEST),
    (ConflictError, HTTPStatus.CONFLICT),
    (ClusterError, HTTPStatus.BAD_GATEWAY),
    (LedgerError, HTTPStatus.BAD_GATEWAY),
    (AssentError, HTTPStatus.UNPROCESSABLE_ENTITY),
)
"""What a refusal is answered with: the first that fits."""


class MissingError(Exception):
    """There is no such page, or not for this person: both are answered alike."""


def status_of(error: AssentError) -> HTTPStatus:
    """The status of the answer to this refusal."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))
