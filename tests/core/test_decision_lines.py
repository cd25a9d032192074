"""Decision lines: one grammar, the same in a file in Git and on the object in the cluster."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assent.api.base import UNSAFE
from assent.api.decisions import NEEDS_REASON, VERBS, Line, parse

DIGEST = "4c1d09b2" * 8
GRAMMAR = "is no decision: write '<verb> as <username>[ for <digest>][ because <text>]' on one line"
WHOLE_DIGEST = "an approval names the whole digest it is for: 'approve as <username> for <64 hex digits>'"

ACCEPTED = {
    "approve": (f"approve as maria for {DIGEST}", Line("approve", "maria", DIGEST)),
    "approve-because": (
        f"approve as maria@acme.example for {DIGEST} because budget is agreed",
        Line("approve", "maria@acme.example", DIGEST, "budget is agreed"),
    ),
    "reject": ("reject as maria because no", Line("reject", "maria", None, "no")),
    "reject-for": (f"reject as maria for {DIGEST} because no", Line("reject", "maria", DIGEST, "no")),
    "withdraw": ("withdraw as juan", Line("withdraw", "juan")),
    "withdraw-because": ("withdraw as juan because not needed", Line("withdraw", "juan", None, "not needed")),
    "cancel": ("cancel as root because a mistake", Line("cancel", "root", None, "a mistake")),
    "settle": ("settle-succeeded as root because seen", Line("settle-succeeded", "root", None, "seen")),
    "settle-failed": ("settle-failed as root because seen", Line("settle-failed", "root", None, "seen")),
    "service-account": ("withdraw as system:serviceaccount:ci:bot", Line("withdraw", "system:serviceaccount:ci:bot")),
    "name-like-a-word": ("withdraw as because because for", Line("withdraw", "because", None, "for")),
    "reason-like-a-digest": (
        f"reject as maria because for {DIGEST} because",
        Line("reject", "maria", None, f"for {DIGEST} because"),
    ),
    "reason-with-two-spaces": ("reject as maria because a  b", Line("reject", "maria", None, "a  b")),
    "other-scripts": ("reject as мария because 予算なし 😀", Line("reject", "мария", None, "予算なし 😀")),
    "longest-name": (f"withdraw as {'x' * 253}", Line("withdraw", "x" * 253)),
    "longest-reason": (f"reject as maria because {'x' * 512}", Line("reject", "maria", None, "x" * 512)),
}


@pytest.mark.parametrize(("text", "line"), ACCEPTED.values(), ids=list(ACCEPTED))
def test_accepted(text, line):
    """What the grammar allows is read, and written back as it was."""
    assert line == parse(text)
    assert text == str(line)


REFUSED = {
    "empty": ("", GRAMMAR),
    "no-verb": ("as maria", GRAMMAR),
    "unknown-verb": (f"confirm as maria for {DIGEST}", GRAMMAR),
    "shouted-verb": (f"Approve as maria for {DIGEST}", GRAMMAR),
    "no-name": (f"approve as  for {DIGEST}", GRAMMAR),
    "blank-in-name": (f"approve as maria lopez for {DIGEST}", GRAMMAR),
    "no-break-space-in-name": (f"approve as maria\u00a0lopez for {DIGEST}", GRAMMAR),
    "name-too-long": (f"withdraw as {'x' * 254}", GRAMMAR),
    "two-spaces": (f"approve  as maria for {DIGEST}", GRAMMAR),
    "two-spaces-before-the-reason": ("reject as maria because  no", GRAMMAR),
    "space-in-front": (f" approve as maria for {DIGEST}", GRAMMAR),
    "space-behind": (f"approve as maria for {DIGEST} ", GRAMMAR),
    "tab": (f"approve as maria\tfor {DIGEST}", GRAMMAR),
    "line-feed-behind": (f"approve as maria for {DIGEST}\n", GRAMMAR),
    "second-line": (f"withdraw as maria\napprove as maria for {DIGEST}", GRAMMAR),
    "line-separator": ("reject as maria because a\u2028b", GRAMMAR),
    "bidirectional": ("reject as maria because \u202eon", GRAMMAR),
    "zero-width": (f"approve as ma\u200bria for {DIGEST}", GRAMMAR),
    "nul": ("reject as maria because \x00", GRAMMAR),
    "approve-nothing": ("approve as maria", WHOLE_DIGEST),
    "approve-nothing-because": ("approve as maria because I trust you", WHOLE_DIGEST),
    "short-digest": ("approve as maria for 4c1d09b2", GRAMMAR),
    "long-digest": (f"approve as maria for {DIGEST}0", GRAMMAR),
    "upper-case-digest": (f"approve as maria for {DIGEST.upper()}", GRAMMAR),
    "no-hexadecimal-digest": (f"approve as maria for {'g' * 64}", GRAMMAR),
    "foreign-digits": (f"approve as maria for {'٣' * 64}", GRAMMAR),
    "empty-reason": (f"approve as maria for {DIGEST} because ", GRAMMAR),
    "blank-reason": ("reject as maria because   ", GRAMMAR),
    "reason-too-long": (f"reject as maria because {'x' * 513}", GRAMMAR),
    "reason-before-digest": (f"approve as maria because yes for {DIGEST}", WHOLE_DIGEST),
    **{f"{verb}-without-reason": (f"{verb} as maria", f"{verb} needs a reason") for verb in sorted(NEEDS_REASON)},
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=list(REFUSED))
def test_refused(text, sentence):
    """What is outside the grammar is no decision, and the message says what to write."""
    with pytest.raises(ValueError) as refused:  # noqa: PT011 -- the sentence is compared below
        parse(text)

    assert sentence in str(refused.value)


def test_rule_44_a_refusal_is_safe_to_print():
    """Rule 44: what was written is shown escaped and cut, on one line."""
    with pytest.raises(ValueError, match="is no decision") as refused:
        parse("\u202e\n\x1b[31m" + "x" * 4000)

    assert str(refused.value).isprintable()
    assert 500 > len(str(refused.value))


NAMES = st.text(min_size=1, max_size=20).filter(lambda text: not UNSAFE.search(text) and len(text.split()) == 1)
NAMES = NAMES.filter(lambda text: text == text.split()[0])
REASONS = st.text(min_size=1, max_size=40).filter(lambda text: not UNSAFE.search(text) and not text[0].isspace())
LINES = st.builds(
    Line,
    verb=st.sampled_from(VERBS),
    username=NAMES,
    digest=st.none() | st.text("0123456789abcdef", min_size=64, max_size=64),
    reason=st.none() | REASONS,
).filter(lambda line: (line.verb != "approve" or line.digest) and (line.verb not in NEEDS_REASON or line.reason))


@given(LINES)
def test_written_and_read(line):
    """Every decision, written out, is read as the same decision."""
    assert line == parse(str(line))


PARTS = st.sampled_from(
    [*VERBS, " as ", " for ", " because ", DIGEST, "maria", " ", "\n", "\t", "\u202e", "\u00a0", "x" * 600, "0", "é"]
)


@example("\ud800")
@example("approve as " * 10_000)
@given(st.text() | st.lists(PARTS, max_size=12).map("".join))
def test_anything_is_read_or_refused(text):
    """Whatever somebody writes, it is a decision that reads back the same, or a ValueError; nothing else happens."""
    try:
        line = parse(text)
    except ValueError:
        return
    assert text == str(line)
