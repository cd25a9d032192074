"""kopf's own memory, forged in a request's annotations where admission lets it in: it decides nothing."""

import copy
import json

import pytest

from assent.adapters.kube import paths
from cluster import admission
from cluster.faulty import faulty
from cluster.lives import JUAN, SPEC

FORGED = {
    "handled": ("last-handled-configuration", json.dumps({"spec": SPEC | {"requester": JUAN}}) + "\n"),
    "succeeded": ("seen", json.dumps({"started": "2020-01-01T00:00:00", "success": True, "retries": 1})),
    "failed": ("seen", json.dumps({"started": "2020-01-01T00:00:00", "failure": True, "retries": 9})),
    "parked": ("seen", json.dumps({"started": "2020-01-01T00:00:00", "delayed": "2099-01-01T00:00:00"})),
    "junk-progress": ("seen", "{no json"),
    "junk-memory": ("last-handled-configuration", "\x7f[[["),
}
PREFIXES = ("kopf.zalando.org", "assent.dev")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The policies as they are shipped, but for the line that keeps such annotations out."""
    with faulty(tmp_path_factory, "kopf") as found:
        policy = copy.deepcopy(next(one for one in admission.manifests() if _guards(one)))
        lines = policy["spec"]["validations"]
        policy["spec"]["validations"] = [one for one in lines if "kopf." not in one["expression"]]
        admission.apply(found.plane.admin, policy)
        found.way = found.proxy(found.stack)
        found.start(found.way)
        found.plane.until(lambda: _let_in(found.plane, "probe", "kopf.zalando.org/x", "y"), "it is not let in")
        yield found


def _guards(one):
    return one["kind"] == "ValidatingAdmissionPolicy" and one["metadata"]["name"] == "requests.assent.dev"


def _let_in(plane, name, key, text, **query):
    body = admission.request(name, "acme", annotations={key: text})
    body["spec"] = SPEC
    return plane.api(JUAN).create(paths.collection("Request", "acme"), body, **(query or {"dryRun": "All"}))


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("kind", FORGED)
def test_rule_1_forged_memory_of_kopf_decides_nothing(world, kind, prefix):
    """A request that is born with it waits for the same people as any other, and runs once."""
    key, text = FORGED[kind]
    name = f"{kind}-{PREFIXES.index(prefix)}"
    made = _let_in(world.plane, name, f"{prefix}/{key}", text, fieldValidation="Strict")
    world.lives.right[f"acme/{name}"] = "Succeeded"
    world.lives.until_over()

    assert text == made["metadata"]["annotations"][f"{prefix}/{key}"]
    assert [] == world.judge()
