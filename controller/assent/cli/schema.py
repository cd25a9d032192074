"""`assent schema`: what a kind takes, as JSON Schema for editors and CI, made of the CRDs.

Draft 07, since it is what editors read.
The cross-field rules of the CRDs are not in it: `assent check` judges those, with a sentence each.
"""

import re
from typing import Annotated, Any

import typer

from assent.adapters.documents import load
from assent.api.base import DNS_PATTERN
from assent.api.kinds import MODELS, PLURALS
from assent.api.names import API_VERSION, CLUSTER_KINDS, SCENARIO_VERSION
from assent.cli import output
from assent.cli.kinds import kind as kind_named
from assent.cli.output import Format
from assent.errors import AssentError
from assent.shipped import shipped

DRAFT = "http://json-schema.org/draft-07/schema#"
KEPT = (
    "description", "type", "format", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems",
    "maxItems", "maxProperties", "required", "default",
)  # fmt: skip
"""What means the same in a CRD and in JSON Schema."""

OTHERS = {"v1": "Namespace", SCENARIO_VERSION: "Scenario"}
"""Documents of other kinds that may lie beside ours."""


def schema(
    kind: Annotated[str, typer.Argument(metavar="[KIND]", help="The kind, such as User; left out: all kinds.")] = "",
) -> None:
    """Print the JSON Schema of a kind, or of all kinds, for editors and CI.

    For an editor: `assent schema > .assent.json`, and `# yaml-language-server: $schema=.assent.json` in a file.
    """
    made = of_kind(kind_named(kind)) if kind else of_all()
    output.data({"$schema": DRAFT, **made}, Format.JSON)


def of_kind(kind: str) -> dict[str, Any]:
    """The JSON Schema of a document of this kind, as it stands in a file: without a status."""
    whole = _crd(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return {
        "title": kind,
        "description": whole["description"],
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": False,
        "properties": {
            "apiVersion": {"description": "The version of this contract.", "const": API_VERSION},
            "kind": {"description": "The kind of document.", "const": kind},
            "metadata": _metadata(namespaced=kind not in CLUSTER_KINDS),
            "spec": translated(whole["properties"]["spec"]),
        },
    }


def of_all() -> dict[str, Any]:
    """One JSON Schema for a file of any kind; a document is judged by the kind that it says it is."""
    versions = {API_VERSION: list(MODELS), **{version: [kind] for version, kind in OTHERS.items()}}
    by_version = [
        {"if": _says("apiVersion", version), "then": {"properties": {"kind": {"enum": kinds}}}}
        for version, kinds in versions.items()
    ]
    by_kind = [{"if": _says("kind", kind), "then": {"$ref": f"#/definitions/{kind}"}} for kind in MODELS]
    return {
        "title": "Assent",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {"apiVersion": {"enum": list(versions)}},
        "allOf": by_version + by_kind,
        "definitions": {kind: of_kind(kind) for kind in MODELS},
    }


def translated(node: dict[str, Any]) -> dict[str, Any]:
    """A node of a structural schema as JSON Schema; what it does not name is refused."""
    made = {key: node[key] for key in KEPT if key in node}
    if "pattern" in made:
        # Editors know no code points beyond four digits in a pattern that all of them read; `check` refuses those.
        pattern = re.sub(r"\\x\{[0-9a-f]{5,6}\}-?", "", made["pattern"])
        made["pattern"] = re.sub(r"\\x\{([0-9a-f]{4})\}", r"\\u\1", pattern)
    if node.get("x-kubernetes-list-type") == "set":
        made["uniqueItems"] = True
    if "items" in node:
        made["items"] = translated(node["items"])
    if "additionalProperties" in node:
        made["additionalProperties"] = translated(node["additionalProperties"])
    if "properties" in node:
        made["properties"] = {name: translated(below) for name, below in node["properties"].items()}
        made["additionalProperties"] = False
    return made


def _crd(kind: str) -> dict[str, Any]:
    plural = next(plural for plural, owner in PLURALS.items() if owner == kind)
    file = shipped("crds") / f"{plural}.yaml"
    loaded = load(file.read_bytes(), str(file))
    if not loaded.documents:
        raise AssentError(f"{file} cannot be read: {loaded.findings[0].message}", "install Assent anew")
    return loaded.documents[0].value


def _says(field: str, value: str) -> dict[str, Any]:
    return {"properties": {field: {"const": value}}, "required": [field]}


def _metadata(*, namespaced: bool) -> dict[str, Any]:
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    name = {"type": "string", "pattern": DNS_PATTERN, "minLength": 1, "maxLength": 63}
    properties: dict[str, Any] = {
        "name": {"description": "Its name: lower-case letters, digits and dashes.", **name},
        "labels": {"description": "Labels; nothing decides by them.", **texts},
        "annotations": {"description": "Annotations; on a Request, decisions are written here.", **texts},
    }
    if namespaced:
        properties["namespace"] = {"description": "The organization that owns it.", **name}
    return {
        "description": "How the document is named, and whose it is.",
        "type": "object",
        "required": ["name", "namespace"] if namespaced else ["name"],
        "additionalProperties": False,
        "properties": properties,
    }
