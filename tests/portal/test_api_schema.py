"""The API keeps its contract whatever is sent to it: schemathesis tries it over the real app, with a real token."""

from itertools import cycle

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings, strategies
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from assent.portal.api import documenting
from assent.portal.api.mounting import made
from portal.callers import AT, Caller, by, caller
from portal.provider import Provider
from portal.street import street

EXAMPLES = 50
"""Tries of an operation, once with what the contract allows and once with what it does not: half a minute in all."""

NOTHING = ([], {}, None)
"""Values of which nothing stands in an address, so that what they break is not sent."""

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
    checks.unsupported_method,
    checks.allow_header_conformance,
    checks.ignored_auth,
]
"""All but `positive_data_acceptance`: the schemas of offers, which the contract cannot know, refuse what it allows."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    with (
        Provider() as provider,
        street(folder / "world", public_url="http://testserver", **by(provider, folder)) as home,
    ):
        home.tokens = cycle([caller(home, provider, name).headers["Authorization"] for name in ("juan", "maria")])
        yield home


@pytest.fixture(scope="module")
def contract(home):
    return schemathesis.openapi.from_asgi(f"{AT}/openapi.json", home.app)


OPERATIONS = [
    (method.upper(), path) for path, methods in documenting.contract(made())["paths"].items() for method in methods
]


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nothing_that_is_sent_breaks_the_contract(home, contract, method, path, mode):
    """No server error; answers and refusals are as the contract says; what it does not allow is refused."""
    operation = contract[path][method]

    @given(case=operation.as_strategy(generation_mode=mode), there=strategies.booleans())
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    def holds(case, *, there):
        if there and mode is GenerationMode.POSITIVE:
            known(case)
        assume(all(value not in NOTHING for value in (case.query or {}).values()))
        case.call_and_validate(headers={"Authorization": next(home.tokens)}, checks=CHECKS)

    holds()


def known(case):
    """The same with what there is: names that nobody draws by chance."""
    case.path_parameters = {name: documenting.PATHS[name] for name in case.path_parameters or {}}
    if isinstance(case.body, dict) and "microservice" in case.body:
        case.body = {**case.body, "microservice": {"name": "create-workspaces"}}


def test_every_operation_and_field_says_what_it_is(home):
    """The contract is the reference of whoever writes a script."""
    contract = Caller(home.app).asked("/openapi.json")
    operations = [one for methods in contract["paths"].values() for one in methods.values()]
    fields = [
        (name, field, node)
        for name, one in contract["components"]["schemas"].items()
        for field, node in one["properties"].items()
    ]

    parameters = [(one["operationId"], each) for one in operations for each in one.get("parameters", ())]

    assert [] == [(name, each["name"]) for name, each in parameters if not each.get("description")]
    assert [] == [one["operationId"] for one in operations if not one.get("description") or not one.get("summary")]
    assert [] == [(name, field) for name, field, node in fields if not node.get("description")]
    assert len(operations) == len({one["operationId"] for one in operations})
