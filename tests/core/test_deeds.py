"""What would become of a decision if it were told now: exactly what a pass makes of it once it is told."""

import pytest

from assent.api.decisions import VERBS, parse
from assent.api.tellings import telling
from assent.core.deeds import Deed, Present, done, pending, possible, prospect, why_not
from assent.core.notebook import Notebook
from assent.core.tellings import judge
from assent.errors import NotFoundError
from builders import ref
from core.lives import Life, company, offering
from portal.written import LEAD, waiting
from tellings import ANY, WORDS

R1, ID = ref("b/r1"), "f" * 32
READABLE = {name: said for name, said in WORDS.items() if said.word != "Malformed"}


def present(life):
    return Present(life.world, life.state, life.now)


def tell(life, deed):
    """It is told; no pass has judged it yet."""
    life.note(telling(deed.told))


def passed(life):
    """A pass judges all that waits."""
    notebook = Notebook(life.state, life.world)
    judge(notebook, life.now)
    for record in notebook.records:
        life.note(record)
    return life.case.voices[-1].because


def deed_of(life, username, text, ident=ID):
    line = parse(text.replace(ANY, life.digest or ""))
    return Deed(R1, line.verb, username, ident, line.digest or "", line.reason or "")


@pytest.mark.parametrize("name", [name for name, said in READABLE.items() if said.username in said.text])
def test_what_is_weighed_is_what_a_pass_makes_of_it(name):
    """The word that keeps a decision from counting is the same before it is told and once it is judged."""
    said = READABLE[name]
    life = Life(*company(), *said.documents, offering(**said.service))
    for at, (username, text) in enumerate(said.before):
        tell(life, deed_of(life, username, text, f"{at:032x}"))
        passed(life)
    life.validate()
    deed = deed_of(life, said.username, said.text)
    word, _ = why_not(present(life), deed)
    before = life.state
    assert before is life.state
    tell(life, deed)

    assert passed(life) == word


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({}, ""),
        ({"verb": "reject", "reason": ""}, "ReasonMissing"),
        ({"verb": "reject", "reason": " \n\t"}, "ReasonMissing"),
        ({"verb": "reject", "reason": "x" * 513}, "ReasonTooLong"),
        ({"verb": "reject", "reason": "no\nwill  do"}, ""),
        ({"verb": "reject", "digest": "0" * 64, "reason": "no"}, "DigestStale"),
        ({"digest": "0" * 64}, "DigestStale"),
        ({"digest": ""}, "Malformed"),
        ({"username": "rita@b"}, "SelfApproval"),
        ({"username": "nobody"}, "UnknownSigner"),
        ({"signed_in": False}, "SignInRequired"),
    ],
)
def test_it_says_in_a_word_why_a_decision_would_not_count(changed, word):
    """And nothing where it would."""
    life = waiting()
    deed = Deed(**{"request": R1, "verb": "approve", "username": "bea@b", "id": ID, "digest": life.digest, **changed})

    assert word == why_not(present(life), deed)[0]


def test_one_deed_is_one_however_often_it_is_sent():
    """Before and after a pass; the same id with another verb or by somebody else is taken."""
    life = waiting(stages=({**LEAD, "quorum": 2},))
    first = Deed(R1, "approve", "bea@b", ID, life.digest)
    other = Deed(R1, "reject", "bea@b", ID, life.digest, "no")
    another = Deed(R1, "approve", "ben@b", ID, life.digest)
    assert not done(present(life), first)
    tell(life, first)
    for _ in range(2):
        assert (True, False, False) == tuple(done(present(life), one) for one in (first, other, another))
        assert {"IdTaken"} == {why_not(present(life), one)[0] for one in (other, another)}
        passed(life)


def test_what_waits_for_a_pass_is_reckoned_with():
    """The case as it will be, in the order of the ledger; what is really there does not change."""
    life = waiting(stages=({**LEAD, "quorum": 2},))
    before = life.case
    for name in ("bea@b", "ben@b"):
        tell(life, Deed(R1, "approve", name, name, life.digest))
    found = prospect(present(life), R1)

    assert ["bea@b", "ben@b"] == [one.id for one in pending(life.state, R1)]
    assert [("bea@b", ""), ("ben@b", "")] == [(one.username, one.because) for one in found.voices]
    assert before is life.case
    assert "AlreadyJudged" == why_not(present(life), Deed(R1, "approve", "bea@b", ID, life.digest))[0]
    assert () == tuple(pending(life.state, ref("b/other")))


def test_of_what_is_not_there_nothing_is_weighed():
    with pytest.raises(NotFoundError, match="b/none"):
        why_not(present(waiting()), Deed(ref("b/none"), "withdraw", "bea@b", ID))


def test_what_is_possible_is_what_would_count():
    """For everybody, and every verb."""
    life = waiting()
    for name in ("bea@b", "ben@b", "rita@b", "alba@a", "max@b", "nobody"):
        deeds = {verb: Deed(R1, verb, name, ID, life.digest, "so") for verb in VERBS}
        expected = {verb for verb, deed in deeds.items() if not why_not(present(life), deed)[0]}

        assert expected == {*possible(present(life), life.decision, name)}
