"""What scripts send, read strictly: one meaning for every reader, and no parameter that nobody asked for."""

import json
import math
from collections.abc import Callable, Coroutine, Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from assent.api.base import MAX_INTEGER
from assent.api.characters import UNSAFE_VALUES, hidden
from assent.api.problems import closest, shown
from assent.portal.api.refusals import Fault, RefusedError

DEEPEST: Final = 40
"""Values within each other: more than any parameter may have."""
MEDIA_TYPE: Final = "application/json"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Path = tuple[str | int, ...]


class StrictRequest(Request):
    """A request whose JSON has one meaning."""

    async def json(self) -> Any:  # noqa: ANN401 -- any JSON value
        """The body; raises RefusedError where two readers would read it differently, or it is too deep."""
        value = _parsed(await self.body())
        faults = [Fault("body", path, text, given, hint) for path, text, given, hint in _faults((), value)]
        if faults:
            raise HTTPRefusal(HTTPStatus.UNPROCESSABLE_ENTITY, faults)
        return value


class HTTPRefusal(HTTPException):
    """What is wrong with a body, in the one form in which the framework lets a body's reader say it."""

    def __init__(self, status: int, faults: list[Fault]) -> None:
        super().__init__(status, "; ".join(one.sentence for one in faults))
        self.faults = faults


class StrictRoute(APIRoute):
    """A route that reads strictly, and says of a value only what is there."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:  # noqa: ANN401 -- the framework's
        super().__init__(path, endpoint, **(given | {"response_model_exclude_unset": True}))

    def get_route_handler(self) -> Handler:
        """The framework's handler, behind what is refused before."""
        handle = super().get_route_handler()
        known = [one.alias for one in self.dependant.query_params]

        async def strict(request: Request) -> Response:
            if not known and request.query_params:
                raise _unknown(next(iter(request.query_params)), known)
            if len(request.query_params.multi_items()) > len(request.query_params):
                raise _twice(request)
            if self.body_field is not None and _media_type(request) != MEDIA_TYPE:
                raise RefusedError(
                    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                    f"the body is {shown(request.headers.get('content-type', ''))}, and is read as JSON alone",
                    f"send it as JSON, with the header Content-Type: {MEDIA_TYPE}",
                )
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _unknown(name: str, known: list[str]) -> RefusedError:
    fault = Fault("query", (name,), "is no parameter that is known here", None, closest(name, known))
    return RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, fault.sentence, faults=[fault])


def _twice(request: Request) -> RefusedError:
    names = [name for name, _ in request.query_params.multi_items()]
    again = next(name for name in names if names.count(name) > 1)
    fault = Fault(
        "query", (again,), "stands there twice, and readers would differ on which counts", None, "give it once"
    )
    return RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, fault.sentence, faults=[fault])


def _parsed(body: bytes) -> Any:  # noqa: ANN401 -- any JSON value
    try:
        return json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body is not UTF-8") from None
    except json.JSONDecodeError as wrong:
        text = f"the body is no JSON: {wrong.msg.lower()}, at line {wrong.lineno}, column {wrong.colno}"
        raise HTTPException(HTTPStatus.BAD_REQUEST, text) from None
    except RecursionError:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body is nested too deep") from None
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body holds a number of too many digits") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object each of whose names stands once: of two, one reader takes the first and another the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        again = next(name for name in names if names.count(name) > 1)
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"the name {shown(again)} stands twice in one object of the body")
    return found


def _no_number(word: str) -> Any:  # noqa: ANN401 -- the parser's form
    raise HTTPException(HTTPStatus.BAD_REQUEST, f"the body holds {word}, which is no number that JSON can say")


def _faults(path: Path, value: Any) -> Iterator[tuple[Path, str, Any, str]]:  # noqa: ANN401 -- any JSON value
    """Values that readers would read or show differently, wherever they stand."""
    if len(path) > DEEPEST:
        yield path, f"is nested more than {DEEPEST} deep", None, "make it flatter"
    elif isinstance(value, str):
        if hidden(value, UNSAFE_VALUES):
            yield path, "holds a character that is not shown as it is", None, "take it out"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(path, value)
    elif isinstance(value, dict):
        for name, item in value.items():
            if hidden(name):
                yield path, "has a name with a character that is not shown as it is", name, "take it out"
            else:
                yield from _faults((*path, name), item)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _faults((*path, at), item)


def _number(path: Path, value: float) -> Iterator[tuple[Path, str, Any, str]]:
    if isinstance(value, float) and not math.isfinite(value):
        yield path, "is larger than any number that is read here", None, "make it smaller"
    elif isinstance(value, int) and abs(value) > MAX_INTEGER:
        text = f"is beyond {MAX_INTEGER}, so that readers of JSON would disagree on it"
        yield path, text, value, "declare it as text where it is no amount"
