"""The Helm chart: what it renders, what it carries, what it refuses, and what it must never let go of."""

import base64
import json
import os
import re
import tarfile
from dataclasses import fields

import pytest
import yaml

import assent
from assent.cluster.options import Options
from chart_files import CHART, GOLDEN, NAMESPACE, ROOT, every_case, found, helm, options, rendered, succeed

SOURCES = {"crds": ROOT / "crds", "admission": ROOT / "policies" / "admission"}
CARRIED = re.compile(r"CustomResourceDefinition|(Validating|Mutating)AdmissionPolicy(Binding)?")


def documents(folder, *, but=()):
    """Every object of a folder of YAML."""
    files = sorted(one for one in folder.glob("*.yaml") if one.name not in but)
    return [one for file in files for one in yaml.safe_load_all(file.read_text())]


def operator(case="default"):
    """The operator's Deployment, and its only container."""
    deployment = found(rendered(*options(case)), "Deployment", "assent-operator")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return deployment, container


@every_case
def test_helm_finds_nothing_wrong(case):
    """`helm lint` passes without a warning."""
    said = succeed("lint", CHART, "--namespace", NAMESPACE, "--strict", *options(case))

    assert "0 chart(s) failed" in said


@every_case
def test_it_renders_as_it_did(case):
    """What the chart comes to is reviewed like code: `ASSENT_REWRITE=1 pytest tests/test_chart.py` writes it anew."""
    people = {one["metadata"]["name"] for one in yaml.safe_load_all((CHART / "files/people-roles.yaml").read_text())}
    mine = [
        one
        for one in rendered(*options(case))
        if not CARRIED.fullmatch(one["kind"])
        and (one["kind"], one["metadata"]["name"]) not in {("ClusterRole", name) for name in people}
    ]
    for one in mine:
        if one["kind"] == "Secret":
            one["data"] = dict.fromkeys(one["data"], "made at random")
    text = yaml.safe_dump_all(mine, sort_keys=False, width=120)
    golden = GOLDEN / f"{case}.yaml"
    if os.environ.get("ASSENT_REWRITE"):
        golden.write_text(text)

    assert golden.read_text() == text


@every_case
def test_it_carries_the_shipped_policies(case):
    """All of policies/admission/ is installed as it stands, but for the accounts, which are the values'."""
    carried = [one for one in rendered(*options(case)) if "AdmissionPolicy" in one["kind"]]
    shipped = documents(SOURCES["admission"], but=("parameters.yaml",))

    def by_name(one):
        return one["kind"], one["metadata"]["name"]

    assert sorted(shipped, key=by_name) == sorted(carried, key=by_name)


def test_the_accounts_have_the_shape_that_the_policies_read():
    """The ConfigMap is the shipped one, where no agent is named."""
    (shipped,) = documents(SOURCES["admission"], but=[f.name for f in SOURCES["admission"].glob("[!p]*.yaml")])
    made = found(rendered(), "ConfigMap", "assent-admission")

    assert shipped["data"] == made["data"]
    assert shipped["metadata"].items() <= made["metadata"].items()


def test_agents_are_told_apart():
    """Each agent stands on a line of its own."""
    made = found(rendered(*options("postgresql")), "ConfigMap", "assent-admission")

    assert [
        "system:serviceaccount:argocd:argocd-application-controller",
        "system:serviceaccount:flux-system:kustomize-controller",
    ] == made["data"]["agents"].split("\n")


def test_it_carries_the_kinds_and_never_takes_them_away():
    """All of crds/ is installed as it stands, and stays when the chart goes: with a kind go all objects of it."""
    carried = [one for one in rendered() if one["kind"] == "CustomResourceDefinition"]
    notes = [one["metadata"].pop("annotations") for one in carried]

    assert documents(SOURCES["crds"]) == carried
    assert [{"helm.sh/resource-policy": "keep"}] * len(carried) == notes


def test_a_package_holds_the_sources_byte_for_byte(tmp_path):
    """`helm package` follows the links: what leaves this repository is complete, and nothing else comes along."""
    succeed("package", CHART, "--destination", tmp_path)
    (package,) = tmp_path.glob("assent-*.tgz")
    with tarfile.open(package) as archive:
        inside = {one.name: archive.extractfile(one).read() for one in archive if one.isfile()}
    shipped = {
        f"assent/files/{folder}/{one.name}": one.read_bytes()
        for folder, source in SOURCES.items()
        for one in source.iterdir()
    }

    assert shipped.items() <= inside.items()
    assert {one for one in inside if one.startswith("assent/files/")} - {*shipped} == {"assent/files/people-roles.yaml"}


def test_the_webhook_is_the_one_that_is_tested():
    """The chart's configuration is the one that the webhook's tests use; it says nothing of `caBundle`."""
    tested = yaml.safe_load((ROOT / "tests/cluster/webhook_configuration.yaml").read_text())
    made = found(rendered(), "ValidatingWebhookConfiguration", "assent-ceiling")

    assert tested["webhooks"] == made["webhooks"]


def test_the_chart_is_of_the_program():
    """Chart and program carry one version."""
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())

    assert [assent.__version__] * 2 == [chart["version"], chart["appVersion"]]


@every_case
def test_the_operator_understands_its_options(case):
    """Every option that the Deployment gives is one of `assent operator`, and is given once, or may be repeated."""
    _, container = operator(case)
    known = {one.name.replace("_", "-") for one in fields(Options)}
    given = [one.partition("=")[0].removeprefix("--") for one in container["args"][1:]]

    assert "operator" == container["args"][0]
    assert {*given} <= known
    assert {one for one in given if given.count(one) > 1} <= {"allow-url"}


@every_case
def test_the_pod_has_no_way_out(case):
    """Not root, nothing writable but /tmp and the ledger, no capability, and a system-call filter."""
    deployment, container = operator(case)
    pod = deployment["spec"]["template"]["spec"]
    writable = [one["mountPath"] for one in container["volumeMounts"] if not one.get("readOnly")]

    assert {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    } == container["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert {"type": "RuntimeDefault"} == pod["securityContext"]["seccompProfile"]
    assert {*writable} <= {"/tmp", "/var/lib/assent"}  # noqa: S108 -- a mount in the pod
    assert pod["terminationGracePeriodSeconds"] > 20 + container["lifecycle"]["preStop"]["sleep"]["seconds"]


@every_case
def test_the_key_is_readable_by_the_operator_alone(case):
    """The key is mounted for the pod's group, as the ledger wants it, and belongs to nobody else."""
    deployment, _ = operator(case)
    pod = deployment["spec"]["template"]["spec"]
    (key,) = (one["secret"] for one in pod["volumes"] if one["name"] == "ledger-key")

    assert 0o440 == key["defaultMode"]
    assert [{"key": "ledger.key", "path": "ledger.key"}] == key["items"]
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsGroup"]


def test_a_key_is_made_once():
    """An install makes 32 random bytes that nobody can change or take away; an upgrade makes none."""
    first, second = (found(rendered(*other), "Secret", "assent-ledger-key") for other in ((), ("--debug",)))
    upgraded = rendered("--is-upgrade")

    assert 32 == len(base64.b64decode(first["data"]["ledger.key"]))
    assert first["data"] != second["data"]
    assert first["immutable"] is True
    assert {"helm.sh/resource-policy": "keep"} == first["metadata"]["annotations"]
    assert [] == [one for one in upgraded if one["kind"] == "Secret"]


def test_a_named_key_is_used_as_it_is():
    """Whoever brings a key along gets no other one."""
    deployment, _ = operator("postgresql")
    names = [
        one["secret"]["secretName"] for one in deployment["spec"]["template"]["spec"]["volumes"] if "secret" in one
    ]

    assert [] == [one for one in rendered(*options("postgresql")) if one["kind"] == "Secret"]
    assert "sealed" in names


def test_the_ledger_stays():
    """The claim of the chart's own is kept when the chart is taken away; a claim of one's own is left alone."""
    claim = found(rendered(), "PersistentVolumeClaim", "assent-ledger")
    others = [one for one in rendered(*options("cert-manager")) if one["kind"] == "PersistentVolumeClaim"]

    assert {"helm.sh/resource-policy": "keep"} == claim["metadata"]["annotations"]
    assert [] == others


def test_one_writer_at_a_time():
    """With a ledger in SQLite the old operator is gone before the new one comes."""
    assert "Recreate" == operator()[0]["spec"]["strategy"]["type"]
    assert "RollingUpdate" == operator("postgresql")[0]["spec"]["strategy"]["type"]


def test_no_secret_stands_in_the_deployment():
    """The database's URL and password come from the Secret, and are written nowhere else."""
    _, container = operator("postgresql")

    assert "--ledger=$(ASSENT_LEDGER_URL)" in container["args"]
    assert all(one["valueFrom"]["secretKeyRef"]["name"] == "assent-database" for one in container["env"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(["replicas=2"], "a ledger in SQLite has one writer", id="two-on-sqlite"),
        pytest.param(["replicas=0"], "/replicas", id="none"),
        pytest.param(["bogus=1"], "'bogus' not allowed", id="unknown"),
        pytest.param(["operator.keep=soon"], "/operator/keep", id="no-duration"),
        pytest.param(["admission.agents={two words}"], "/admission/agents", id="agent-with-a-space"),
        pytest.param(["operator.allow.urls.platform={ftp://x}"], "/operator/allow/urls", id="no-url"),
        pytest.param(
            ["webhook.certManager.enabled=true", "webhook.certificateSecret=x"], "two sources", id="two-certificates"
        ),
    ],
)
def test_what_cannot_work_is_refused(given, message):
    """A wrong value ends the install with a sentence, before anything is written."""
    sets = [word for one in given for word in ("--set", one)]
    ran = helm("template", "assent", CHART, "--namespace", NAMESPACE, *sets)

    assert 0 != ran.returncode
    assert message in ran.stderr


def test_another_namespace_is_refused():
    """The admission policies name the namespace, so no other will do."""
    ran = helm("template", "assent", CHART, "--namespace", "elsewhere")

    assert "assent-system" in ran.stderr
    assert 0 != ran.returncode


def test_every_value_is_described():
    """values.yaml and its schema name the same values; each has a description, and nothing else is taken."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())

    def differ(node, held, path=""):
        known = node.get("properties")
        if known is None or not isinstance(held, dict):
            return [] if node.get("description") else [path]
        missing = [f"{path}/{one}" for one in {*known} ^ {*held} if f"{path}/{one}" != "/global"]
        assert node["additionalProperties"] is False
        return missing + [
            line for one, value in held.items() if one in known for line in differ(known[one], value, f"{path}/{one}")
        ]

    assert [] == differ(schema, values)
