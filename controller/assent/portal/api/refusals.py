"""What programs are told where something is wrong: problem details (RFC 9457), each with what, where and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from assent.api.problems import closest, shown
from assent.errors import AssentError, NotFoundError
from assent.portal.api.shapes import Answer
from assent.portal.bearer import ApiError, problem
from assent.portal.refusals import MissingError, status_of

MISSING: Final = "there is nothing of this name, or it is not yours to see"
WHERE_TO_LOOK: Final = "GET /api/v1/organizations lists what you reach, and GET /api/v1/requests what you see"
CONTRACT: Final = "GET /api/v1/openapi.json says what is taken here"
BROKEN: Final = "something went wrong here, and has been logged; whether anything came of it, a look will tell"

Place = Literal["body", "query", "path", "header"]


class ErrorItem(Answer):
    """One thing that is wrong with what was sent."""

    where: Annotated[Place, Field(description="The part of what was sent.")]
    pointer: Annotated[str, Field(description="The place in it, as a JSON pointer (RFC 6901); empty: all of it.")]
    detail: Annotated[str, Field(description="What is wrong, in a sentence.")]
    value: Annotated[str, Field(description="The value that was refused, escaped and cut; never a secret's.")] = ""
    hint: Annotated[str, Field(description="What to do next.")] = ""


class Problem(Answer):
    """Why something was not done (RFC 9457, application/problem+json)."""

    type: Annotated[str, Field(description="Always `about:blank`: the status says the sort.")]
    title: Annotated[str, Field(description="The status in words.")]
    status: Annotated[int, Field(description="The HTTP status.", ge=400, le=599)]
    detail: Annotated[str, Field(description="What is wrong, in a sentence.")]
    word: Annotated[str, Field(description="A stable word for programs, such as `DigestStale`.")] = ""
    hint: Annotated[str, Field(description="What to do next.")] = ""
    instance: Annotated[str, Field(description="The path that was asked for.")] = ""
    errors: Annotated[
        list[ErrorItem], Field(description="Everything that is wrong with what was sent.", default_factory=list)
    ]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: where, what, with which value (None: not repeated), and what to do."""

    where: Place
    path: tuple[str | int, ...]
    message: str
    value: Any = None
    hint: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong with what."""
        return f"{'.'.join(map(str, self.path)) or f'the {self.where}'}: {self.message}"

    @property
    def plain(self) -> dict[str, str]:
        """As it is told."""
        found = {"where": self.where, "pointer": pointer(self.path), "detail": self.message}
        found |= {"value": shown(self.value)} if self.value is not None else {}
        return found | ({"hint": self.hint} if self.hint else {})


class RefusedError(ApiError):
    """A refusal with all that there is to say.

    Args:
        status: the HTTP status.
        detail: what is wrong, in a sentence.
        hint: what to do next.
        word: the stable word for it.
        faults: what is wrong with what was sent.
    """

    def __init__(
        self, status: int, detail: str, hint: str = "", *, word: str = "", faults: Sequence[Fault] = ()
    ) -> None:
        super().__init__(status, detail)
        self.more = {"word": word, "hint": hint, "errors": [one.plain for one in faults]}


def pointer(path: Sequence[str | int]) -> str:
    """The path as a JSON pointer."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def answer(request: Request, status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Response:  # noqa: ANN401 -- JSON
    """The problem, with the path that was asked for; what is empty is left out."""
    found = {name: value for name, value in {"instance": request.url.path, **more}.items() if value}
    return problem(status, detail, headers, **found)


def refused(request: Request, error: Exception) -> Response:
    """A refusal of the API's own, or of the token."""
    if not isinstance(error, ApiError):
        raise error
    return answer(request, error.status, error.detail, error.headers, **getattr(error, "more", {}))


def missing(request: Request, _error: Exception) -> Response:
    """What does not exist, and what one may not see: one answer."""
    return answer(request, HTTPStatus.NOT_FOUND, MISSING, hint=WHERE_TO_LOOK)


def of_the_framework(request: Request, error: Exception) -> Response:
    """A path that leads nowhere, a method that is none, a body that is no JSON."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.NOT_FOUND:
        return missing(request, error)
    faults = [one.plain for one in getattr(error, "faults", ())]
    headers = dict(error.headers or {})
    detail, hint = str(error.detail), CONTRACT
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail, hint = f"{request.method} is nothing that can be done here", f"this path takes {headers.get('Allow')}"
    return answer(request, error.status_code, detail, headers, hint=hint, errors=faults)


def invalid(request: Request, error: Exception) -> Response:
    """Everything that is wrong with the parameters and the body."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [_fault(dict(one)) for one in error.errors()]
    detail = "; ".join(one.sentence for one in faults)
    return answer(
        request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, word="Malformed", errors=[one.plain for one in faults]
    )


def failed(request: Request, error: Exception) -> Response:
    """A refusal from within: its sentence, and what to do next."""
    if not isinstance(error, AssentError):
        raise error
    if isinstance(error, NotFoundError):
        return missing(request, error)
    return answer(request, status_of(error), error.message, hint=error.hint)


def broken(request: Request, _error: Exception) -> Response:
    """A fault of ours: what happened stands in the log alone."""
    return answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, BROKEN)


def install(app: FastAPI) -> None:
    """Has the app tell everything in this form."""
    app.add_exception_handler(ApiError, refused)
    app.add_exception_handler(MissingError, missing)
    app.add_exception_handler(HTTPException, of_the_framework)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(AssentError, failed)
    app.add_exception_handler(Exception, broken)


def _fault(error: dict[str, Any]) -> Fault:
    """One of pydantic's errors in our words."""
    where, *rest = error["loc"]
    path = tuple(rest)
    if error["type"] == "extra_forbidden":
        return Fault(where, path, "is nothing that is known here", None, "take it out")
    if error["type"] == "missing":
        return Fault(where, path, "is required and missing")
    message = str(error["msg"])
    context = error.get("ctx", {}).get("expected")
    given = error.get("input")
    words = str(context).replace("'", "").replace(" or ", ", ").split(", ")
    hint = closest(str(given), words) if error["type"] == "literal_error" else ""
    scalar = given if isinstance(given, str | int | float) and "parameters" not in path else None
    return Fault(where, path, message[:1].lower() + message[1:], scalar, hint)
