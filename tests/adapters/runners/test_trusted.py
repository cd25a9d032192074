"""Rule 43: whose microservices may be given the secrets of which organization is the operator's to say."""

import pytest

from assent.adapters.runners import ProcessRunner
from assent.adapters.runners.web import HttpRunner
from assent.api.plans import Execution
from assent.errors import RunnerError

SECRETS = {"parameters": {"token": {"secretRef": "admin"}}, "secrets": {"token": "admin"}}
SENTENCE = (
    "The microservices of southwind may not be given secrets of acme. "
    "Ask who runs the controller to start it with `--allow-secrets southwind`."
)


def process(laid, **options):
    for owner in ("southwind", "acme", "platform"):
        laid.program("cat > /dev/null", owner=owner)
    return ProcessRunner(laid.programs, laid.secrets, **options)


def web(laid, **options):
    prefixes = {owner: ["https://api.example/"] for owner in ("southwind", "acme", "platform")}
    return HttpRunner(prefixes, laid.secrets, **options)


@pytest.fixture(params=[(process, {"program": "program"}), (web, {"url": "https://api.example/v1"})])
def runner(request, laid, plan):
    """Each runner that hands secrets over, and a plan for it."""
    laid.secret("admin", "hunter2hunter2")
    make, settings = request.param
    return lambda **options: make(laid, **options), lambda **more: plan(settings=settings, **more)


def test_rule_43_a_strangers_service_is_given_no_secret(runner):
    """Rule 43: by default no owner's microservices are given another organization's secrets, whatever is asked for."""
    make, plan = runner
    document = plan(owner="southwind", **SECRETS)

    assert SENTENCE == make().check(document)
    assert SENTENCE == make(trusted=["platform"]).check(document)
    with pytest.raises(RunnerError, match="may not be given secrets"):
        make().act(document, Execution("ab" * 16, None))


@pytest.mark.parametrize(
    ("owner", "trusted"),
    [
        pytest.param("acme", [], id="its own organization's"),
        pytest.param("southwind", ["southwind"], id="trusted"),
        pytest.param("platform", ["southwind", "platform"], id="one of two trusted"),
    ],
)
def test_rule_43_who_may_be_given_a_secret(runner, owner, trusted):
    """Rule 43: an owner's microservices are given its own secrets always, and others' where the operator says so."""
    make, plan = runner

    assert make(trusted=trusted).check(plan(owner=owner, **SECRETS)) is None


def test_without_secrets_nobody_need_be_trusted(runner):
    """A stranger's service that asks for no secret runs as ever."""
    make, plan = runner

    assert make().check(plan(owner="southwind")) is None
