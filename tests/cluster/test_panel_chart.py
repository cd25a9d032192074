"""The panel's part of the chart on a real API server: installed by an upgrade, its key renewed, its pod let in."""

import pytest

from cluster.installed import INSIDE, helm, install, standing, there
from test_chart_portal import LEAST

KEY = f"{INSIDE}/secrets/assent-portal-key"
DEPLOYMENT = "/apis/apps/v1/namespaces/assent-system/deployments/assent-portal"
ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/assent-portal"
DATABASE = "--set=ledger.postgresql.existingSecret=database"
FULL = (
    *LEAST,
    "--set=portal.oidc.clientSecret=oidc",
    "--set=portal.smtp.host=mail.example",
    "--set=portal.smtp.credentialsSecret=smtp",
    "--set=portal.smtp.caSecret=authority",
    "--set=portal.mailFrom=assent@acme.example",
    "--set=portal.ingress.enabled=true",
    "--set=portal.ingress.tlsSecret=tls",
)


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    with standing(tmp_path_factory, "panel-chart") as found:
        yield found


def test_the_panels_key_stays_until_somebody_deletes_it(plane):
    """The panel comes by an upgrade with a key of its own; it is renewed by deleting it, and outlives the chart."""
    install(plane, DATABASE)
    before = there(plane, KEY)
    notes = helm(plane, "upgrade", *FULL)
    first = there(plane, KEY)
    helm(plane, "upgrade", *FULL, "--set", "portal.sessionHours=4")
    second, deployment = there(plane, KEY), there(plane, DEPLOYMENT)
    plane.admin.delete(KEY)
    helm(plane, "upgrade", *FULL)
    third = there(plane, KEY)
    helm(plane, "upgrade", DATABASE)
    gone, kept = there(plane, DEPLOYMENT), there(plane, KEY)
    helm(plane, "upgrade", *FULL)
    again = there(plane, KEY)

    assert before is None
    assert "https://assent.example" in notes
    assert first["data"] == second["data"]
    assert first["data"] != third["data"]
    assert "--session-hours=4" in deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    assert gone is None
    assert third["data"] == kept["data"] == again["data"]


def test_the_panels_pod_is_let_into_a_restricted_namespace(plane):
    """What the Deployment makes meets the Pod Security level `restricted`, which is enforced there."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    plane.admin.create("/api/v1/namespaces", {"metadata": {"name": "restricted", "labels": labels}})
    spec = there(plane, DEPLOYMENT)["spec"]["template"]["spec"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "portal"}, "spec": spec}
    made = plane.admin.create("/api/v1/namespaces/restricted/pods", pod, dryRun="All")

    assert "portal" == made["metadata"]["name"]


def test_the_panel_goes_with_the_chart(plane):
    """Its rights are taken away with it."""
    had = there(plane, ROLE)
    helm(plane, "uninstall")

    assert had is not None
    assert {KEY: True, ROLE: False} == {path: there(plane, path) is not None for path in (KEY, ROLE)}
