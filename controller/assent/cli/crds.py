"""`assent crds`: the custom resource definitions, for a cluster to take."""

from assent.api.kinds import PLURALS
from assent.cli import output
from assent.shipped import shipped


def crds() -> None:
    """Print the custom resource definitions of the eight kinds, as YAML.

    For a cluster: `assent crds | kubectl apply --server-side -f -`.
    """
    folder = shipped("crds")
    output.line("---\n".join((folder / f"{plural}.yaml").read_text(encoding="utf-8") for plural in PLURALS).rstrip())
