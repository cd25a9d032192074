"""What lies in `policies/`, read once for the tests that judge it."""

from pathlib import Path

from assent.adapters.documents import load
from assent.api.kinds import parse
from assent.api.names import API_VERSION

ROOT = Path(__file__).parents[1]
POLICIES = ROOT / "policies"
FILES = sorted(path for path in POLICIES.rglob("*.yaml") if "admission" not in path.parts)


def documents():
    """Every document of ours in `policies/`, parsed, by kind and name."""
    found = {}
    for file in FILES:
        for document in load(file.read_bytes(), str(file)).documents:
            if document.value["apiVersion"] == API_VERSION:
                parsed, problems = parse(document.value)
                assert () == problems, file
                found[parsed.kind, parsed.name] = parsed
    return found


SHIPPED = documents()
MODULES = {name: one for (kind, name), one in SHIPPED.items() if kind == "Module"}
SERVICES = {name: one for (kind, name), one in SHIPPED.items() if kind == "Microservice"}
FLOWS = {name: one for (kind, name), one in SHIPPED.items() if kind == "ApprovalFlow"}
