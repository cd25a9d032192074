"""`dump`: new documents in the house's style, which our own reader and all others read alike."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.documents import readers, words
from assent.adapters.documents import edit, load
from assent.errors import AssentError

GOOD = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn", "Cf"])
TEXTS = st.one_of(
    st.text(GOOD, max_size=40),
    st.sampled_from([*words.AMBIGUOUS, *words.TEXTS, *words.NULLS, *words.NUMBERS_KEPT, "", "<<", "#", "- a", "a: b"]),
    st.text(st.sampled_from("ab \n:#-'\"\\|>[]{}&*!%@`,?~=<1.é"), max_size=20),
)
KEYS = TEXTS.filter(lambda text: readers.is_nfc(text) and "\n" not in text)
NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1), st.decimals(-1000, 1000, places=3).map(float).filter(lambda value: value != 0)
)
VALUES = st.recursive(
    st.one_of(TEXTS, NUMBERS, st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


def test_the_style():
    """Two columns a level, lists at the column of their field, no quotes where none are needed, no folded lines."""
    value = {
        "apiVersion": "assent.dev/v1alpha1",
        "metadata": {"name": "x", "labels": {}},
        "spec": {
            "reason": "Two: words",
            "flags": ["yes", "0644", {"a": "b", "c": ["d"]}, []],
            "description": "one\ntwo\n\n  three\n",
            "unfinished": "one\ntwo",
            "count": 3,
            "share": 0.25,
            "whole": 2.0,
            "notify": True,
            "at": "2026-01-01T00:00:00Z",
            "y": "",
            "url": "https://example.org/a?b#c",
            "long": "word " * 50 + "end",
            "names": "it's Zoë & 50% @home",
        },
    }

    text = f"""\
apiVersion: assent.dev/v1alpha1
metadata:
  name: x
  labels: {{}}
spec:
  reason: "Two: words"
  flags:
  - "yes"
  - "0644"
  - a: b
    c:
    - d
  - []
  description: |
    one
    two

      three
  unfinished: "one\\ntwo"
  count: 3
  share: 0.25
  whole: 2
  notify: true
  at: "2026-01-01T00:00:00Z"
  "y": ""
  url: "https://example.org/a?b#c"
  long: {"word " * 50}end
  names: it's Zoë & 50% @home
"""
    assert text == edit.dump(value).decode()
    assert value == load(text.encode()).documents[0].value


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5))
def test_what_is_written_is_read_back(value):
    """The law of the round trip: `load` reads what `dump` wrote, whatever texts and numbers it holds."""
    text = edit.dump(value)

    assert [value] == [document.value for document in load(text).documents]
    assert text == edit.dump(value)
    assert text.endswith(b"\n")


@settings(max_examples=40)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5))
def test_rule_35_others_read_what_is_written_alike(value):
    """Rule 35: PyYAML and a reader of YAML 1.2 read the same from what we write."""
    text = edit.dump(value)

    assert readers.same([value], readers.pyyaml(text))
    assert readers.same([value], readers.pyyaml_pure(text))


@pytest.mark.parametrize("word", [*words.AMBIGUOUS, *words.NULLS, *words.NUMBERS_KEPT, "true", "false", "", "<<"])
def test_text_that_is_no_text_without_quotes_gets_them(word):
    """A text that `load` would refuse or take for a number stands in quotes, as a value and as a key."""
    text = edit.dump({"a": word, word: "b"})

    assert {"a": word, word: "b"} == load(text).documents[0].value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": None}, "cannot hold 'None'"),
        ({"a": b"x"}, "cannot hold"),
        ({"a": ("x",)}, "cannot hold"),
        ({1: "a"}, "the key '1' is not text"),
        ({"a": 2**53}, "2^53"),
        ({"a": float("nan")}, "nan"),
        ({"a": float("inf")}, "inf"),
        ({"a": 1e-7}, "1e-07"),
        ({"a": 1e22}, "1e+22"),
        ({"a": "\t"}, "U+0009"),
        ({"a": "\u2066"}, "U+2066"),
        ({"a": "\ud800"}, "cannot be written"),
        ({"e\u0301": "a"}, "two ways"),
        ({"a": "x" * 300_000}, "more than 262,144"),
        ({}, "cannot be written"),
    ],
)
def test_what_a_document_cannot_hold_is_refused(value, message):
    """Nulls, odd characters and numbers that JSON cannot keep are refused with a sentence, not written differently."""
    with pytest.raises(AssentError) as caught:
        edit.dump(value)

    assert message in caught.value.message
    assert caught.value.hint


def test_a_value_within_itself_is_refused():
    """What never ends cannot be written."""
    value = {}
    value["a"] = value

    with pytest.raises(AssentError, match="more than 32 levels"):
        edit.dump(value)


def test_a_value_that_occurs_twice_is_written_twice():
    """No anchors: `load` would refuse them."""
    shared = ["x"]

    assert b"a:\n- x\nb:\n- x\n" == edit.dump({"a": shared, "b": shared})
