"""All eight kinds in one table, and `parse`: a plain mapping as a frozen value, or every problem it has."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from pydantic import ValidationError

from assent.api.base import MAX_DEPTH, MAX_INTEGER, Resource, compact
from assent.api.flows import ApprovalFlow
from assent.api.modules import Module
from assent.api.names import API_VERSION, CLUSTER_KINDS, Ident, reserved
from assent.api.organizations import Organization
from assent.api.people import AccessRole, User
from assent.api.problems import Problem, closest, field, problems, shown
from assent.api.requests import Request
from assent.api.services import EnabledMicroservice, Microservice

__all__ = ["MODELS", "PLURALS", "SHORT_NAMES", "AnyKind", "Problem", "field", "identify", "parse"]

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


def identify(value: Mapping[str, Any]) -> Ident | None:
    """Which document this is, where kind, name and namespace can be told; None otherwise."""
    metadata = value.get("metadata")
    kind = value.get("kind")
    if not isinstance(metadata, Mapping) or not isinstance(kind, str) or kind not in MODELS:
        return None
    name, namespace = metadata.get("name"), metadata.get("namespace", "")
    if not isinstance(name, str) or not name or not isinstance(namespace, str):
        return None
    if bool(namespace) == (kind in CLUSTER_KINDS) or "/" in name + namespace:
        return None
    return Ident(kind, namespace, name)


def parse(
    value: Mapping[str, Any], *, status: bool = False, loaded: bool = False
) -> tuple[AnyKind | None, tuple[Problem, ...]]:
    """The document as a frozen value, or None and everything that is wrong with it.

    Args:
        value: plain values, as the loader or the API server gives them.
        status: whether a `status` may stand there (it is left out; in a file it is refused).
        loaded: whether the loader gave them to a process that soon ends: it has refused nulls and too many levels, and
            to let the document share its parts with others is not worth the time.
    """
    kind = value.get("kind")
    if value.get("apiVersion") != API_VERSION:
        return None, (Problem(("apiVersion",), f"is {shown(value.get('apiVersion'))}", f"write {API_VERSION}"),)
    model = MODELS.get(kind) if isinstance(kind, str) else None
    if model is None:
        hint = closest(kind if isinstance(kind, str) else "", MODELS)
        return None, (Problem(("kind",), f"{shown(kind)} is no kind of {API_VERSION}", hint),)
    body = {key: item for key, item in value.items() if key != "status"} if status else dict(value)
    odd = not loaded and _odd(body)
    if odd and too_deep(body):
        return None, (TOO_DEEP,)
    found = [*_scope(str(kind), body), *(_nulls(body) if odd else ())]
    known = {one.path for one in found}
    try:
        parsed = model.model_validate(body)
    except ValidationError as refused:
        return None, tuple(found + [one for one in problems(model, refused) if one.path not in known])
    if found:
        return None, tuple(found)
    if not loaded:
        compact(parsed)
    return parsed, ()  # type: ignore[return-value]  # the table maps each kind to its model


_COLLECTIONS = (dict, list)

TOO_DEEP = Problem(("spec",), f"has more than {MAX_DEPTH} levels of mappings and lists", "nest less")


def too_deep(value: object, levels: int = MAX_DEPTH) -> bool:
    """Whether collections lie in it within more collections than so many."""
    if not isinstance(value, _COLLECTIONS):
        return False
    if not levels:
        return True
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, _COLLECTIONS) and too_deep(item, levels - 1):
            return True
    return False


def _odd(value: dict[str, Any] | list[Any], levels: int = MAX_DEPTH) -> bool:
    """Whether there is any null in it, or too many levels: nearly no document has either, so nobody keeps where."""
    if not levels:
        return True
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, _COLLECTIONS):
            if _odd(item, levels - 1):
                return True
        elif item is None:
            return True
    return False


def _nulls(value: object, path: tuple[str | int, ...] = ()) -> Iterator[Problem]:
    """Every null in it: what is unset is left out."""
    for where, one in _leaves(value, path):
        if one is None:
            yield Problem(where, "is null", "leave the field out")


def undigestible(value: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Why it has no canonical form, and so no digest; no loader has bounded what the API server holds."""
    if too_deep(value):
        return (TOO_DEEP,)
    return tuple(
        Problem(where, "is an integer beyond 2^53-1, on which readers of JSON do not agree", "write it as text")
        for where, one in _leaves(value, ())
        if type(one) is int and abs(one) > MAX_INTEGER
    )


def _leaves(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Whatever is no collection, and where it stands."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _leaves(item, (*path, position))
    else:
        yield path, value


def _scope(kind: str, body: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Cluster-scoped kinds have no namespace; the others need one; `status` is never written by people."""
    metadata = body.get("metadata")
    found = []
    if isinstance(metadata, Mapping):
        given = "namespace" in metadata
        if kind in CLUSTER_KINDS and given:
            found.append(
                Problem(("metadata", "namespace"), "an Organization or Module has no namespace", "take it out")
            )
        if kind not in CLUSTER_KINDS and not given:
            found.append(
                Problem(("metadata",), "`namespace` is missing", "write the name of the organization that owns it")
            )
        if kind == "Organization" and reserved(str(metadata.get("name"))):
            found.append(
                Problem(("metadata", "name"), f"{shown(metadata['name'])} is kept by Kubernetes", "choose another name")
            )
    if "status" in body:
        found.append(Problem(("status",), "is written by the controller, not in a file", "take it out"))
    return tuple(found)
