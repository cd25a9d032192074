"""Plain scalars: one meaning for all readers, or 'quote this' (rule 35)."""

import pytest

from adapters.documents import words
from assent.adapters.documents import load
from assent.adapters.documents.scalars import Refused, meaning, quoted


@pytest.mark.parametrize("word", words.AMBIGUOUS)
def test_rule_35_a_scalar_that_readers_take_differently_is_refused(word):
    """Rule 35: the finding stands at the value, shows it, and says to quote it; quoted it is that text."""
    loaded = load(f"first: 1\nfield: {word}\n".encode(), "a.yaml")

    (finding,) = loaded.findings
    assert ("yaml-ambiguous-scalar", "a.yaml:2:8") == (finding.rule, str(finding.place))
    assert f"write {quoted(word)}" in finding.hint
    assert {"field": word} == load(f"field: {quoted(word)}\n".encode()).documents[0].value


@pytest.mark.parametrize("word", ["", *words.NULLS])
def test_rule_35_a_null_is_refused(word):
    """Rule 35: a missing value and a null are told apart from empty text by asking for one of the two."""
    (finding,) = load(f"field: {word}\n".encode()).findings

    assert "yaml-null" == finding.rule
    assert "leave the field out" in finding.hint


@pytest.mark.parametrize("word", words.TEXTS)
def test_text_stays_text(word):
    """What no reader takes for anything but text is that text, though it may look close to something else."""
    assert word == meaning(word)


@pytest.mark.parametrize(("word", "value"), words.NUMBERS_KEPT.items())
def test_numbers_that_all_readers_agree_on_are_numbers(word, value):
    """Decimal integers that JSON keeps whole and decimal fractions are numbers of the right type."""
    assert (type(value), value) == (type(meaning(word)), meaning(word))


@pytest.mark.parametrize(("word", "value"), [("true", True), ("false", False)])
def test_truth_has_one_spelling(word, value):
    """Only `true` and `false` are truth values."""
    assert value is meaning(word)


def test_a_merge_key_is_refused_as_key_and_as_value():
    """Rule 34: `<<` is never a key of its own; in quotes it is text."""
    rules = [finding.rule for finding in load(b"<<: a\nb: <<\n").findings]

    assert ["yaml-merge-key", "yaml-merge-key"] == rules
    assert {"<<": "<<"} == load(b'"<<": "<<"\n').documents[0].value


def test_what_a_spelling_means_does_not_depend_on_what_was_read_before():
    """Spellings are remembered between files; a key that is text does not make a value of that spelling text."""
    load(b"'1': a\nb: 1\n")

    assert {"b": 1} == load(b"b: 1\n").documents[0].value
    assert ["yaml-key-not-text"] == [finding.rule for finding in load(b"1: b\n").findings]
    assert isinstance(meaning("yes"), Refused)
