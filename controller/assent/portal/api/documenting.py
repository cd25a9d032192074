"""The contract of the API as OpenAPI 3.1, and the same for people who read it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from json import dumps
from typing import Any, Final

from fastapi import FastAPI

from assent.portal.api.refusals import Problem
from assent.portal.bearer import MEDIA_TYPE

ABOUT: Final = (
    "What the panel does, for scripts, under the same rights. Send a bearer token of the panel's sign-in provider. "
    "Everything that is refused is told as problem details (RFC 9457)."
)
WHY: Final[Mapping[int, str]] = {
    400: "The body is no JSON with one meaning.",
    401: "There is no token, or it is not accepted.",
    403: "Whoever the token speaks for is suspended, or may not do this.",
    404: "There is no such thing, or it is not yours to see.",
    409: "It does not fit how things stand by now; `word` says why.",
    413: "The body is larger than it may be.",
    415: "The body is not sent as JSON.",
    422: "Something of what was sent is wrong; `errors` says what.",
    429: "You ask too often; Retry-After says when to come back.",
    500: "A fault of the panel's.",
    502: "Whatever the panel stands at did not take it; to send it again is safe.",
    503: "The provider's keys cannot be fetched, so no token can be checked.",
}
"""What each refusal means."""
PATHS: Final[Mapping[str, str]] = {
    "organization": "acme",
    "name": "vdi",
    "offer": "create-workspaces",
    "module": "automate",
    "functionality": "Requests",
    "action": "Approve",
}
"""What the examples name in addresses."""
PARTS: Final[Mapping[str, str]] = {
    "organization": "The organization's name.",
    "name": "The request's name.",
    "offer": "The name under which the organization offers it.",
    "module": "The row's module.",
    "functionality": "The row's functionality.",
    "action": "The row's action.",
}
"""What the parts of addresses are."""
ALWAYS: Final = (401, 403, 404, 422, 429, 500, 503)
WITH_BODY: Final = (400, 409, 413, 415, 502)
BODIES: Final = "#/components/schemas/"
UNUSED: Final = ("HTTPValidationError", "ValidationError")
"""Schemas of the framework's own refusals, which are never sent."""

Schema = Mapping[str, Any]


def contract(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI document; made once."""
    known: dict[str, Any] | None = getattr(api.state, "contract", None)
    if known is None:
        known = _completed(api.openapi())
        api.state.contract = known
    return known


def _completed(found: dict[str, Any]) -> dict[str, Any]:
    """With the token, and with what is refused, in the form in which it is."""
    schemas = found["components"]["schemas"]
    for name in UNUSED:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template=BODIES + "{model}")
    schemas |= {**problem.pop("$defs"), "Problem": problem}
    found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    found["security"] = [{"token": []}]
    for methods in found["paths"].values():
        for operation in methods.values():
            statuses = (*ALWAYS, *WITH_BODY) if "requestBody" in operation else ALWAYS
            operation["responses"] |= {str(status): _refusal(status) for status in sorted(statuses)}
            for one in operation.get("parameters", ()):
                if one["in"] == "path":
                    one |= {"example": PATHS[one["name"]], "description": PARTS[one["name"]]}
    return found


def _refusal(status: int) -> dict[str, Any]:
    return {"description": WHY[status], "content": {MEDIA_TYPE: {"schema": {"$ref": BODIES + "Problem"}}}}


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter, or a field of a schema: `type` in words, `schema` the one that it is of."""

    name: str
    where: str
    type: str
    schema: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, as a person reads it; `example` is a command to type."""

    id: str
    method: str
    path: str
    title: str
    about: str
    parts: tuple[Part, ...]
    body: str
    answers: tuple[tuple[str, str, str], ...]
    example: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One schema with its fields."""

    name: str
    about: str
    parts: tuple[Part, ...]


def operations(found: Schema, base: str) -> dict[str, list[Operation]]:
    """Every operation under its heading; `base` is where the API is reached."""
    grouped: dict[str, list[Operation]] = {}
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            one = _operation(f"{base}{path}", path, method.upper(), operation)
            grouped.setdefault(operation["tags"][0], []).append(one)
    return grouped


def shapes(found: Schema) -> list[Shape]:
    """Every schema, by name."""
    return [
        Shape(name, one.get("description", ""), tuple(_fields(one)))
        for name, one in sorted(found["components"]["schemas"].items())
    ]


def _operation(url: str, path: str, method: str, found: Schema) -> Operation:
    body = _body(found.get("requestBody", {}))
    parts = tuple(
        Part(one["name"], one["in"], *_said(one["schema"]), one.get("required", False), one.get("description", ""))
        for one in found.get("parameters", ())
    )
    answers = tuple(
        (status, one["description"] if int(status) >= HTTPStatus.BAD_REQUEST else _title(status), _body(one))
        for status, one in sorted(found["responses"].items())
    )
    name, about = found["operationId"], found.get("description", "")
    return Operation(name, method, path, found["summary"], about, parts, body, answers, _example(url, method, name))


def _title(status: str) -> str:
    return HTTPStatus(int(status)).phrase


def _body(found: Schema) -> str:
    """The schema's name of a body or an answer; empty where there is none."""
    for media in found.get("content", {}).values():
        return str(media["schema"].get("$ref", "")).rpartition("/")[2]
    return ""


def _fields(schema: Schema) -> Iterator[Part]:
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield Part(name, "", *_said(one), name in required, one.get("description", ""))


def _said(schema: Schema) -> tuple[str, str]:
    """A type in words, and the schema that it is of, where it is one."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name, name
    if "anyOf" in schema:
        told = [_said(one) for one in schema["anyOf"]]
        return " or ".join(one for one, _ in told), next((name for _, name in told if name), "")
    if schema.get("type") == "array":
        inner, name = _said(schema["items"])
        return f"list of {inner}", name
    words = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if words:
        return " | ".join(map(str, words)), ""
    return str(schema.get("type", "anything")), ""


SENT: Final[Mapping[str, Mapping[str, Any]]] = {
    "preview": {"microservice": {"name": "create-workspaces"}, "parameters": {"template": "win11-office", "count": 2}},
    "create": {
        "name": "vdi",
        "microservice": {"name": "create-workspaces"},
        "parameters": {"template": "win11-office", "count": 2},
        "reason": "two more for the new colleagues",
    },
    "decide": {"verb": "approve", "digest": "$DIGEST", "reason": "checked with the team"},
}
"""What the examples send, by operation."""


def _example(url: str, method: str, name: str) -> str:
    """A command that somebody may type; the token stands in a variable."""
    for part, value in PATHS.items():
        url = url.replace(f"{{{part}}}", value)
    lines = [f"curl -H \"Authorization: Bearer $TOKEN\" '{url}'"]
    if method == "POST":
        body = dumps(SENT[name])
        quoted = "'" + body.replace("$DIGEST", "'\"$DIGEST\"'") + "'"
        lines += ["  -H 'Content-Type: application/json'", f"  -d {quoted}"]
    return " \\\n".join(lines)
