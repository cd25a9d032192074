"""What keeps an organization from being deleted, in a sentence that is the same for the same things."""

from datetime import UTC, datetime

import pytest

from assent.api.requests import RequestSpec
from assent.core.cases import Case, End
from assent.core.residence import Residents, held_by, under_way
from builders import ident, ref, request

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def residents(*documents, children=None, requests=None):
    named = {ref(path): phase for path, phase in (requests or {}).items()}
    return Residents(children or {}, frozenset(ident(one) for one in documents), named)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(residents(), "", id="nothing"),
        pytest.param(residents("User/acme/ana"), "1 user (ana)", id="one"),
        pytest.param(
            residents(*(f"User/acme/{name}" for name in ("juan", "ana", "omar", "eva", "lea"))),
            "5 users (ana, eva, juan and 2 more)",
            id="the-first-names-of-many",
        ),
        pytest.param(
            residents("ApprovalFlow/acme/f", "AccessRole/acme/r", "EnabledMicroservice/acme/e", "Microservice/acme/m"),
            "1 access role (r); 1 microservice (m); 1 enabled microservice (e); 1 approval flow (f)",
            id="by-kind",
        ),
        pytest.param(
            residents(children={"labs": "SubOrganization", "beta": "SubOrganization"}),
            "SubOrganization beta, labs",
            id="dependents",
        ),
        pytest.param(
            residents(requests={"acme/vdi": "Running", "acme/b": "PendingApproval"}),
            "requests acme/b (PendingApproval), acme/vdi (Running)",
            id="requests",
        ),
        pytest.param(
            residents("User/acme/ana", children={"labs": "SubOrganization"}, requests={"acme/vdi": "Running"}),
            "SubOrganization labs; 1 user (ana); request acme/vdi (Running)",
            id="all-of-it",
        ),
    ],
)
def test_rule_16_the_sentence_says_by_what(found, expected):
    """Rule 16: dependents, documents by kind, requests under way; few by name, many counted, always in one order."""
    assert (f"acme is kept until these are gone: {expected}" if expected else "") == held_by("acme", found)


def case(path, phase=None, *, present=True):
    spec = request(path, "vdi", "ana@acme").spec
    assert isinstance(spec, RequestSpec)
    end = End(NOW, phase, "x", "x") if phase else None
    return Case(ref(path), spec, 1, NOW, {}, end=end, present=present)


@pytest.mark.parametrize(
    ("one", "waits"),
    [
        pytest.param(case("acme/r"), True, id="open"),
        pytest.param(case("acme/r", present=False), True, id="running-though-its-object-is-gone"),
        pytest.param(case("acme/r", "Unknown"), True, id="not-settled"),
        pytest.param(case("acme/r", "Unknown", present=False), False, id="nobody-can-settle-it"),
        pytest.param(case("acme/r", "Succeeded"), False, id="ended"),
        pytest.param(case("other/r"), False, id="somebody-else-s"),
    ],
)
def test_rule_16_which_requests_are_waited_for(one, waits):
    """Rule 16: those to which something may still happen; an ended one is kept for a time, and keeps nobody."""
    assert ([one.ref] if waits else []) == under_way({one.ref: one}, "acme")
