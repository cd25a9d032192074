"""Patterns are RE2, matched whole, in linear time; whatever else somebody writes is refused with a reason."""

import itertools
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.core.patterns import compile_pattern

REFUSED = [
    pytest.param(r"(a)\1", "no backreferences", id="backreference"),
    pytest.param(r"(?P<n>a)(?P=n)", "no backreferences", id="named-backreference"),
    pytest.param(r"(?=a)b", "looks ahead or behind", id="look-ahead"),
    pytest.param(r"(?<!a)b", "looks ahead or behind", id="look-behind"),
    pytest.param(r"(?>a+)b", "no RE2 pattern", id="atomic-group"),
    pytest.param(r"a{1001}", "grows too large", id="huge-repeat"),
    pytest.param(r"(a{100}){100}", "grows too large", id="repeated-repeat"),
    pytest.param(r"((((a{9}){9}){9}){9}){9}", "grows too large", id="repeats-five-deep"),
    pytest.param(r"\pL{1000}", "grows too large", id="huge-repeat-of-a-class"),
    pytest.param("a" * 251, "251 characters", id="too-long"),
    pytest.param("[", "missing ]", id="open-class"),
    pytest.param("(", "missing )", id="open-group"),
    pytest.param("*a", "no argument", id="nothing-to-repeat"),
    pytest.param(r"\C", "half of a character", id="half-a-character"),
    pytest.param("\ud800", "surrogate", id="no-text"),
]

REDOS = [
    pytest.param(r"^(a+)+$", "a" * 4096 + "!", id="nested-plus"),
    pytest.param(r"^(a|aa)+$", "a" * 4096 + "!", id="overlapping-choice"),
    pytest.param(r"^(a|a?)+$", "a" * 4096 + "!", id="optional-choice"),
    pytest.param(r"(.*a){20}", "a" * 4096 + "!", id="repeated-anything"),
    pytest.param(r"(x+x+)+y", "x" * 4096, id="regular-expressions-info"),
    pytest.param(r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 4096, id="owasp-names"),
    pytest.param(r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+$", "a" * 4096, id="owasp-mail"),
    pytest.param(r"^(\w+\s?)*\$", "word " * 820, id="words"),
    pytest.param(r"(?:(?:.*,)*.*)*x", "," * 4096, id="stackoverflow-2016"),
    pytest.param(r"(?:(?:\"|'|\d|true|null)+[)]*;?((?:\s|-|~|!)*.*(?:.*=.*)))", "x=" * 2048, id="cloudflare-2019"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "because"), REFUSED)
def test_rule_33_what_could_hang_is_refused_where_it_is_defined(text, because):
    """Rule 33: a pattern that is no RE2, or grows too large, is refused with what is wrong."""
    with pytest.raises(ValueError, match=re.escape(because)):
        compile_pattern(text)


@pytest.mark.parametrize(("text", "value"), REDOS)
def test_rule_33_the_known_traps_match_within_a_millisecond_a_kilobyte(text, value):
    """Rule 33: patterns that hang other engines for years answer at once."""
    pattern = compile_pattern(text)
    pattern.matches(value)
    spent = []
    for _ in range(5):
        started = time.process_time()
        pattern.matches(value)
        spent.append(time.process_time() - started)

    assert 0.001 >= min(spent) / (len(value) / 1024)


@pytest.mark.parametrize("text", [r".*a.{500}", r"(?:a?){900}a{90}", r"((a{0,10}){0,10}){0,9}"])
def test_rule_33_the_worst_that_is_accepted_takes_linear_time(text):
    """Rule 33: eight times the text takes about eight times as long, whatever the pattern."""
    pattern = compile_pattern(text)

    def spent(size):
        started = time.process_time()
        pattern.matches("a" * size + "!")
        return time.process_time() - started

    short = min(spent(4096) for _ in range(3))

    assert min(spent(32768) for _ in range(2)) <= 24 * short + 0.01


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        pytest.param("[a-z]{2,8}", "abc", True, id="whole"),
        pytest.param("[a-z]{2,8}", "xabcx!", False, id="a-part-is-not-enough"),
        pytest.param("^[a-z]{2,8}$", "abc\n", False, id="a-trailing-line-feed-counts"),
        pytest.param("(?m)^a$", "a\nb", False, id="no-flag-makes-a-part-enough"),
        pytest.param("a|ab", "ab", True, id="the-longer-choice-is-found"),
        pytest.param("", "", True, id="empty"),
        pytest.param("é", "é", True, id="unicode"),
        pytest.param(".", "\ud800", False, id="half-a-character-never-matches"),
    ],
)
def test_the_whole_value_must_match(text, value, expected):
    """A pattern says what a value is, not what stands somewhere in it."""
    assert expected == compile_pattern(text).matches(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a-z]{2,8}", False), ("^[a-z0-9-]+$", True), ("[^-].*", False), (r"[^\s-].*", False), ("[a-z ]+", False),
        (".*", True), ("a|-b", True), ("[a-z]?-", True), (r"\d+", False), (r"\.x", False), ("-", True),
        (r"(?i)[a-z]+", False), (r"\w[\w.-]*", False), ("a{0}-", True), (r"[A-Za-z_][\w ]*", False),
    ],
)  # fmt: skip
def test_whether_a_value_may_begin_with_a_dash_is_told(text, expected):
    """What people write for names is told apart from what lets an option through."""
    assert expected == compile_pattern(text).admits_dash()


ATOMS = st.sampled_from(
    ["a", "-", ".", "[a-z]", "[^-]", "[^a]", "[-a]", "[ -a]", r"\-", r"\w", r"\W", r"\d", "(a|-)", "(?:)"]
)
TIMES = st.sampled_from(["", "", "?", "*", "+", "{0}", "{0,1}", "{2}"])
PATTERNS = st.lists(st.tuples(ATOMS, TIMES).map("".join), max_size=4).map("".join)


@given(st.one_of(PATTERNS, st.tuples(PATTERNS, PATTERNS).map("|".join), PATTERNS.map("^{}$".format)))
def test_no_value_that_begins_with_a_dash_slips_through(text):
    """Where a dash is said to be impossible, none of all short values that begin with one matches."""
    pattern = compile_pattern(text)
    if not pattern.admits_dash():
        values = ("-" + "".join(rest) for size in range(4) for rest in itertools.product("a- 1", repeat=size))
        assert [] == [value for value in values if pattern.matches(value)]
