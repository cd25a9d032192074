"""One commit after another: what each brought in, judged in the world before it, whatever the number of looks."""

from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.api.evidence import Change
from assent.api.ledger import NewRecord
from assent.reconcile.workshop import Workshop
from builders import ADMIN, ALL, document, flow, organization, public_key, ref, request, role, stage, use, user
from core.lives import NOW, company, offering
from core.papers import PAPERS, ROOT, History, change, commit, gone, ident, signer

FLOW = flow("platform/f", stage("lead", "Requesting"))
SERVICE = offering(approvals=[use("platform/f")], parameters={"type": "object"})


@cache
def root():
    """The company, with an administrator of everything in b (`b/ada`) and a helper who may write users (`b/hal`)."""
    people = [
        role("b/admins", {"*": ALL}),
        role("b/helpers", {"*": ADMIN}),
        user("b/ada", "admins"),
        user("b/hal", "helpers"),
    ]
    return (*company(), *people, SERVICE, FLOW)


def history(*more):
    """A branch whose trust root is the company, and these documents."""
    return History(*root(), *more)


def asked(**more):
    """The request r1 of rita's."""
    return request("b/r1", "vdi", "rita@b", **more)


def opened(*more):
    """A branch on which rita's request r1 has been opened."""
    return history(*more).take(commit("b/rita", asked()))


# Whose a request is -------------------------------------------------------------------------------------------------


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


# A request's document ----------------------------------------------------------------------------------------------


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


# What is decided ----------------------------------------------------------------------------------------------------


def test_a_decision_is_judged_in_the_world_before_its_commit():
    """What one commit brings in counts from the next on: nobody decides by a right that the same commit gives."""
    by_role = flow("platform/f", stage("lead", roles=[{"organization": "b", "name": "chiefs"}]))
    found = opened(role("b/chiefs", {"*": ALL}), by_role)
    line = found.approval("b/ada", "b/r1")
    found.take(commit("b/ada", user("b/ada", "chiefs"), says=[line]))

    assert (["NotAnApprover"], {}) == (found.words("b/r1"), found.standing())
    assert "chiefs" == found.said("User/b/ada")["role"]["name"]


def test_a_right_that_the_same_commit_takes_away_counts_in_it():
    """The world before the commit judges what it says, also where the commit takes the author's right away."""
    found = opened()
    line = found.approval("b/bea", "b/r1")
    own = user("b/bea", "approves", language="en")
    found.take(commit("b/bea", own, says=[line]))

    assert [""] == found.words("b/r1")


def test_a_request_and_its_approval_may_come_in_one_commit():
    """Decisions are judged after the requests of their commit, so an approval beside its request finds it."""
    found = history()
    ahead = history().take(commit("b/rita", asked()))
    found.take(commit("b/bea", asked(), says=[ahead.approval("b/bea", "b/r1")]))

    assert ([""], "RequesterUnproven") == (found.words("b/r1"), found.decision("b/r1").hold.reason)


@pytest.mark.parametrize(
    ("by", "line", "word"),
    [
        pytest.param("b/bea", "approve as bea@b for {0}", "", id="one's-own"),
        pytest.param("b/ben", "approve as bea@b for {0}", "SignerMismatch", id="another's"),
        pytest.param(None, "approve as bea@b for {0}", "Unproven", id="unsigned"),
        pytest.param("b/bea", "approve as bea@b", "Malformed", id="without-a-digest"),
    ],
)
def test_a_line_counts_for_whoever_signed_the_commit_that_brought_it_in(by, line, word):
    """A line in a file counts only as its own signer's."""
    found = opened()
    found.take(commit(by, says=[("b/r1", line.format(found.digest("b/r1")))]))

    assert [word] == found.words("b/r1")


@pytest.mark.parametrize(
    ("by", "word", "name"),
    [
        pytest.param("b/bea", "", "bea@b", id="an-approver"),
        pytest.param("b/rita", "SelfApproval", "rita@b", id="the-requester"),
        pytest.param(None, "Unproven", "nobody", id="a-forge's-own-merge"),
    ],
)
def test_a_merge_is_an_approval_of_whoever_signed_it(by, word, name):
    """A trailer approves in the name of the commit's signer, and in nobody else's."""
    found = opened()
    found.take(commit(by, merges=[("b/r1", found.digest("b/r1"))]))

    assert [(word, name, "Merge")] == [(one.because, one.username, one.channel) for one in found.case("b/r1").voices]


def test_a_merge_counts_where_the_flow_accepts_it():
    """The channel of a trailer is Merge, that of a line in a file Annotation."""
    found = opened(flow("platform/f", stage("lead", "Requesting"), accepts=["Merge"]))
    found.take(commit("b/bea", says=[found.approval("b/bea", "b/r1")]))
    found.take(commit("b/bea", merges=[("b/r1", found.digest("b/r1"))]))

    assert ["ChannelNotAccepted", ""] == found.words("b/r1")


def test_a_decision_on_what_is_not_there_is_kept():
    """Whoever decides a request that does not exist can be told; it becomes no request by that."""
    found = history().take(commit("b/bea", says=[("b/ghost", "reject as bea@b because no")]))
    last = found.records[-1]

    assert ("decided", "b/ghost", "RequestNotFound") == (last.kind, last.subject, last.body["because"])
    assert found.case("b/ghost") is None


def test_a_line_taken_back_stays_said():
    """Decisions are read from the ledger alone: that the annotation goes away takes nothing back."""
    found = opened()
    found.take(commit("b/bea", says=[found.approval("b/bea", "b/r1")]))
    found.take(commit("b/bea", asked()))

    assert "Approved" == found.decision("b/r1").phase


@pytest.mark.parametrize(
    ("by", "line", "phase"),
    [
        pytest.param("b/rita", "withdraw as rita@b", "Withdrawn", id="withdrawn"),
        pytest.param("b/max", "cancel as max@b because no", "Cancelled", id="cancelled"),
        pytest.param("b/bea", "reject as bea@b because no", "Rejected", id="rejected"),
    ],
)
def test_an_end_that_somebody_makes_is_made_at_its_commit(by, line, phase):
    """Whoever ends a request ends it where they say so: nothing that comes later, seen at once or not, undoes it."""
    found = opened()
    approval = found.approval("b/ben", "b/r1")
    leaver = {"b/rita": "asks", "b/max": "manages", "b/bea": "approves"}[by]
    found.take(
        commit(by, says=[("b/r1", line)]),
        commit("b/ada", user(by, leaver, suspended=True)),
        commit("b/ben", says=[approval]),
    )

    assert (phase, ["", "RequestEnded"]) == (found.case("b/r1").end.phase, found.words("b/r1"))


def test_what_ends_by_itself_is_not_ended_by_a_commit():
    """Deadlines are the controller's to see: a commit that comes late ends nothing, and does not count."""
    found = opened(flow("platform/f", stage("lead", "Requesting"), decideWithin="1h"))
    line = found.approval("b/bea", "b/r1")
    found.now += timedelta(hours=2)
    found.take(commit("b/bea", says=[line]))

    assert (None, ["TooLate"], "Expired") == (
        found.case("b/r1").end,
        found.words("b/r1"),
        found.decision("b/r1").phase,
    )


def test_a_waiting_rejection_ends_it_at_the_approval_that_opens_its_stage():
    """A rejection that waited for its stage ends the request in the commit that opens that."""
    found = opened(flow("platform/f", stage("one", "Requesting"), stage("two", "Platform")))
    found.take(commit("platform/igor", says=[("b/r1", "reject as igor@platform because no")]))
    assert found.case("b/r1").end is None
    found.take(commit("b/bea", says=[found.approval("b/bea", "b/r1")]))

    assert ("Rejected", "platform/igor") == (found.case("b/r1").end.phase, found.case("b/r1").end.by)
    assert ["validated", "ended"] == [one.kind for one in found.records[-2:]]


# Configuration ------------------------------------------------------------------------------------------------------

IDLE = role("b/idle", {})
GIFT = role("b/gift", {"*": ALL})


@pytest.mark.parametrize(
    ("by", "said", "standing"),
    [
        pytest.param("b/ada", [IDLE], {}, id="by-somebody-entitled"),
        pytest.param(None, [IDLE], {"AccessRole/b/idle": "AuthorUnproven"}, id="unsigned"),
        pytest.param("b/bea", [IDLE], {"AccessRole/b/idle": "AuthorNotAllowed"}, id="without-the-right"),
        pytest.param("b/hal", [GIFT], {"AccessRole/b/gift": "CeilingExceeded"}, id="more-than-they-hold"),
        pytest.param(
            "b/hal",
            [IDLE, GIFT],
            {"AccessRole/b/gift": "CeilingExceeded", "AccessRole/b/idle": "CeilingExceeded"},
            id="whole-or-not-at-all",
        ),
        pytest.param(
            "b/ada",
            [user("b/new", "ghost")],
            {"User/b/new": "ReferenceMissing"},
            id="a-reference-to-nothing",
        ),
        pytest.param(
            "b/ada",
            [user("b/new", "idle"), IDLE],
            {},
            id="a-reference-to-what-comes-with-it",
        ),
    ],
)
def test_configuration_is_taken_over_whole_or_not_at_all(by, said, standing):
    """What one commit brought in is in force from the next on, all of it; or none, and each document says why."""
    found = history().take(commit(by, *said))

    assert standing == found.standing()
    in_force = [found.said(f"{one.kind}/b/{one.name}") is not None for one in said]
    assert [not standing] * len(said) == in_force


def test_what_was_refused_with_others_names_the_one_at_fault():
    """A document that is refused because of another one says which, and what to do."""
    found = history().take(commit("b/hal", IDLE, GIFT))
    why = found.state.standing[ident("AccessRole/b/idle")]

    assert "taken over whole or not at all, and AccessRole/b/gift was refused" in why.message
    assert "a commit of its own" in why.hint


def test_an_unreadable_file_takes_nothing_over():
    """Where a file of the commit cannot be read, nothing that it brought in is taken over, and the file is named."""
    found = history().take(commit("b/ada", IDLE, unreadable=True))

    assert {"AccessRole/b/idle": "Unreadable"} == found.standing()
    assert "bad.yaml:3:1" in found.state.standing[ident("AccessRole/b/idle")].message
    found = history().take(commit("b/ada", unreadable=True))
    assert [{"file": "bad.yaml", "message": "the text cannot be read"}] == found.records[-1].body["unreadable"]


def test_two_documents_of_one_name_leave_the_one_in_force():
    """Of two documents of one name the one in force stays; where none was, both are refused."""
    found = history(IDLE).take(commit("b/ada", twice=[[IDLE, role("b/idle", {"b": {"automate": "Viewer"}})]]))

    assert ({"AccessRole/b/idle": "DeclaredTwice"}, []) == (
        found.standing(),
        found.said("AccessRole/b/idle")["entries"],
    )
    found = history().take(commit("b/ada", twice=[[IDLE, IDLE]]))
    assert ({"AccessRole/b/idle": "DeclaredTwice"}, None) == (found.standing(), found.said("AccessRole/b/idle"))


def test_what_follows_no_contract_is_not_taken_over():
    """A document that its kind refuses stands refused with every problem; the one in force stays."""
    bad = {**IDLE.plain(), "spec": {"entries": [], "more": 1}}
    found = history(IDLE).take(commit("b/ada", bad))

    assert {"AccessRole/b/idle": "Invalid"} == found.standing()
    assert [] == found.said("AccessRole/b/idle")["entries"]


def test_a_commit_that_touches_no_document_needs_no_signature():
    """Whatever else a branch holds is nobody's business here."""
    found = history().take(commit(None))

    assert ({}, 1) == (found.standing(), len(found.records))


REFUSED = role("b/idle", {"*": ALL})
"""What hal may not write, and ada may."""
RESTORED, FURTHER = IDLE, role("b/idle", {"b": {"automate": "Viewer"}})


@pytest.mark.parametrize(
    ("commits", "standing", "entries"),
    [
        pytest.param([], "CeilingExceeded", 0, id="it-stands"),
        pytest.param([commit("b/hal", RESTORED)], None, 0, id="restored-by-whoever"),
        pytest.param([commit(None, RESTORED)], None, 0, id="restored-by-nobody-known"),
        pytest.param([commit("b/ada", FURTHER)], "AdoptionRequired", 0, id="built-upon-without-a-word"),
        pytest.param([commit("b/ada", FURTHER, adopts=["AccessRole/b/idle"])], None, 1, id="built-upon-and-adopted"),
        pytest.param([commit("b/ada", adopts=["AccessRole/b/idle"])], None, 1, id="adopted-by-an-empty-commit"),
        pytest.param(
            [commit("b/hal", adopts=["AccessRole/b/idle"])], "CeilingExceeded", 0, id="adopted-by-whoever-may-not"
        ),
        pytest.param([commit(None, adopts=["AccessRole/b/idle"])], "AuthorUnproven", 0, id="adopted-by-nobody-known"),
        pytest.param([commit("b/ada", REFUSED)], "AdoptionRequired", 0, id="signed-again-without-a-word"),
        pytest.param([commit("b/ada", gone=["AccessRole/b/idle"])], "AdoptionRequired", 0, id="deleted-without-a-word"),
        pytest.param(
            [commit("b/ada", gone=["AccessRole/b/idle"], adopts=["AccessRole/b/idle"])],
            None,
            None,
            id="deleted-and-adopted",
        ),
        pytest.param(
            [commit("b/ada", FURTHER), commit("b/ada", adopts=["AccessRole/b/idle"])], None, 1, id="adopted-at-last"
        ),
        pytest.param([commit("b/ada", FURTHER), commit("b/bea", RESTORED)], None, 0, id="put-back-at-last"),
        pytest.param([commit("b/ada", adopts=["AccessRole/b/other"])], "CeilingExceeded", 0, id="another-one-adopted"),
    ],
)
def test_what_stands_refused_is_restored_or_adopted(commits, standing, entries):
    """A refusal stands until somebody restores what is in force, or takes over the whole difference by name."""
    found = history(IDLE).take(commit("b/hal", REFUSED), *commits)
    said = found.said("AccessRole/b/idle")

    assert standing == found.standing().get("AccessRole/b/idle")
    assert entries == (len(said["entries"]) if said else None)


def test_a_document_that_was_never_in_force_is_restored_by_taking_it_away():
    """Absence is a version like any other: what was refused when it was new is put right by its going away."""
    found = history().take(commit("b/hal", GIFT), commit(None, gone=["AccessRole/b/gift"]))

    assert ({}, None) == (found.standing(), found.said("AccessRole/b/gift"))


def test_a_refused_deletion_is_put_right_by_putting_it_back():
    """A deletion that was refused leaves the document in force; putting it back puts the tree right."""
    found = history().take(commit("b/ada", gone=["AccessRole/b/asks"]))
    assert {"AccessRole/b/asks": "StillNeeded"} == found.standing()

    assert {} == found.take(commit(None, role("b/asks", {"*": {"automate": "Requester"}}))).standing()


def test_restoring_does_not_wait_for_others_of_its_commit():
    """What is put back as it was is right, whatever else the commit brings in."""
    found = history(IDLE).take(commit("b/hal", REFUSED), commit("b/hal", RESTORED, GIFT))

    assert {"AccessRole/b/gift": "CeilingExceeded"} == found.standing()


def test_who_wrote_what_is_known():
    """The author of a document in force, and of each part, is who brought it in; a restored one keeps its own."""
    old = user("b/wanda", "asks", aliases=["w1"])
    found = history(old).take(commit("b/ada", user("b/wanda", "asks", aliases=["w1", "w2"])))
    notes = found.world.provenance[ident("User/b/wanda")]

    assert (ref("b/ada"), None, ref("b/ada")) == (
        notes.document.author,
        notes.parts["name:w1"].author,
        notes.parts["name:w2"].author,
    )
    found.take(commit("b/max", user("b/wanda", "asks", aliases=["w1", "w2"])))
    assert ref("b/ada") == found.world.provenance[ident("User/b/wanda")].document.author


def test_an_organization_stays_while_requests_are_open():
    """Rule 16: an organization in which a request waits is not taken away; once that is withdrawn it may be."""
    away = [
        organization("x", "Client"),
        role("x/admins", {"*": ALL}),
        role("platform/admins", {"*": ALL}),
        user("platform/root", "admins"),
        user("x/rita", "admins"),
    ]
    found = history(*away).take(commit("x/rita", request("x/r1", "vdi", "rita@x")))
    everything = ["Organization/x", "AccessRole/x/admins", "User/x/rita"]
    later = history(*away).take(
        commit("x/rita", request("x/r1", "vdi", "rita@x")),
        commit("x/rita", says=[("x/r1", "withdraw as rita@x")]),
    )
    why = [found.take(commit("platform/root", gone=everything)).standing(), later.standing()]
    later.take(commit("platform/root", gone=everything))
    asked_for = {one: word for one, word in later.standing().items() if word == "StillNeeded"}

    assert "StillNeeded" in why[0].values()
    assert {} == asked_for


# Merges -------------------------------------------------------------------------------------------------------------

VIEWER, REQUESTER = (role("b/idle", {"b": {"automate": level}}) for level in ("Viewer", "Requester"))
UNENTITLED = role("b/idle", {"*": ALL})


@pytest.mark.parametrize(
    ("before", "taken", "expected", "standing"),
    [
        pytest.param([commit("b/ada", VIEWER)], VIEWER, VIEWER, None, id="what-is-in-force"),
        pytest.param(
            [commit("b/ada", VIEWER), commit("b/ada", REQUESTER)], VIEWER, VIEWER, None, id="what-counted-before"
        ),
        pytest.param(
            [commit("b/ada", VIEWER), commit("b/hal", UNENTITLED)], VIEWER, VIEWER, None, id="in-place-of-the-refused"
        ),
        pytest.param(
            [commit("b/ada", VIEWER), commit("b/hal", UNENTITLED)],
            UNENTITLED,
            VIEWER,
            "NotConferable",
            id="the-refused-one",
        ),
        pytest.param(
            [commit("b/hal", UNENTITLED), commit("b/ada", VIEWER, adopts=["AccessRole/b/idle"])],
            UNENTITLED,
            VIEWER,
            "AdoptionRequired",
            id="the-one-that-was-refused-once",
        ),
        pytest.param(
            [commit("b/ada", gone=["AccessRole/b/idle"]), commit("b/ada", VIEWER)],
            gone("AccessRole/b/idle"),
            None,
            None,
            id="a-deletion-that-counted",
        ),
        pytest.param(
            [commit("b/bea", gone=["AccessRole/b/idle"]), commit("b/ada", VIEWER, adopts=["AccessRole/b/idle"])],
            gone("AccessRole/b/idle"),
            VIEWER,
            "AdoptionRequired",
            id="a-deletion-that-did-not",
        ),
        pytest.param(
            [commit("b/ada", twice=[[VIEWER, REQUESTER]])],
            change(VIEWER, REQUESTER),
            IDLE,
            "DeclaredTwice",
            id="two-of-one-name",
        ),
    ],
)
@pytest.mark.parametrize("by", [None, "b/bea", "b/ada"])
def test_a_merge_that_only_takes_answers_for_nothing(before, taken, expected, standing, by):
    """What a merge takes of its parents counts by whoever wrote it; what did not count stands refused."""
    found = history(IDLE).take(*before, commit(by, taken=[taken]))

    assert (expected.plain()["spec"] if expected else None) == found.said("AccessRole/b/idle")
    assert standing == found.standing().get("AccessRole/b/idle")


def test_a_merge_makes_nobody_else_the_author():
    """A version that a merge takes is its writer's, as it was before."""
    found = history(IDLE).take(commit("b/ada", VIEWER), commit("b/ada", REQUESTER), commit("b/bea", taken=[VIEWER]))

    assert ref("b/ada") == found.world.provenance[ident("AccessRole/b/idle")].document.author


def test_a_writer_who_lost_the_right_since_gives_it_no_more():
    """A version that a merge takes is judged by its writer's rights as they are now."""
    found = history(IDLE, user("b/tim", "admins")).take(
        commit("b/tim", VIEWER),
        commit("b/ada", REQUESTER, user("b/tim", "admins", suspended=True)),
        commit("b/ada", taken=[VIEWER]),
    )

    assert {"AccessRole/b/idle": "AuthorNotAllowed"} == found.standing()


def test_a_merge_takes_requests_as_they_are():
    """A request that a merge only took was brought in by another commit, and judged there."""
    found = opened().take(commit("b/bea", taken=[asked()], unreadable=True))

    assert (None, "PendingApproval") == (found.refused("b/r1"), found.decision("b/r1").phase)


# However often anybody looks ----------------------------------------------------------------------------------------


def line(who, verb, name, because=" because so"):
    """A line that needs no digest."""
    return (name, f"{verb} as {who}{because}")


@cache
def moves():
    """What may happen on the branch, each as the arguments of a commit."""
    ahead = opened()
    approve = ahead.approval("b/bea", "b/r1")
    r2 = request("b/r2", "vdi", "rita@b")
    keyed = [{"publicKey": public_key("b/ben")}, {"publicKey": public_key("ben2")}]
    return (
        ("b/rita", (asked(),), {}),
        ("b/bea", (asked(),), {}),
        ("b/rita", (asked(reason="x"),), {}),
        ("b/rita", (r2,), {}),
        ("b/rita", (), {"gone": ["Request/b/r1"]}),
        ("b/ada", (), {"gone": ["Request/b/r1"]}),
        ("b/bea", (), {"says": [approve]}),
        ("b/bea", (), {"merges": [(approve[0], approve[1].split()[4])]}),
        ("b/ben", (), {"says": [line("ben@b", "reject", "b/r1")]}),
        ("b/max", (), {"says": [line("max@b", "cancel", "b/r2")]}),
        ("b/rita", (), {"says": [line("rita@b", "withdraw", "b/r2", "")]}),
        ("b/ada", (user("b/bea", "approves", suspended=True),), {}),
        ("b/ada", (user("b/bea", "approves"),), {}),
        ("b/ada", (user("b/ben", "approves", signingKeys=keyed),), {}),
        ("b/ben", (), {"says": [line("ben@b", "reject", "b/r1")], "key": "ben2"}),
        ("b/ada", (VIEWER,), {}),
        ("b/hal", (UNENTITLED,), {}),
        ("b/ada", (), {"adopts": ["AccessRole/b/idle"]}),
        (None, (IDLE,), {}),
        ("b/ada", (), {"gone": ["AccessRole/b/idle"]}),
        (None, (), {"taken": [VIEWER]}),
        (None, (), {"taken": [UNENTITLED]}),
        (None, (), {"taken": [Change(ident("AccessRole/b/idle"), ())]}),
        ("b/ada", (role("b/approves", {"*": {"automate": "Requester"}}),), {}),
    )


@settings(max_examples=60)
@given(st.lists(st.integers(0, 23), min_size=1, max_size=9), st.data())
def test_the_result_does_not_depend_on_how_often_anybody_looks(chosen, data):
    """However commits are divided over looks, with a restart after each, records and all that is known are the same."""
    commits = [commit(by, *said, **more) for by, said, more in (moves()[one] for one in chosen)]
    cuts = data.draw(st.sets(st.integers(1, len(commits)), max_size=4)) | {0, len(commits)}
    at_once, in_parts = history(IDLE).take(*commits), history(IDLE)
    for start, end in zip(sorted(cuts), sorted(cuts)[1:], strict=False):
        in_parts.take(*commits[start:end])

    assert at_once.records == in_parts.records
    assert (at_once.state, at_once.world, at_once.known.forced) == (
        in_parts.state,
        in_parts.world,
        in_parts.known.forced,
    )


@settings(max_examples=40)
@given(st.lists(st.integers(0, 23), max_size=12))
def test_no_commit_makes_anything_of_nothing(chosen):
    """Whatever comes in, a request is proven by its requester alone, and what stands refused is not in force."""
    found = history(IDLE)
    for by, said, more in (moves()[one] for one in chosen):
        found.take(commit(by, *said, **more))

    assert all(case.proven_by in (None, ref("b/rita")) for case in found.state.cases.values())
    for one, why in found.state.standing.items():
        assert [found.known.forced.get(one)] != list(why.versions)
    assert NOW == found.state.at


def test_a_first_trusted_commit_is_in_force_as_it_stands():
    """A new trust root begins anew: what was refused or changed before is forgotten, and requests are not."""
    found = opened().take(commit("b/hal", GIFT), commit("b/ada", IDLE))
    PAPERS.trees["1" * 40] = PAPERS.trees[ROOT]
    found.note(*(NewRecord("trusted", "1" * 40, {"commit": "1" * 40}) for _ in range(2)))

    assert ({}, {}, {}, "1" * 40) == (found.standing(), found.state.written, found.state.accepted, found.state.root)
    assert ref("b/r1") in found.state.cases


def test_keys_of_this_page_are_each_one_person_s():
    """What these tests sign with are keys of different people."""
    assert len({signer(path) for path in ("b/rita", "b/bea", "b/ada", "b/hal", "ben2")}) == 5
