"""What the admission policy takes for a decision is what the controller takes for one, character by character."""

import re
import sys
from pathlib import Path

import pytest
import re2
import yaml

from assent.api.characters import UNSAFE
from assent.api.decisions import parse

POLICY = Path(__file__).parents[2] / "policies" / "admission" / "requests.yaml"
ME, DIGEST = "maria@acme.example", "4c1d09b2" * 8


def patterns():
    """The policy's patterns for a line and for what no line may hold, as CEL reads them."""
    policy = next(one for one in yaml.safe_load_all(POLICY.read_text()) if one["kind"] == "ValidatingAdmissionPolicy")
    found = [
        text.replace("\\\\", "\\")
        for rule in policy["spec"]["validations"]
        for text in re.findall(r"variables\.new\[k\]\.matches\('(.*?)'\)", rule["expression"])
    ]
    assert 2 == len(found)
    return [re2.compile(text) for text in found]


LINE, HIDDEN = patterns()


def admitted(text):
    """Whether the policy takes it for a decision."""
    return bool(LINE.search(text)) and not HIDDEN.search(text)


def understood(text):
    """Whether the controller does."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


# Halves of surrogate pairs cannot reach the API server: JSON in UTF-8 has none.
CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]


def test_rule_44_the_same_characters_are_hidden():
    """No character is shown as it is to one of the two alone."""
    assert [] == [hex(ord(one)) for one in CHARACTERS if bool(HIDDEN.search(one)) != bool(UNSAFE.search(one))]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("reject as a{}b because no", id="in a username"),
        pytest.param("reject as {} because no", id="as a username"),
        pytest.param("reject as a because {}", id="as a reason"),
        pytest.param("reject as a because no{}", id="at the end of a reason"),
        pytest.param("withdraw as a{}", id="at the end"),
        pytest.param("{}withdraw as a", id="at the beginning"),
        pytest.param("withdraw{}as a", id="between words"),
    ],
)
def test_every_character_in_every_place(line):
    """A character is let in by both or by neither, wherever it stands."""
    texts = [line.format(one) for one in CHARACTERS if ord(one) < 0x3100 or not ord(one) % 97]

    assert [] == [text for text in texts if admitted(text) != understood(text)]


VERBS = ("approve", "reject", "withdraw", "cancel", "settle-succeeded", "settle-failed", "settle", "Approve", "")
DIGESTS = ("", f" for {DIGEST}", f" for {DIGEST[1:]}", f" for {DIGEST}0", f" for {DIGEST.upper()}", " for ")
LONG = [f" because {'x' * 512}", f" because {'x' * 513}", " because " + "\U0001f600" * 512]
REASONS = (
    "",
    " because x",
    " because ",
    " because",
    " because  x",
    " because x y  z ",
    " because x\n",
    " because x\ny",
)
NAMES = ("a" * 253, "a" * 254, "", " ", "a b", "\u00f1", "'", '"', "$(x)", "a\u00a0b", "a\u3000b")
TEXTS = [
    *(f"{verb} as {ME}{digest}{why}" for verb in VERBS for digest in DIGESTS for why in (*REASONS, *LONG)),
    *(f"{verb} as {name} because x" for verb in ("reject", "withdraw") for name in NAMES),
    f"approve as {ME} because x for {DIGEST}",
    f"approve as {ME} for {DIGEST} for {DIGEST}",
    f" approve as {ME} for {DIGEST}",
    f"approve as {ME} for {DIGEST} ",
    f"approve as for {DIGEST}",
    f"approve {ME} for {DIGEST}",
]


def test_the_same_lines_are_decisions():
    """A line is taken for a decision by both or by neither; both kinds are among those tried."""
    judged = {text: (admitted(text), understood(text)) for text in TEXTS}

    assert [] == [text for text, (ours, theirs) in judged.items() if ours != theirs]
    assert {(True, True), (False, False)} == set(judged.values())
    assert 20 < sum(ours for ours, _ in judged.values())
