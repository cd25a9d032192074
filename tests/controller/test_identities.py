"""Who decides, on a real repository: one person by whatever name, key and channel, and nobody in another's name."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.git.building import Key
from controller import declared
from controller.deciding import INGRID, MARIA, REQUEST, approve, ask, by_merge, line, words


def test_an_approval_by_its_own_approver_runs_it(ground, passing):
    """The plain case, from which all others differ by one thing."""
    approve(ground, ask(ground, passing, "one"), "maria")

    assert "Succeeded" == passing.phase("vdi")
    (stage,) = passing.status("vdi")["stages"]
    assert [MARIA] == [one["username"] for one in stage["decisions"]]
    assert 1 == len(ground.started())


FORGED = {
    "in another's name": ("juan", MARIA, "SignerMismatch"),
    "by an approver in another's name": ("marc", MARIA, "SignerMismatch"),
    "in a name that nobody has": ("juan", "nobody@acme.example", "SignerMismatch"),
    "in a name that differs in case": ("maria", "Maria@acme.example", "SignerMismatch"),
    "by a key that is nobody's": (Key(), MARIA, "UnknownSigner"),
    "by nobody": (None, MARIA, "Unproven"),
    "by a viewer": ("ana", "ana@acme.example", "NotEntitled"),
    "by the platform, which is not asked": ("ingrid", INGRID, "NotAnApprover"),
}


@pytest.mark.parametrize(("by", "username", "word"), FORGED.values(), ids=FORGED)
def test_rule_38_an_approval_is_its_signers_own_or_none(ground, passing, by, username, word):
    """Rule 38: what is forged, unsigned or not theirs to say is kept with the reason why it does not count."""
    approve(ground, ask(ground, passing, "one"), by, username)

    assert [(username, word)] == passing.uncounted("vdi")
    assert "PendingApproval" == passing.phase("vdi")
    assert [] == ground.started()


BY_MERGE = {
    "by the requester": ("juan", "SelfApproval"),
    "by a viewer": ("ana", "NotEntitled"),
    "by a key that is nobody's": (Key(), "UnknownSigner"),
    "by nobody": (None, "Unproven"),
}


@pytest.mark.parametrize(("by", "word"), BY_MERGE.values(), ids=BY_MERGE)
def test_rule_38_a_trailer_is_its_signers_own_or_none(ground, passing, by, word):
    """Rule 38: the same holds of approvals in a commit's message: whoever signs it says it, and nobody else."""
    by_merge(ground, ask(ground, passing, "one"), by)

    assert [word] == words(passing)
    assert [] == ground.started()


@pytest.mark.parametrize(
    "message", ["Assent-Approve: acme/vdi {digest}\n\nlast words\n", "x\n\nassent-approve: acme/vdi {digest}"]
)
def test_a_trailer_in_the_wrong_place_is_none(ground, passing, message):
    """Only whole lines of the last paragraph count, spelled exactly."""
    ask(ground, passing, "one")
    ground.commit("maria", message=message.format(digest=passing.digest("vdi")))
    passing.rest()

    assert "PendingApproval" == passing.phase("vdi")


def test_rule_38_an_honest_merge_proves_nothing_of_what_it_brings(ground, passing):
    """Rule 38: a forged line on a branch stays its forger's, whoever merges that branch."""
    ask(ground, passing, "one")
    base = ground.head()
    ground.point(base, "aside")
    ground.decide("juan", "vdi", line(passing, MARIA), branch="aside")
    ground.commit("olivia", files={"note.txt": "something else"})
    ground.merge("maria", "aside", files={f"{REQUEST}.yaml": ground.files(ground.head("aside"))[f"{REQUEST}.yaml"]})
    passing.rest()

    assert ["SignerMismatch"] == words(passing)
    assert [] == ground.started()


OLD = datetime.now(UTC) - timedelta(days=400)
VALIDITY = {
    "expired": ({"validFrom": OLD, "validUntil": OLD + timedelta(days=30)}, False),
    "not yet": ({"validFrom": OLD + timedelta(days=800), "validUntil": OLD + timedelta(days=900)}, False),
    "now": ({"validFrom": OLD, "validUntil": OLD + timedelta(days=900)}, True),
}


@pytest.mark.parametrize(("validity", "counts"), VALIDITY.values(), ids=VALIDITY)
def test_rule_38_a_key_counts_by_its_validity_when_the_commit_is_first_seen(ground, passing, validity, counts):
    """Rule 38: a commit says that it is of 1970; that date is never looked at."""
    key = {
        "publicKey": ground.keys["maria"].line,
        **{name: f"{at:%Y-%m-%dT%H:%M:%SZ}" for name, at in validity.items()},
    }
    ground.change("alba", "user/acme/maria", signingKeys=[key])
    approve(ground, ask(ground, passing, "one"), "maria")

    assert ([] if counts else ["UnknownSigner"]) == words(passing)
    assert ("Succeeded" if counts else "PendingApproval") == passing.phase("vdi")


IDENTITIES = {
    "own name": lambda ground, driver: approve(ground, driver, "maria"),
    "alias": lambda ground, driver: approve(ground, driver, "maria", "mlopez"),
    "second key": lambda ground, driver: approve(ground, driver, ground.second, MARIA),
    "second key and alias": lambda ground, driver: approve(ground, driver, ground.second, "mlopez"),
    "merge": lambda ground, driver: by_merge(ground, driver, "maria"),
    "merge with the second key": lambda ground, driver: by_merge(ground, driver, ground.second),
}
"""Every way in which Maria can say something."""


@pytest.fixture
def many_faced(ground):
    """Maria has an alias and a second key, since before anything is asked."""
    ground.second = Key()
    value = ground.value("user/acme/maria")
    value["spec"]["signingKeys"] += [{"publicKey": ground.second.line}]
    value["spec"]["aliases"] = ["mlopez"]
    ground.commit("alba", value)
    with ground.controller(ground.head()) as driver:
        yield driver.rest()


@pytest.mark.parametrize("way", IDENTITIES.values(), ids=IDENTITIES)
@pytest.mark.parametrize("asked_as", [MARIA, "mlopez"])
def test_rule_9_nobody_approves_their_own_request(ground, many_faced, way, asked_as):
    """Rule 9: Maria asks by one of her names and approves by another name, key or channel; it is one and the same."""
    ground.commit("maria", declared.request("vdi", "one", asked_as))
    way(ground, many_faced.rest())

    assert ["SelfApproval"] == words(many_faced)
    assert "PendingApproval" == many_faced.phase("vdi")
    assert [] == ground.started()


@pytest.mark.parametrize("way", IDENTITIES.values(), ids=IDENTITIES)
def test_rule_9_nobody_approves_what_is_asked_on_their_behalf(ground, many_faced, way):
    """Rule 9: for whom it is asked, by whichever of their names, does not approve it either."""
    way(ground, ask(ground, many_faced, "one", onBehalfOf="mlopez"))

    assert ["OnBehalfOf"] == words(many_faced)
    assert [] == ground.started()


@pytest.mark.parametrize("second", IDENTITIES.values(), ids=IDENTITIES)
@pytest.mark.parametrize("first", IDENTITIES.values(), ids=IDENTITIES)
def test_rule_10_one_person_is_one_vote(ground, many_faced, first, second):
    """Rule 10: two votes are asked for; Maria's two, by any two ways, are one, and Marc's is the other."""
    ask(ground, many_faced, "pair")
    first(ground, many_faced)
    second(ground, many_faced)
    assert "PendingApproval" == many_faced.phase("vdi")
    assert [] == ground.started()
    approve(ground, many_faced, "marc")

    assert "Succeeded" == many_faced.phase("vdi")
    assert 1 == len(ground.started())


@pytest.mark.parametrize(("giver", "counts"), [("maria", True), ("alba", False)])
def test_a_key_added_later_counts_if_its_owner_wrote_it(ground, passing, giver, counts):
    """Keys rotate while requests wait; nobody else lends a waiting request a voice by writing a key for an approver."""
    ask(ground, passing, "one")
    new = Key()
    keys = ground.value("user/acme/maria")["spec"]["signingKeys"]
    ground.change(giver, "user/acme/maria", signingKeys=[*keys, {"publicKey": new.line}])
    approve(ground, passing, new, MARIA)

    assert ([] if counts else ["NameTooNew"]) == words(passing)
    assert ("Succeeded" if counts else "PendingApproval") == passing.phase("vdi")
