"""From an object as the API server holds it to the plain document that it declares."""

from collections.abc import Mapping
from typing import Any

CREATED_BY = "assent.dev/created-by"
WRITTEN_BY = "assent.dev/written-by"
"""Annotations that admission stamps with the proven name of whoever wrote."""

_METADATA = ("name", "namespace", "labels", "annotations")
_OF_THE_SERVER = (CREATED_BY, WRITTEN_BY, "kubectl.kubernetes.io/last-applied-configuration")


def plain(held: Mapping[str, Any]) -> dict[str, Any]:
    """The document as a file would say it: without status, and without what the server and its clients note."""
    metadata = held.get("metadata") or {}
    about = {name: metadata[name] for name in _METADATA if metadata.get(name)}
    notes = {name: text for name, text in about.pop("annotations", {}).items() if name not in _OF_THE_SERVER}
    if notes:
        about["annotations"] = notes
    document: dict[str, Any] = {"apiVersion": held.get("apiVersion"), "kind": held.get("kind"), "metadata": about}
    return document | ({"spec": held["spec"]} if "spec" in held else {})


def annotation(held: Mapping[str, Any], name: str) -> str:
    """One annotation's text; empty where there is none."""
    notes = (held.get("metadata") or {}).get("annotations") or {}
    return str(notes.get(name, ""))
