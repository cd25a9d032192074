"""All eight kinds in one table, and `parse`: a plain mapping as a frozen value, or every problem it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias

from pydantic import ValidationError

from assent.api.base import Resource
from assent.api.flows import ApprovalFlow
from assent.api.modules import Module
from assent.api.names import API_VERSION, CLUSTER_KINDS, Ident
from assent.api.organizations import Organization
from assent.api.people import AccessRole, User
from assent.api.requests import Request
from assent.api.services import EnabledMicroservice, Microservice

AnyKind: TypeAlias = (
    Organization | Module | AccessRole | User | Microservice | EnabledMicroservice | ApprovalFlow | Request
)

MODELS: dict[str, type[Resource]] = {
    "Organization": Organization,
    "Module": Module,
    "AccessRole": AccessRole,
    "User": User,
    "Microservice": Microservice,
    "EnabledMicroservice": EnabledMicroservice,
    "ApprovalFlow": ApprovalFlow,
    "Request": Request,
}
"""Kind to model, in the order in which documents depend on each other."""

SHORT_NAMES = {
    "org": "Organization",
    "amod": "Module",
    "arole": "AccessRole",
    "auser": "User",
    "msvc": "Microservice",
    "emsvc": "EnabledMicroservice",
    "aflow": "ApprovalFlow",
    "areq": "Request",
}
PLURALS = {
    "organizations": "Organization",
    "modules": "Module",
    "accessroles": "AccessRole",
    "users": "User",
    "microservices": "Microservice",
    "enabledmicroservices": "EnabledMicroservice",
    "approvalflows": "ApprovalFlow",
    "requests": "Request",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one document: `path` leads to the field, as keys and indices."""

    path: tuple[str | int, ...]
    message: str
    hint: str = ""

    @property
    def field(self) -> str:
        """The path as people write it: `spec.stages[0].quorum`."""
        return field(self.path)


def field(path: tuple[str | int, ...]) -> str:
    """A path as people write it: `spec.stages[0].quorum`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def identify(value: Mapping[str, Any]) -> Ident | None:
    """Which document this is, where kind, name and namespace can be told; None otherwise."""
    metadata = value.get("metadata")
    kind = value.get("kind")
    if not isinstance(metadata, Mapping) or kind not in MODELS:
        return None
    name, namespace = metadata.get("name"), metadata.get("namespace", "")
    if not isinstance(name, str) or not name or not isinstance(namespace, str):
        return None
    if bool(namespace) == (kind in CLUSTER_KINDS):
        return None
    return Ident(str(kind), namespace, name)


def parse(value: Mapping[str, Any], *, status: bool = False) -> tuple[AnyKind | None, tuple[Problem, ...]]:
    """The document as a frozen value, or None and everything that is wrong with it.

    Args:
        value: plain values, as the loader or the API server gives them.
        status: whether a `status` may stand there (it is left out; in a file it is refused).
    """
    kind = value.get("kind")
    if value.get("apiVersion") != API_VERSION:
        return None, (Problem(("apiVersion",), f"is {value.get('apiVersion')!r}", f"write {API_VERSION}"),)
    model = MODELS.get(kind) if isinstance(kind, str) else None
    if model is None:
        return None, (Problem(("kind",), f"{kind!r} is no kind of {API_VERSION}", _closest(str(kind), MODELS)),)
    body = {key: item for key, item in value.items() if key != "status"} if status else dict(value)
    problems = list(_scope(kind, body)) if isinstance(kind, str) else []
    try:
        parsed = model.model_validate(body)
    except ValidationError as refused:
        return None, tuple(problems + [_problem(model, dict(error)) for error in refused.errors()])
    if problems:
        return None, tuple(problems)
    return parsed, ()  # type: ignore[return-value]  # the table maps each kind to its model


def _scope(kind: str, body: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Cluster-scoped kinds have no namespace; the others need one; `status` is never written by people."""
    metadata = body.get("metadata")
    problems = []
    if isinstance(metadata, Mapping):
        given = "namespace" in metadata
        if kind in CLUSTER_KINDS and given:
            problems.append(Problem(("metadata", "namespace"), f"a {kind} has no namespace", "take it out"))
        if kind not in CLUSTER_KINDS and not given:
            problems.append(
                Problem(("metadata",), "`namespace` is missing", "write the name of the organization that owns it")
            )
    if "status" in body:
        problems.append(Problem(("status",), "is written by the controller, not in a file", "take it out"))
    return tuple(problems)


def _problem(model: type[Resource], error: dict[str, Any]) -> Problem:
    """One of pydantic's errors in our words."""
    path = tuple(error["loc"])
    kind, given = error["type"], error.get("input")
    if kind == "extra_forbidden":
        return Problem(path, f"the field {path[-1]!r} is unknown", _closest(str(path[-1]), _siblings(model, path)))
    if kind == "missing":
        return Problem(path, "is required and missing", f"write `{path[-1]}:`")
    if kind == "value_error":
        return Problem(path, str(error["ctx"]["error"]))
    if kind == "string_pattern_mismatch":
        return Problem(path, f"{given!r} does not match {error['ctx']['pattern']}")
    message = error["msg"][:1].lower() + error["msg"][1:]
    shown = f", not {given!r}" if isinstance(given, str | int | float | bool) and len(str(given)) <= 80 else ""  # noqa: PLR2004 -- a line's worth
    return Problem(path, message.replace("input should", "should") + shown)


def _siblings(model: type[Resource], path: tuple[str | int, ...]) -> list[str]:
    """The field names that stand where an unknown one was found, for a suggestion."""
    schema = model.model_json_schema(by_alias=True)
    here: dict[str, Any] = schema
    for part in path[:-1]:
        here = here.get("items", {}) if isinstance(part, int) else here.get("properties", {}).get(part, {})
        options = [here, *here.get("anyOf", [])]
        reference = next((option["$ref"] for option in options if "$ref" in option), None)
        if reference:
            here = schema["$defs"][reference.rsplit("/", 1)[-1]]
    return list(here.get("properties", {}))


def _closest(word: str, known: Any) -> str:  # noqa: ANN401 -- any iterable of words
    close = get_close_matches(word, list(known), n=1)
    names = ", ".join(known)
    return f"did you mean {close[0]}?" if close else f"known are: {names}" if names else "take it out"
