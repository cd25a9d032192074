"""Requests as commits bring them in: whose they are, what changes them, and what takes them away."""

import pytest

from assent.reconcile.workshop import Workshop
from builders import ALL, document, public_key, ref, request, role, user
from core.branch import asked, history, opened
from core.papers import commit


@pytest.mark.parametrize(
    ("by", "key", "expected"),
    [
        pytest.param("b/rita", "", ref("b/rita"), id="its-requester"),
        pytest.param("b/bea", "", None, id="somebody-else"),
        pytest.param(None, "", None, id="nobody"),
        pytest.param("b/rita", "unknown", None, id="a-key-of-nobody's"),
    ],
)
def test_a_request_is_its_requester_s_by_their_signature(by, key, expected):
    """A request is its requester's when their signature brought it in; else it is seen, and waits unproven."""
    found = history().take(commit(by, asked(), key=key))

    assert expected == found.case("b/r1").proven_by
    assert ("PendingApproval" if expected else "Submitted") == found.decision("b/r1").phase


def test_whoever_signs_it_again_later_proves_it():
    """Where somebody else brought a request in, its requester's own signature on the same proves it later."""
    found = history().take(commit("b/bea", asked()))
    assert "RequesterUnproven" == found.decision("b/r1").hold.reason
    found.take(commit("b/ben", asked()))
    assert found.case("b/r1").proven_by is None
    found.take(commit("b/rita", asked()))

    assert (ref("b/rita"), "PendingApproval") == (found.case("b/r1").proven_by, found.decision("b/r1").phase)
    assert ["observed", "proven"] == [one.kind for one in found.records[1:]]


def test_an_alias_is_the_same_person():
    """The requester may be named by any name of the person who signs."""
    found = history(user("b/rita", "asks", aliases=["R.Jones"]))
    found.take(commit("b/rita", request("b/r1", "vdi", "R.Jones")))

    assert ref("b/rita") == found.case("b/r1").proven_by


DATED = {
    "in force": ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", True),
    "expired": ("2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z", False),
    "to come": ("2026-02-01T00:00:00Z", "2027-01-01T00:00:00Z", False),
    "ends at this moment": ("2025-01-01T00:00:00Z", "2026-01-05T09:00:00Z", False),
    "begins at this moment": ("2026-01-05T09:00:00Z", "2027-01-01T00:00:00Z", True),
}


@pytest.mark.parametrize(("since", "until", "good"), [pytest.param(*one, id=name) for name, one in DATED.items()])
def test_a_key_counts_by_its_validity_when_it_is_first_seen(since, until, good):
    """Rule 38: what counts is when the commit was seen; a date that a commit claims is not even read."""
    dated = {"publicKey": public_key("b/rita"), "validFrom": since, "validUntil": until}
    found = history(user("b/rita", "asks", signingKeys=[dated])).take(commit("b/rita", asked()))

    assert good == (found.case("b/r1").proven_by is not None)
    found.take(commit("b/rita", says=[("b/r1", "withdraw as rita@b")]))
    assert ["" if good else "UnknownSigner"] == found.words("b/r1")


def test_a_key_that_the_same_commit_brings_proves_nothing():
    """Rule 38: the author is proven by the keys in force before the commit; what it brings counts from the next on."""
    more = {"signingKeys": [{"publicKey": public_key("b/ada")}, {"publicKey": public_key("new")}]}
    mine = user("b/ada", "admins", **more)
    found = history().take(commit("b/ada", mine, key="new"))

    assert {"User/b/ada": "AuthorUnproven"} == found.standing()
    found = history().take(commit("b/ada", mine), commit("b/ada", role("b/more", {}), key="new"))
    assert {} == found.standing()


def test_a_key_of_two_people_is_nobody_s():
    """One key belongs to one User: where two have it, its signature proves nobody."""
    twin = user("b/twin", "asks", signingKeys=[{"publicKey": public_key("b/rita")}])
    found = history(twin).take(commit("b/rita", asked()))

    assert found.case("b/r1").proven_by is None


def test_a_spec_never_changes():
    """Rule 7: a changed spec is refused and told until it is put back; the case is what was seen first."""
    found = opened()
    before = found.digest("b/r1")
    found.take(commit("b/rita", asked(parameters={"more": 1})))

    assert ("RequestChanged", before) == (found.refused("b/r1"), found.digest("b/r1"))
    found.take(commit("b/bea", asked()))
    assert (None, before) == (found.refused("b/r1"), found.digest("b/r1"))


def test_annotations_and_labels_are_no_change():
    """A request is its spec: labels and notes come and go."""
    labelled = document("Request", "r1", asked().plain()["spec"], "b", labels={"team": "x"})
    found = opened().take(commit(None, labelled))

    assert (None, True) == (found.refused("b/r1"), found.case("b/r1").open)


@pytest.mark.parametrize(
    ("by", "key", "phase", "refused", "words"),
    [
        pytest.param("b/rita", "", "Withdrawn", None, [""], id="its-requester-withdraws"),
        pytest.param("b/ada", "", "PendingApproval", "RequestDeleted", [], id="not-even-an-administrator"),
        pytest.param(None, "", "PendingApproval", "RequestDeleted", [], id="nobody"),
        pytest.param("b/rita", "unknown", "PendingApproval", "RequestDeleted", [], id="an-unknown-key"),
    ],
)
def test_taking_an_open_request_away(by, key, phase, refused, words):
    """Deleting an open request is a withdrawal where its requester signed it, and refused otherwise."""
    found = opened().take(commit(by, gone=["Request/b/r1"], key=key))

    assert (phase, refused, words) == (found.decision("b/r1").phase, found.refused("b/r1"), found.words("b/r1"))


def test_a_withdrawal_that_does_not_count_takes_nothing_away():
    """A requester who is suspended deletes nothing: the request stays, and the finding with it."""
    found = opened().take(commit("b/ada", user("b/rita", "asks", suspended=True)))
    found.take(commit("b/rita", gone=["Request/b/r1"]))

    assert ("RequestDeleted", ["Suspended"], True) == (
        found.refused("b/r1"),
        found.words("b/r1"),
        found.case("b/r1").present,
    )


def test_what_was_taken_away_by_others_is_put_back():
    """A document that others took away is put back as it was; nothing has happened to its request."""
    found = opened().take(commit("b/bea", gone=["Request/b/r1"]), commit("b/bea", asked()))

    assert (None, "PendingApproval") == (found.refused("b/r1"), found.decision("b/r1").phase)


def ended(found):
    """The same branch after the request was withdrawn by a line."""
    return found.take(commit("b/rita", says=[("b/r1", "withdraw as rita@b")]))


def test_an_ended_request_is_anybody_s_to_take_away():
    """Deleting an ended request's document has no effect, whoever does it."""
    found = ended(opened()).take(commit(None, gone=["Request/b/r1"]))

    assert ("Withdrawn", None, False) == (
        found.decision("b/r1").phase,
        found.refused("b/r1"),
        found.case("b/r1").present,
    )


def test_what_was_missing_is_no_finding_once_the_request_has_ended():
    """A document that others took away may stay away when its request has ended."""
    found = ended(opened().take(commit("b/bea", gone=["Request/b/r1"])))

    assert ("Withdrawn", None) == (found.decision("b/r1").phase, found.refused("b/r1"))


@pytest.mark.parametrize("again", [pytest.param({}, id="the-same"), pytest.param({"reason": "x"}, id="another")])
def test_rule_8_a_name_is_used_once(again):
    """Rule 8: a request under a name that was used before is Invalid for ever, whatever it says, whoever signs."""
    found = ended(opened()).take(commit(None, gone=["Request/b/r1"]), commit("b/rita", asked(**again)))
    decision = found.decision("b/r1")

    assert ("NameUsedBefore", "Invalid", None) == (found.refused("b/r1"), decision.phase, decision.claim)
    found.take(commit("b/rita", asked()))
    assert ("NameUsedBefore", "Invalid") == (found.refused("b/r1"), found.decision("b/r1").phase)
    found.take(commit("b/bea", gone=["Request/b/r1"]))
    assert (None, "Withdrawn") == (found.refused("b/r1"), found.decision("b/r1").phase)


def test_an_end_is_not_left_because_somebody_edits_the_file():
    """An ended request whose file is edited stays ended as it was; the edit is refused."""
    found = ended(opened()).take(commit(None, asked(reason="x")))

    assert ("RequestChanged", "Withdrawn") == (found.refused("b/r1"), found.decision("b/r1").phase)


def test_a_running_request_is_not_taken_away_either():
    """After the claim a deletion by others is refused, and its requester's calls nothing back."""
    found = opened()
    found.take(commit("b/bea", says=[found.approval("b/bea", "b/r1")]))
    plan = found.decision("b/r1").claim
    found.note(Workshop.claim(plan, []))
    found.take(commit("b/bea", gone=["Request/b/r1"]))
    assert "RequestDeleted" == found.refused("b/r1")
    found.take(commit("b/rita", gone=["Request/b/r1"]))

    assert ("Running", ["", "AlreadyClaimed"], False) == (
        found.decision("b/r1").phase,
        found.words("b/r1"),
        found.case("b/r1").present,
    )


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        pytest.param({**asked().plain(), "spec": {"requester": "rita@b"}}, "Invalid", id="a-field-is-missing"),
        pytest.param({**asked().plain(), "status": {}}, "Invalid", id="with-a-status"),
        pytest.param(
            {**asked().plain(), "metadata": {"name": "r1", "namespace": "b", "more": 1}}, "Invalid", id="unknown-field"
        ),
    ],
)
def test_what_follows_no_contract_never_becomes_a_request(bad, word):
    """A document that is no Request is told and opens nothing; its name stays free until one is there."""
    found = history().take(commit("b/rita", bad))

    assert (word, None) == (found.refused("b/r1"), found.case("b/r1"))
    fixed = found.take(commit("b/rita", asked()))
    assert (None, ref("b/rita")) == (fixed.refused("b/r1"), fixed.case("b/r1").proven_by)


def test_what_follows_no_contract_and_is_taken_away_is_forgotten():
    """A bad document that is gone again is no finding any more, and leaves no case."""
    bad = {**asked().plain(), "spec": {"requester": "rita@b"}}
    found = history().take(commit("b/rita", bad), commit(None, gone=["Request/b/r1"]))

    assert (None, None) == (found.refused("b/r1"), found.case("b/r1"))
    assert found.take(commit("b/rita", gone=["Request/b/ghost"])).case("b/ghost") is None


def test_two_documents_of_one_name_are_no_request():
    """Of two requests of one name neither is opened; where one was there before, it stays what it is."""
    two = [asked(), asked(reason="x")]
    found = history().take(commit("b/rita", twice=[two]))
    assert ("DeclaredTwice", None) == (found.refused("b/r1"), found.case("b/r1"))

    found = opened().take(commit("b/bea", twice=[two]))
    assert ("DeclaredTwice", "PendingApproval") == (found.refused("b/r1"), found.decision("b/r1").phase)
    assert found.take(commit("b/bea", asked())).refused("b/r1") is None


def test_rule_28_a_bad_document_leaves_the_others_of_its_commit_alone():
    """Rule 28: each request and each line is judged by itself; one that is bad costs no other."""
    bad = {**asked().plain(), "spec": {"requester": "rita@b"}}
    found = history().take(
        commit(
            "b/rita",
            bad,
            request("b/r2", "vdi", "rita@b"),
            role("b/gift", {"*": ALL}),
            says=[("b/r2", "nonsense"), ("b/ghost", "withdraw as rita@b"), ("b/r2", "withdraw as rita@b")],
            unreadable=True,
        )
    )

    assert ("Invalid", "Withdrawn") == (found.refused("b/r1"), found.decision("b/r2").phase)
    assert ["Malformed", ""] == found.words("b/r2")
    assert {"AccessRole/b/gift": "Unreadable"} == found.standing()
