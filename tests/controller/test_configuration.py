"""Changes of configuration on a real repository: who may make them, and whole or not at all."""

import pytest

from controller import declared
from controller.deciding import approve, ask


def changed(ground, path, **spec):
    """A document with some fields of its spec set."""
    value = ground.value(path)
    value["spec"] |= spec
    return value


def without(ground, path, field):
    value = ground.value(path)
    del value["spec"][field]
    return value


def levels(ground, path, **automate):
    """A role with other levels in its first entry."""
    value = ground.value(path)
    value["spec"]["entries"][0]["levels"] |= automate
    return value


def key_of(ground, whose):
    return [{"publicKey": ground.keys[whose].line}]


RAISED = {
    "another role": ("ana", lambda g: changed(g, "user/acme/ana", role={"name": "acme-admins"})),
    "more in one's own role": ("maria", lambda g: levels(g, "accessrole/acme/acme-managers", automate="Manager")),
    "the portal": ("juan", lambda g: levels(g, "accessrole/acme/acme-requesters", portal="OrganizationAdmin")),
    "a friend above": ("alba", lambda g: declared.user("friend", "platform", "platform-admins")),
    "oneself into a flow": ("maria", lambda g: changed(g, "approvalflow/platform/manager", selfApproval="Allowed")),
    "no flow at all": ("juan", lambda g: without(g, "microservice/platform/one", "approvals")),
    "an approver's key": ("ana", lambda g: changed(g, "user/acme/maria", signingKeys=key_of(g, "ana"))),
    "an approver's name": ("ana", lambda g: changed(g, "user/acme/ana", aliases=["maria@acme.example"])),
}


@pytest.mark.parametrize(("by", "change"), RAISED.values(), ids=RAISED)
def test_rules_12_and_13_nobody_raises_themselves(ground, passing, by, change):
    """Rules 12, 13: the change stands refused, and what is in force stays, whatever the tree says."""
    before, value = passing.in_force(), change(ground)
    ground.commit(by, value)
    (ident,) = passing.rest().standing()

    assert ident.endswith(f"/{value['metadata']['name']}")
    assert before == passing.in_force()


def test_rule_13_what_was_refused_gives_nothing(ground, passing):
    """Rule 13: Ana may not ask, raises her own role, and still may not ask, now or by her next commit."""
    ground.commit("ana", changed(ground, "user/acme/ana", role={"name": "acme-admins"}))
    ask(ground, passing, "note", by="ana")

    assert ("Submitted", "RequesterNotAllowed") == (passing.phase("vdi"), passing.reason("vdi"))
    assert [] == ground.started()


def test_a_change_takes_effect_with_the_next_commit(ground, passing):
    """The very commit that gives a right is not yet made by it: what one commit brings in counts from the next on."""
    admin = changed(ground, "user/acme/ana", role={"name": "acme-requesters"})
    ground.commit("alba", admin)
    ground.commit("ana", declared.request("vdi", "note", "ana@acme.example"))
    passing.rest()

    assert ("Succeeded", {}) == (passing.phase("vdi"), passing.standing())


def test_a_commit_is_taken_over_whole_or_not_at_all(ground, passing):
    """A change that was fine falls with one that was not; the request in the same commit stands on its own."""
    fine = changed(ground, "user/acme/ana", displayName="Ana")
    wrong = changed(ground, "accessrole/platform/platform-engineers", displayName="Engineers")
    before = passing.in_force()
    ground.commit("alba", fine, wrong, declared.request("vdi", "note", "alba@acme.example"))
    passing.rest()

    assert {"User/acme/ana", "AccessRole/platform/platform-engineers"} == set(passing.standing())
    assert before == passing.in_force()
    assert "Succeeded" == passing.phase("vdi")
    assert (
        "whole or not at all" in {str(one): two.message for one, two in passing.state.standing.items()}["User/acme/ana"]
    )


def test_what_is_split_is_judged_apart(ground, passing):
    """The same two changes by a commit each: one is in force, one stands refused."""
    ground.commit("alba", changed(ground, "user/acme/ana", displayName="Ana"))
    ground.commit("alba", changed(ground, "accessrole/platform/platform-engineers", displayName="Engineers"))
    passing.rest()

    assert ["AccessRole/platform/platform-engineers"] == list(passing.standing())
    assert "Ana" == passing.in_force()["User/acme/ana"]["spec"]["displayName"]


@pytest.fixture
def refused(ground, passing):
    """Juan has written a display name for Ana, and a role; it stands refused."""
    ground.commit("juan", changed(ground, "user/acme/ana", displayName="Ana", role={"name": "acme-requesters"}))
    assert {"User/acme/ana": "AuthorNotAllowed"} == passing.rest().standing()
    return passing


def test_what_stands_refused_is_built_upon_by_nobody(ground, refused):
    """Alba may change Ana's document, but would take Juan's part over without having said so."""
    ground.commit("alba", changed(ground, "user/acme/ana", department="IT"))

    assert {"User/acme/ana": "AdoptionRequired"} == refused.rest().standing()
    assert "department" not in refused.in_force()["User/acme/ana"]["spec"]


@pytest.mark.parametrize(("by", "standing"), [("alba", {}), ("maria", "AuthorNotAllowed"), (None, "AuthorUnproven")])
def test_an_adoption_takes_the_whole_difference_over(ground, refused, by, standing):
    """An empty commit with the trailer is enough, by somebody who is entitled to all of it."""
    ground.commit(by, message="Take it over\n\nAssent-Adopt: User/acme/ana\n")
    refused.rest()

    assert (standing and {"User/acme/ana": standing}) == refused.standing()
    assert (not standing) == ("Ana" == refused.in_force()["User/acme/ana"]["spec"].get("displayName"))


@pytest.mark.parametrize("by", ["juan", "ana", None])
def test_the_version_in_force_is_put_back_by_anybody(ground, refused, by):
    """What is said again as it is in force asks for no right."""
    good = declared.user("ana", "acme", "acme-viewers", ground.keys["ana"].line)
    ground.commit(by, good)

    assert {} == refused.rest().standing()
    ground.commit("alba", changed(ground, "user/acme/ana", department="IT"))
    assert "IT" == refused.rest().in_force()["User/acme/ana"]["spec"]["department"]


def test_the_first_request_behind_an_adoption_runs(ground, refused):
    """With the adopted role Ana may ask."""
    ground.commit("alba", message="Take it over\n\nAssent-Adopt: User/acme/ana\n")
    ask(ground, refused, "note", by="ana")

    assert "Succeeded" == refused.phase("vdi")


POWER = {
    "by another role": lambda g: g.change("alba", "user/acme/maria", role={"name": "acme-viewers"}),
    "by suspension": lambda g: g.change("alba", "user/acme/maria", suspended=True),
    "by another flow": lambda g: g.change(
        "olivia", "microservice/platform/one", approvals=[{"flow": {"name": "two-managers"}}]
    ),
    "by archiving": lambda g: g.change("olivia", "microservice/platform/one", state="Archived"),
    "by the requester's role": lambda g: g.change("alba", "user/acme/juan", role={"name": "acme-viewers"}),
}


@pytest.mark.parametrize("take", POWER.values(), ids=POWER)
def test_rule_25_what_was_in_force_a_moment_ago_decides_nothing(ground, passing, take):
    """Rule 25: a controller that has looked at it many times runs nothing on what it saw then."""
    for number in range(3):
        approve(ground, ask(ground, passing, "one", name=f"warm-{number}"), "maria", name=f"warm-{number}")
    ask(ground, passing, "one")
    digest = passing.digest("vdi")
    take(ground)
    ground.decide("maria", "vdi", f"approve as maria@acme.example for {digest}")
    passing.rest()

    assert "Succeeded" == passing.phase("warm-2")
    assert passing.phase("vdi") in {"PendingApproval", "Submitted"}
    assert 3 == len(ground.started())


def test_rule_25_a_long_run_and_a_restart_know_the_same(ground, passing):
    """Rule 25: state is a fold over the ledger: after each commit a restart comes to what the running one knows."""
    commits = [
        lambda: ask(ground, passing, "two"),
        lambda: approve(ground, passing, "maria"),
        lambda: ground.change("alba", "user/acme/marc", department="IT"),
        lambda: ground.change("ana", "user/acme/ana", role={"name": "acme-admins"}),
        lambda: approve(ground, passing, "juan"),
        lambda: ground.commit("alba", message="It is fine\n\nAssent-Adopt: User/acme/ana\n"),
        lambda: ground.change("maria", "requests/acme/vdi", reason="another"),
        lambda: ground.commit("alba", declared.role("acme/new", {"acme": {"portal": "User"}})),
        lambda: ground.commit("alba", files={"accessrole/acme/new.yaml": None}),
        lambda: approve(ground, passing, "ingrid"),
        lambda: ground.commit("ana", files={"requests/acme/vdi.yaml": None}),
    ]
    for commit in commits:
        commit()
        known, recalled = passing.rest().controller.knowledge, passing.recalled()
        assert recalled.state == known.state
        assert recalled.forced == known.forced
        assert recalled.world.provenance == known.world.provenance
        assert recalled.world == known.world
    assert "Succeeded" == passing.phase("vdi")


def test_what_came_in_at_once_and_bit_by_bit_is_judged_the_same(ground):
    """The result does not depend on how often the controller looks."""
    root = ground.head()
    history = [ground.commit("juan", declared.request("vdi", "note"))]
    history.append(ground.change("ana", "user/acme/ana", role={"name": "acme-requesters"}))
    history.append(ground.commit("ana", declared.request("hers", "note", "ana@acme.example")))
    history.append(ground.commit("alba", message="It is fine\n\nAssent-Adopt: User/acme/ana\n"))
    history.append(ground.commit("ana", declared.request("later", "note", "ana@acme.example")))
    seen = []
    for number, steps in enumerate([history, history[-1:], history[1::2], history[::3]]):
        with ground.controller(root, ledger=ground.root / f"{number}.sqlite") as driver:
            for commit in dict.fromkeys([*steps, history[-1]]):
                ground.point(commit)
                driver.rest()
            phases = {name: driver.phase(name) for name in ("vdi", "hers", "later")}
            seen.append((phases, driver.in_force(), driver.standing()))

    assert [seen[0]] * 4 == seen
