"""A request that somebody asked for in the panel is theirs, whoever writes its document; and nothing else is."""

import pytest

from assent.core.intake import MOST_UNSIGNED
from builders import ref, request, role, user
from core.papers import commit
from reconcile.desk import Desk
from tellings import asking, write

COUNTED = {"type": "object", "properties": {"count": {}, "name": {"type": "string"}}}
GIVEN = {"count": 1, "name": "x"}
ALIASES = [user("b/rita", "asks", aliases=["margarita@b"])]


def asked(name="r1", who="rita@b", **more):
    return request(f"b/{name}", "vdi", who, **more)


def plain(document, **more):
    return {**document.plain()["spec"], **more}


def both(desk, document, evidence, first, by=None):
    """The evidence and the commit, each in a pass of its own, in this order."""
    steps = [lambda: write(desk.book, evidence), lambda: desk.add(commit(by, document, key="ghost" if by else ""))]
    for step in steps if first == "evidence" else reversed(steps):
        step()
        desk.wait().step()
    return desk.wait()


def unproven(desk, name="r1"):
    decision = desk.decision(name)
    return decision.hold is not None and decision.hold.reason == "RequesterUnproven"


ORDERS = pytest.mark.parametrize("first", ["evidence", "commit"])


@ORDERS
@pytest.mark.parametrize("by", [None, "b/bea"], ids=["unsigned", "by-the-panels-key"])
def test_what_was_asked_for_in_the_panel_is_its_requesters(first, by):
    """Evidence first or commit first: ref, spec and username match, so nobody's signature is missed."""
    desk = both(Desk(), asked(), asking(plain(asked())), first, by)

    assert ("PendingApproval", ref("b/rita")) == (desk.phase("r1"), desk.case("r1").proven_by)
    assert {} == desk.controller.knowledge.state.asked
    assert not desk.controller.listen()
    records = len(desk.book.pages)
    assert records == len(desk.steps(2).book.pages)


@ORDERS
def test_it_may_be_asked_for_by_an_alias(first):
    """Whoever signs in by another name of theirs is the requester all the same."""
    desk = both(Desk(*ALIASES), asked(), asking(plain(asked()), "margarita@b"), first)

    assert ref("b/rita") == desk.case("r1").proven_by


def test_a_signature_of_another_persons_changes_nothing():
    """Signed by somebody else, who has no part in it, it is its requester's through the panel alone."""
    desk = Desk()
    write(desk.book, asking(plain(asked())))
    desk.add(commit("b/bea", asked())).step()

    assert ref("b/rita") == desk.case("r1").proven_by


FOREIGN = {
    "another-name": asking(plain(asked(parameters=GIVEN)), request="b/r2"),
    "another-organization": asking(plain(asked(parameters=GIVEN)), request="c/r1"),
    "another-person": asking(plain(asked(parameters=GIVEN)), "bea@b"),
    "nobody": asking(plain(asked(parameters=GIVEN)), "nobody@b"),
    "another-case": asking(plain(asked(parameters=GIVEN)), "RITA@b"),
    "another-requester": asking(plain(asked(parameters=GIVEN, who="bea@b"))),
    "another-value": asking(plain(asked(parameters={**GIVEN, "count": 2}))),
    "one-is-not-true": asking(plain(asked(parameters={**GIVEN, "count": True}))),
    "one-more": asking(plain(asked(parameters={**GIVEN, "more": "y"}))),
    "one-less": asking(plain(asked(parameters={"count": 1}))),
    "a-reason": asking(plain(asked(parameters=GIVEN, reason="so"))),
    "targets": asking(plain(asked(parameters=GIVEN, targets=["t1"]))),
    "for-somebody": asking(plain(asked(parameters=GIVEN, onBehalfOf="bea@b"))),
    "another-microservice": asking(plain(asked(parameters=GIVEN), microservice={"name": "other"})),
    "nothing": asking({}),
    "no-spec": asking({"requester": ["rita@b"], "microservice": 7}),
}


@ORDERS
@pytest.mark.parametrize("name", FOREIGN)
def test_what_was_not_asked_for_stays_unproven(name, first):
    """Evidence of anything but this very request proves nothing, and leads to nothing however often anybody looks."""
    desk = both(Desk(parameters=COUNTED), asked(parameters=GIVEN), FOREIGN[name], first)
    records = len(desk.book.pages)

    assert (True, None) == (unproven(desk), desk.case("r1").proven_by)
    assert not desk.controller.listen()
    assert records == len(desk.steps(2).book.pages)


def test_what_json_says_twice_is_one():
    """A number is what it is as JSON: `1.0` in a document is the `1` that the ledger keeps."""
    desk = both(
        Desk(parameters=COUNTED),
        asked(parameters={**GIVEN, "count": 1.0}),
        asking(plain(asked(parameters=GIVEN))),
        "evidence",
    )

    assert ref("b/rita") == desk.case("r1").proven_by


def test_a_name_of_two_people_proves_nobody():
    """Where two sign in by the requester's name, nobody is proven by it."""
    desk = both(Desk(user("b/twin", "asks", aliases=["rita@b"])), asked(), asking(plain(asked())), "evidence")

    assert desk.case("r1").proven_by is None


def test_who_the_requester_is_may_come_out_later():
    """The evidence waits for its person: once there is a User of that name, the next pass knows whose it is."""
    mighty = role("b/manages", {"*": {"automate": "Manager", "portal": "OrganizationAdmin"}})
    desk = both(Desk(mighty), asked(who="late@b"), asking(plain(asked(who="late@b")), "late@b"), "evidence")
    assert desk.case("r1").proven_by is None
    desk.add(commit("b/max", user("b/late", "asks"))).step()
    assert {} == desk.controller.knowledge.state.standing
    assert desk.controller.listen()
    desk.wait().step()

    assert ref("b/late") == desk.case("r1").proven_by


@pytest.mark.parametrize("ended", ["withdraw as rita@b", None], ids=["ended", "proven"])
def test_a_name_that_is_used_already_is_asked_for_in_vain(ended):
    """Evidence on a name that a request has had does nothing, even where it says the same."""
    desk = Desk()
    desk.open("r1").step()
    if ended:
        desk.add(commit("b/rita", says=[("b/r1", ended)])).wait().step()
    before, phase = desk.case("r1"), desk.phase("r1")
    write(desk.book, asking(plain(asked())))
    desk.steps(2)

    assert (before, phase) == (desk.case("r1"), desk.phase("r1"))
    assert "asked" == desk.book.pages[-1].kind
    assert not desk.controller.listen()


def test_what_ended_unproven_is_asked_for_in_vain():
    """A request that was called back before anybody knew whose it was stays nobody's."""
    desk = Desk()
    desk.add(commit(None, asked())).step()
    desk.add(commit("b/max", says=[("b/r1", "cancel as max@b because whose is it?")])).wait().step()
    write(desk.book, asking(plain(asked())))
    desk.steps(2)

    assert ("Cancelled", None, "asked") == (desk.phase("r1"), desk.case("r1").proven_by, desk.book.pages[-1].kind)


def test_a_request_of_the_trusted_tree_never_runs_whoever_asked():
    """A name that was there before the ledger is used: evidence of the very same request frees nothing."""
    desk = Desk(asked())
    write(desk.book, asking(plain(asked())))
    desk.steps(2)

    assert ("Cancelled", "LedgerRestarted") == (desk.phase("r1"), desk.case("r1").end.reason)
    assert ("asked", False) == (desk.book.pages[-1].kind, desk.controller.listen())


def test_requests_of_the_panels_are_not_counted_as_unsigned():
    """The limit of requests that one commit brings in unsigned is for those of which nothing is proven."""
    desk = Desk()
    known = [asked(f"a{number}") for number in range(5)]
    late = [asked(f"z{number}") for number in range(3)]
    strange = [asked(f"m{number}") for number in range(MOST_UNSIGNED + 2)]
    for one in (*known, *late):
        write(desk.book, asking(plain(one), request=f"b/{one.metadata.name}"))
    desk.add(commit(None, *known, *strange, *late)).step()
    state = desk.controller.knowledge.state
    proven = {one.name for one, case in state.cases.items() if case.proven_by}

    assert MOST_UNSIGNED + 8 == len(state.cases)
    assert {f"a{number}" for number in range(5)} | {f"z{number}" for number in range(3)} == proven
    assert ["TooManyUnsigned"] * 2 == [reason for reason, _ in state.refusals.values()]


def test_one_that_was_refused_for_its_number_is_brought_in_with_evidence():
    """What was one too many comes in as its requester's once the panel knows of it, at its document's next change."""
    desk = Desk()
    desk.add(commit(None, *(asked(f"m{number:03}") for number in range(MOST_UNSIGNED + 1)))).step()
    last = asked(f"m{MOST_UNSIGNED:03}")
    write(desk.book, asking(plain(last), request=f"b/m{MOST_UNSIGNED:03}"))
    desk.steps(2)
    assert ref(f"b/m{MOST_UNSIGNED:03}") not in desk.controller.knowledge.state.cases
    desk.add(commit(None, last)).wait().step()

    assert ref("b/rita") == desk.case(f"m{MOST_UNSIGNED:03}").proven_by


def test_a_restart_knows_who_asked():
    """What was asked for and has not come yet is known to whoever starts anew."""
    desk = Desk()
    write(desk.book, asking(plain(asked())))
    desk.step()
    desk.begin()
    desk.add(commit(None, asked())).wait().step()

    assert ref("b/rita") == desk.case("r1").proven_by
