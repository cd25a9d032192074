"""Rules 1 and 20, A1, A2, A4: every forged write that could be thought of, by every kind of account, none honoured.

What is tried is put together of ways of writing, accounts and lines; after each, what it left behind is read.
"""

from itertools import product

import pytest

from assent.adapters.kube import paths
from assent.api.decisions import parse
from assent.api.names import Ident
from assent.errors import ClusterError
from cluster import ways
from cluster.admission import AGENT, HOUSEKEEPER, MASTERS, OPERATOR, PANEL, give_everybody_everything, request
from cluster.opened import DIGEST, ENTRY, JUAN, MARIA, OWNER

ACCOUNTS = ("admin", JUAN, OPERATOR, PANEL, AGENT, HOUSEKEEPER, "eve")
REFUSED = {400, 403, 409, 415, 422}
COUNT = "forged writes tried, none honoured"

LINES = {
    "an approval in maria's name": f"approve as {MARIA} for {DIGEST}",
    "with a reason": f"approve as {MARIA} for {DIGEST} because agreed",
    "a rejection in her name": f"reject as {MARIA} because no",
    "a withdrawal in her name": f"withdraw as {MARIA}",
    "a cancellation in her name": f"cancel as {MARIA} because no",
    "a settlement in her name": f"settle-succeeded as {MARIA} because yes",
    "her name behind one's own": "approve as {me} as " + f"{MARIA} for {DIGEST}",
    "two lines": "approve as {me} for " + f"{DIGEST}\napprove as {MARIA} for {DIGEST}",
    "another digest": "approve as {me} for " + "0" * 64,
}

MARKS = {
    "kopf's memory": {"annotations": {"kopf.zalando.org/last-handled-configuration": "{}"}},
    "kopf's success": {"annotations": {"kopf.zalando.org/look": '{"success": true}'}},
    "kopf's delay": {"annotations": {"kopf.zalando.org/look": '{"delayed": "2099-01-01T00:00:00"}'}},
    "kopf's junk": {"annotations": {"kopf.zalando.org/look": "{"}},
    "memory under our own name": {"annotations": {"assent.dev/last-handled-configuration": "{}"}},
    "a creator": {"annotations": {"assent.dev/created-by": MARIA}},
    "a writer": {"annotations": {"assent.dev/written-by": MARIA}},
    "an owner": {"ownerReferences": [OWNER]},
    "a finalizer": {"finalizers": ["assent.dev/organization"]},
    "an execution": {"labels": {"assent.dev/execution": "x"}},
}


@pytest.fixture(scope="module")
def place(guarded_plane):
    """A request of juan's that waits for approval."""
    labelled = {"metadata": {"name": "forged", "labels": {"assent.dev/organization": "forged"}}}
    guarded_plane.api(OPERATOR, MASTERS).create("/api/v1/namespaces", labelled)
    guarded_plane.api(JUAN).create(paths.collection("Request", "forged"), request("r1", "forged"))
    found = paths.place(Ident("Request", "forged", "r1"))
    held = guarded_plane.admin.get(found)
    status = {"phase": "PendingApproval", "digest": DIGEST}
    guarded_plane.api(OPERATOR).replace(f"{found}/status", {**held, "status": status})
    return found


def attempts(plane, place, way, forgeries):
    """Each forgery by each account, as itself and as a dry run: what came of it, and what else went wrong."""
    for who, (what, metadata) in product(ACCOUNTS, forgeries.items()):
        api = plane.api(who, MASTERS if who == "admin" else ())
        for query in ({}, {"dryRun": "All"}):
            try:
                yield who, what, way(api, place, metadata(who), **query), None
            except ClusterError as refused:
                yield who, what, None, None if refused.status in REFUSED else refused.message


def judged(record_property, tried, honours):
    """The forgeries that were honoured, and the answers that are no refusals; how many there were is counted."""
    honoured, other, number = [], [], 0
    for who, what, answer, error in tried:
        number += 1
        other += [(what, error)] if error else []
        honoured += [(who, what, one) for one in (honours(who, answer) if answer else ())]
    record_property(COUNT, number)
    return honoured, other, number


@pytest.mark.parametrize("way", ways.DECIDING, ids=lambda way: way.__name__)
def test_rule_20_no_forged_decision_is_honoured(guarded_plane, place, way, record_property):
    """Whatever an account writes, in whichever way: no decision in another's name ever stands on a request."""
    forgeries = {
        what: lambda who, text=text: {"annotations": {ENTRY: text.format(me=who)}} for what, text in LINES.items()
    }
    tried = attempts(guarded_plane, place, way, forgeries)
    honoured, other, number = judged(record_property, tried, lambda who, answer: _decisions(answer, who))
    there = guarded_plane.admin.get(place.rpartition("/")[0])["items"]
    left = [found for one in there for found in _decisions(one, "")]

    assert ([], []) == (honoured, other)
    assert [] == left
    assert number == 2 * len(ACCOUNTS) * len(LINES)


@pytest.mark.parametrize("way", ways.MARKING, ids=lambda way: way.__name__)
def test_rule_1_no_forged_mark_is_honoured(guarded_plane, place, way, record_property):
    """Nothing that a machine might believe, own or hold a request by is written on one, nor born with it."""
    before = guarded_plane.admin.get(place)
    forgeries = {what: lambda _, about=about: about for what, about in MARKS.items()}
    tried = attempts(guarded_plane, place, way, forgeries)
    honoured, other, number = judged(record_property, tried, _marks)
    after = guarded_plane.admin.get(place)

    assert ([], []) == (honoured, other)
    assert _without_managers(before) == _without_managers(after)
    assert number == 2 * len(ACCOUNTS) * len(MARKS)


def _decisions(held, who):
    """The decisions that stand on an object and were not written by whom they name, or are for another digest."""
    for key, text in held["metadata"].get("annotations", {}).items():
        if key.lower().startswith("approval.assent.dev/"):
            try:
                line = parse(text)
            except ValueError:
                yield key, text
                continue
            if line.username != who or (line.verb == "approve" and line.digest != DIGEST):
                yield key, text


def _marks(who, held):
    """What stands on an object that is no note of people, its creator's name aside, where that is true."""
    about = held["metadata"]
    creator = JUAN if about["name"] == "r1" else who
    noted = {key: text for key, text in about["annotations"].items() if "assent.dev" in key or "kopf" in key}
    bound = [about[name] for name in ("ownerReferences", "finalizers") if name in about]
    labels = [about["labels"]] if "labels" in about and about["name"] == "r1" else []
    return [*([] if noted == {"assent.dev/created-by": creator} else [noted]), *bound, *labels]


def _without_managers(held):
    """The object without the server's notes of which client wrote which field."""
    notes = ("managedFields", "resourceVersion")
    return {**held, "metadata": {name: value for name, value in held["metadata"].items() if name not in notes}}


def test_rule_24_impersonation_needs_the_right(guarded_plane, place):
    """Whoever may impersonate is taken for whom they name, and nobody may without that right."""
    said = guarded_plane.kubectl("nobody-in-particular", "get", "-n", "forged", "requests.assent.dev", "--as", MARIA)
    guarded_plane.admin.delete("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/tests-everybody")
    try:
        refused = guarded_plane.until(
            lambda: _not_as_another(guarded_plane), "impersonation without the right was let through"
        )
    finally:
        give_everybody_everything(guarded_plane)

    assert 0 == said.returncode
    assert "Forbidden" in refused
    assert ENTRY not in guarded_plane.admin.get(place)["metadata"]["annotations"]


def _not_as_another(plane):
    place = ("-n", "forged", "requests.assent.dev", "r1", f"{ENTRY}=approve as {MARIA} for {DIGEST}")
    done = plane.kubectl("eve", "annotate", "--dry-run=server", *place, "--as", MARIA)
    return done.stderr if done.returncode else ""
