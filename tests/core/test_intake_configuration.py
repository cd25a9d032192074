"""Configuration as commits bring it in: whole or not at all, restored, adopted, merged."""

import pytest

from builders import ALL, organization, ref, request, role, user
from core.branch import FURTHER, GIFT, IDLE, REFUSED, RESTORED, asked, history, opened
from core.papers import change, commit, gone, ident


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
