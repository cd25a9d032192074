"""The panel in the chart: what it is started with, what it stands on, and what is refused before it is installed."""

import base64

import pytest
import typer.main

from assent.cli.app import app
from assent.portal.options import Options
from chart_files import CHART, NAMESPACE, found, helm, options, rendered

LEAST = (
    "--set=portal.enabled=true",
    "--set=ledger.postgresql.existingSecret=database",
    "--set=portal.publicUrl=https://assent.example",
    "--set=portal.oidc.issuer=https://id.example",
    "--set=portal.oidc.clientId=assent",
)
"""What every panel needs."""

panels = pytest.mark.parametrize("case", ["portal", "portal-plain"])


def panel(case):
    """The panel's pod, and its only container."""
    deployment = found(rendered(*options(case)), "Deployment", "assent-portal")
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    return pod, container


@panels
def test_the_panel_understands_its_options(case):
    """What the Deployment gives is what `assent portal` takes: each option is there, and each value is one of its."""
    name, *given = panel(case)[1]["args"]
    group = typer.main.get_command(app)
    command = group.get_command(group.make_context("assent", [name]), name)
    taken = Options(**command.make_context(name, given).params)

    assert "portal" == name
    assert "$(ASSENT_LEDGER_URL)" == taken.ledger
    assert ("0.0.0.0", "0.0.0.0", 8080, 8081) == (taken.host, taken.http_host, taken.port, taken.http_port)  # noqa: S104 -- in a pod
    assert taken.public_url.startswith("https://assent.example")
    assert taken.oidc_issuer.startswith("https://id.example")
    assert not taken.demo_login
    assert {"portal": (12, 0), "portal-plain": (30, 60)}[case] == (taken.requests_per_hour, taken.mails_per_hour)


@panels
def test_what_the_options_name_is_mounted(case):
    """Every file that an option names lies in a Secret that is mounted, for the pod's group alone to read."""
    pod, container = panel(case)
    folders = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}
    volumes = {one["name"]: one for one in pod["volumes"]}
    named = [value for one in container["args"] if (value := one.partition("=")[2]).startswith("/etc/")]

    assert len(named) == {"portal": 6, "portal-plain": 2}[case]
    for file in named:
        folder = file if file in folders else file.rpartition("/")[0]
        secret = volumes[folders[folder]]["secret"]
        keys = {one["path"] for one in secret["items"]}
        assert 0o440 == secret["defaultMode"]
        assert keys == ({"username", "password"} if folder == file else {file.rpartition("/")[2]})


@panels
def test_the_panels_pod_has_no_way_out(case):
    """Not root, nothing writable but /tmp, no capability, a system-call filter: what holds for the operator's."""
    pod, container = panel(case)
    operators = found(rendered(*options(case)), "Deployment", "assent-operator")["spec"]["template"]["spec"]
    writable = [one["mountPath"] for one in container["volumeMounts"] if not one.get("readOnly")]

    assert operators["securityContext"] == pod["securityContext"]
    assert operators["containers"][0]["securityContext"] == container["securityContext"]
    assert operators["containers"][0]["image"] == container["image"]
    assert ["/tmp"] == writable  # noqa: S108 -- a mount in the pod
    assert pod["terminationGracePeriodSeconds"] > 10 + container["lifecycle"]["preStop"]["sleep"]["seconds"]


def test_no_secret_stands_in_the_panels_deployment():
    """The database's URL and password come from the Secret; the client's secret and the mail's are files."""
    _, container = panel("portal")

    assert all(one["valueFrom"]["secretKeyRef"]["name"] == "assent-database" for one in container["env"])


@panels
def test_one_panel_sends_mails(case):
    """There is one, and the old one is gone before the new one comes: two would send each mail twice."""
    spec = found(rendered(*options(case)), "Deployment", "assent-portal")["spec"]

    assert (1, "Recreate") == (spec["replicas"], spec["strategy"]["type"])


@panels
def test_the_panels_account_is_the_one_that_admission_knows(case):
    """Whoever runs the panel is whom the policies let open requests for others."""
    pod, _ = panel(case)
    known = found(rendered(*options(case)), "ConfigMap", "assent-admission")["data"]["panel"]

    assert f"system:serviceaccount:{NAMESPACE}:{pod['serviceAccountName']}" == known


def test_nothing_of_the_panel_is_there_until_it_is_wanted():
    """By default there is no panel, no account of it, and no key."""
    assert [] == [one["metadata"]["name"] for one in rendered() if "portal" in one["metadata"]["name"]]


@panels
def test_services_tell_panel_and_operator_apart(case):
    """No Service and no network policy chooses pods of both."""
    objects = rendered(*options(case))
    pods = {
        one["metadata"]["name"]: one["spec"]["template"]["metadata"]["labels"]
        for one in objects
        if one["kind"] == "Deployment"
    }

    def chooses(one):
        wanted = one["spec"]["selector"] if one["kind"] == "Service" else one["spec"]["podSelector"]["matchLabels"]
        return [name for name, labels in pods.items() if wanted.items() <= labels.items()]

    choosing = [one for one in objects if one["kind"] in {"Service", "NetworkPolicy"}]
    assert {"assent-operator", "assent-portal"} == {*pods}
    for one in choosing:
        whose = "assent-portal" if "portal" in one["metadata"]["name"] else "assent-operator"
        assert [whose] == chooses(one)


def test_a_panels_key_is_made_where_there_is_none():
    """32 random bytes that nobody changes, kept when the chart goes; also where the panel comes with an upgrade."""
    first, second, upgraded = (
        found(rendered(*LEAST, *other), "Secret", "assent-portal-key")
        for other in ((), ("--debug",), ("--is-upgrade",))
    )

    assert 32 == len(base64.b64decode(first["data"]["panel.key"]))
    assert 3 == len({one["data"]["panel.key"] for one in (first, second, upgraded)})
    assert first["immutable"] is True
    assert {"helm.sh/resource-policy": "keep"} == first["metadata"]["annotations"]


def test_a_named_panels_key_is_used_as_it_is():
    """Whoever brings a key along gets no other one."""
    pod, _ = panel("portal-plain")
    names = [one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one]
    made = [one["metadata"]["name"] for one in rendered(*options("portal-plain")) if one["kind"] == "Secret"]

    assert "panel-sealed" in names
    assert "assent-portal-key" not in made


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://assent.example", "assent.example"), ("https://assent.example:8443/", "assent.example")],
)
def test_the_ingress_is_for_the_panels_own_address(url, host):
    """Where no host is named it is the one by which people reach the panel."""
    options = (*LEAST, f"--set=portal.publicUrl={url}", "--set=portal.ingress.enabled=true")
    ingress = found(rendered(*options), "Ingress", "assent-portal")
    ports = found(rendered(*options), "Service", "assent-portal")["spec"]["ports"]

    assert [host] == [one["host"] for one in ingress["spec"]["rules"]]
    assert [("http", 80, "http")] == [(one["name"], one["port"], one["targetPort"]) for one in ports]
    assert "tls" not in ingress["spec"]


def test_mails_need_a_way_out():
    """The way to the mail server is open where there is one, and no way but those that are needed."""

    def ports(*more):
        policy = found(rendered(*LEAST, *more), "NetworkPolicy", "assent-portal")
        return [sorted(port["port"] for port in rule["ports"]) for rule in policy["spec"]["egress"]]

    mail = ("--set=portal.smtp.host=mail.example", "--set=portal.mailFrom=assent@acme.example")
    assert [[53, 53], [443, 6443], [5432], [443]] == ports()
    assert [[53, 53], [443, 6443], [5432], [443], [465, 587]] == ports(*mail)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param("ledger.postgresql.existingSecret=", "which SQLite cannot do", id="sqlite"),
        pytest.param("portal.publicUrl=", "set portal.publicUrl", id="no-address"),
        pytest.param("portal.publicUrl=http://assent.example", "/portal/publicUrl", id="in-the-open"),
        pytest.param("portal.publicUrl=https://assent.example/panel", "/portal/publicUrl", id="with-a-path"),
        pytest.param("portal.oidc.issuer=", "set portal.oidc.issuer", id="no-issuer"),
        pytest.param("portal.oidc.issuer=http://id.example", "/portal/oidc/issuer", id="issuer-in-the-open"),
        pytest.param("portal.oidc.clientId=", "portal.oidc.clientId", id="no-client"),
        pytest.param("portal.oidc.scopes={email}", "must hold openid", id="no-openid"),
        pytest.param("portal.smtp.host=mail.example:587", "go together", id="from-nobody"),
        pytest.param("portal.mailFrom=assent@acme.example", "go together", id="no-server"),
        pytest.param("portal.smtp.security=Plain", "/portal/smtp/security", id="mails-in-the-open"),
        pytest.param("portal.sessionHours=0", "/portal/sessionHours", id="no-session"),
        pytest.param("portal.mailsPerHour=-1", "/portal/mailsPerHour", id="fewer-than-no-mails"),
        pytest.param("portal.trustedProxies={proxy}", "/portal/trustedProxies", id="proxy-by-name"),
        pytest.param("admission.panel=other", "admission.panel names", id="another-account"),
        pytest.param("portal.demoLogin=true", "'demoLogin' not allowed", id="demo"),
    ],
)
def test_a_panel_that_cannot_work_is_refused(given, message):
    """A wrong value ends the install with a sentence, before anything is written."""
    ran = helm("template", "assent", CHART, "--namespace", NAMESPACE, *LEAST, "--set", given)

    assert 0 != ran.returncode
    assert message in ran.stderr


def test_another_panel_may_be_named_where_the_chart_has_none():
    """Who runs the panel elsewhere names its account to admission."""
    made = found(rendered("--set=admission.panel=system:serviceaccount:x:y"), "ConfigMap", "assent-admission")

    assert "system:serviceaccount:x:y" == made["data"]["panel"]
