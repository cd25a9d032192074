"""`load`: what is read, and how everything else is refused, with place and way out (rules 34 and 35)."""

import pytest
import yaml

from assent.adapters.documents import RULES, limits, load, reader

ACCEPTED = {
    "nothing": (b"", []),
    "comments alone": (b"# a\n\n  # b\n", []),
    "markers alone": (b"---\n---\n", []),
    "one field": (b"a: 1\n", [{"a": 1}]),
    "no final line feed": (b"a: b", [{"a": "b"}]),
    "two documents": (b"a: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
    "a comment behind a marker": (b"--- # first\na: 1\n--- # second\nb: 2\n", [{"a": 1}, {"b": 2}]),
    "empty documents between": (b"---\n# none\n---\na: 1\n---\n", [{"a": 1}]),
    "CRLF": (b"a: 1\r\nb: |\r\n  x\r\n  y\r\n---\r\nc: 2\r\n", [{"a": 1, "b": "x\ny\n"}, {"c": 2}]),
    "nested": (
        b"a:\n  b:\n  - c: 1\n    d: [x, {e: f}]\n  - []\n",
        [{"a": {"b": [{"c": 1, "d": ["x", {"e": "f"}]}, []]}}],
    ),
    "empty collections and text": (b"a: {}\nb: []\nc: ''\n", [{"a": {}, "b": [], "c": ""}]),
    "quotes": (b"a: 'it''s'\nb: \"x\\u00e9\\n\"\n\"c\": 'yes'\n", [{"a": "it's", "b": "xé\n", "c": "yes"}]),
    "block texts": (b"a: |\n  x\n   y\nb: >-\n  p\n  q\n\n  r\nc: d\n", [{"a": "x\n y\n", "b": "p q\nr", "c": "d"}]),
    "a tab in a comment line": (b"a: 1\n  #\tx\n", [{"a": 1}]),
    "signs within text": (b"a: R&D\nb: x!\nc: who?\nd: 50%\n", [{"a": "R&D", "b": "x!", "c": "who?", "d": "50%"}]),
    "a backslash before a slash": (b"a: \"x\\\\/y\"\nb: '\\/'\nc: \\/\n", [{"a": "x\\/y", "b": "\\/", "c": "\\/"}]),
    "an anchor's sign elsewhere": (b"a: '&x'\nb: \"*y\"\n", [{"a": "&x", "b": "*y"}]),
    "Unicode": ("a: café 😀\nキー: e\u0301\n".encode(), [{"a": "café 😀", "キー": "e\u0301"}]),
    "an explicit key": (b"? a\n: b\n", [{"a": "b"}]),
    "a comment behind a block's sign": (b"a: | # x\n  y\n", [{"a": "y\n"}]),
}

REFUSED = {
    "anchor": (b"a: &x 1\n", "yaml-anchor", "1:4"),
    "anchor of a mapping": (b"a: &x\n  b: 1\n", "yaml-anchor", "1:4"),
    "anchor of a key": (b"&x a: 1\n", "yaml-anchor", "1:1"),
    "alias": (b"a: *x\n", "yaml-alias", "1:4"),
    "alias as a key": (b"*x : 1\n", "yaml-alias", "1:1"),
    "alias as a document": (b"*x\n", "yaml-alias", "1:1"),
    "merge key": (b"a: 1\n<<: b\n", "yaml-merge-key", "2:1"),
    "tag": (b"a: !foo b\n", "yaml-tag", "1:4"),
    "tag of text": (b'a: !!str "b"\n', "yaml-tag", "1:4"),
    "tag without a name": (b"a: ! b\n", "yaml-tag", "1:4"),
    "tag of a list": (b"a: !!set [b]\n", "yaml-tag", "1:4"),
    "tag of a key": (b"!!str a: b\n", "yaml-tag", "1:1"),
    "tag of a document": (b"!foo\na: 1\n", "yaml-tag", "1:1"),
    "Python's tag": (b"a: !!python/object/apply:os.getcwd []\n", "yaml-tag", "1:4"),
    "version directive": (b"%YAML 1.1\n---\na: 1\n", "yaml-directive", "1:1"),
    "tag directive": (b"# x\n%TAG ! tag:x,2000:\n---\na: 1\n", "yaml-directive", "2:1"),
    "unknown directive": (b"%FOO bar\n---\na: 1\n", "yaml-directive", "1:1"),
    "duplicate key": (b"a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", "3:1"),
    "duplicate key, quoted": (b"a: {b: 1, 'b': 2}\n", "yaml-duplicate-key", "1:11"),
    "key in two compositions": ("e\u0301: 1\n".encode(), "yaml-key-not-nfc", "1:1"),
    "number as a key": (b"a:\n  1: b\n", "yaml-key-not-text", "2:3"),
    "truth as a key": (b"true: b\n", "yaml-key-not-text", "1:1"),
    "ambiguous key": (b"on: b\n", "yaml-ambiguous-scalar", "1:1"),
    "no key": (b"?\n: b\n", "yaml-key-not-text", "1:2"),
    "null as a key": (b"~: b\n", "yaml-key-not-text", "1:1"),
    "list as a key": (b"? [a]\n: b\n", "yaml-key-not-text", "1:3"),
    "mapping as a key": (b"a: {{b: c}: d}\n", "yaml-key-not-text", "1:5"),
    "no value": (b"a:\nb: 1\n", "yaml-null", "1:3"),
    "no item": (b"a:\n-\n", "yaml-null", "2:2"),
    "list as a document": (b"- a\n", "yaml-not-a-mapping", "1:1"),
    "text as a document": (b"a: 1\n---\nb\n", "yaml-not-a-mapping", "3:1"),
    "null as a document": (b"null\n", "yaml-not-a-mapping", "1:1"),
    "document in braces": (b"{a: 1}\n", "yaml-flow-document", "1:1"),
    "JSON": (b'{"a": 1}\n', "yaml-flow-document", "1:1"),
    "text behind a marker": (b"--- a\n", "yaml-document-marker", "1:1"),
    "text joined to a marker": (b"a: 1\n---b: 2\n", "yaml-document-marker", "2:1"),
    "end marker": (b"a: 1\n...\n", "yaml-document-marker", "2:1"),
    "end marker and comment": (b"a: 1\n... # x\n", "yaml-document-marker", "2:1"),
    "not UTF-8": (b"a: 1\nb: \xe9\n", "yaml-not-utf8", "2:4"),
    "UTF-16": ("a: 1\n".encode("utf-16"), "yaml-not-utf8", "1:1"),
    "UTF-16 without a mark": ("a".encode("utf-16-le"), "yaml-odd-character", "1:2"),
    "half a character": (b"a: \xf0\x9f\x98", "yaml-not-utf8", "1:4"),
    "surrogate": (b"a: \xed\xa0\x80\n", "yaml-not-utf8", "1:4"),
    "overlong": (b"a: \xc0\xaf\n", "yaml-not-utf8", "1:4"),
    "byte order mark": (b"\xef\xbb\xbfa: 1\n", "yaml-odd-character", "1:1"),
    "NUL": (b"a: b\0c\n", "yaml-odd-character", "1:5"),
    "bell": (b"a: \x07\n", "yaml-odd-character", "1:4"),
    "next line": ("a: b\x85c: d\n".encode(), "yaml-odd-character", "1:5"),
    "line separator": ("a: b\u2028c: d\n".encode(), "yaml-odd-character", "1:5"),
    "direction override": ("a: 'é\u202eb'\n".encode(), "yaml-odd-character", "1:6"),
    "direction in a comment": ("a: 1 # \u2066x\n".encode(), "yaml-odd-character", "1:8"),
    "escaped direction": (b'a: "\\u202e"\n', "yaml-odd-character", "1:4"),
    "escaped bell": (b'a: "\\a"\n', "yaml-odd-character", "1:4"),
    "escaped tab": (b'a: "x\\ty"\n', "yaml-odd-character", "1:4"),
    "escaped carriage return in a key": (b'"\\r": a\n', "yaml-odd-character", "1:1"),
    "tab in a block text": (b"a: |\n  #\tx\n", "yaml-odd-character", "1:4"),
    "bare carriage return": (b"a: 1\rb: 2\n", "yaml-odd-character", "1:5"),
    "tab as indentation": (b"a:\n\tb: 1\n", "yaml-tab", "2:1"),
    "tab before a comment": (b"a: 1\t# x\n", "yaml-tab", "1:5"),
    "tab behind what looks like a comment": ("a: 1\n  \u00a0#\tx\n".encode(), "yaml-tab", "2:5"),
    "tab in quotes": (b"a: 'x\ty'\n", "yaml-tab", "1:6"),
    "escaped slash": (b'a: "b"\nc: "x\\/y"\n', "yaml-odd-escape", "2:4"),
    "escaped slash behind CRLF and é": ("é: é\r\nc: 'x' # é\r\nd: \"\\/\"\r\n".encode(), "yaml-odd-escape", "3:4"),
    "escaped slash in a key": (b'"\\\\\\/": b\n', "yaml-odd-escape", "1:1"),
    "hash joined to a block's sign": (b"a: |#x\n  y\n", "yaml-odd-header", "1:4"),
    "block text without an end": (b"a: |\n  x", "yaml-no-final-newline", "1:4"),
    "question mark in brackets": (b"a: {b: c?d}\n", "yaml-ambiguous-scalar", "1:8"),
    "open bracket": (b"a: [1, 2\nb: 3\n", "yaml-syntax", "2:2"),
    "open quotes": (b"a: 'x\n", "yaml-syntax", "2:1"),
    "two colons": (b"a: b: c\n", "yaml-syntax", "1:5"),
    "reserved sign": (b"a: @b\n", "yaml-syntax", "1:4"),
    "indentation": (b"a: 1\n b: 2\n", "yaml-syntax", "2:3"),
    "list within a line": (b"a: - b\n", "yaml-syntax", "1:4"),
    "unknown escape": (b'a: "\\q"\n', "yaml-syntax", "1:5"),
    "surrogate escape": (b'a: "\\ud83d\\ude00"\n', "yaml-syntax", "1:7"),
    "too deep": (b"a: " + b"[" * 33 + b"\n", "yaml-too-deep", "1:35"),
    "100,000 brackets": (b"[" * 100_000, "yaml-too-deep", "1:33"),
    "100,000 dashes": (b"a:\n" + b"- " * 100_000, "yaml-too-deep", "2:63"),
    "a file beyond 1 MiB": (b"#" * (limits.FILE_BYTES + 1), "yaml-too-large", "1:1"),
    "a document beyond 256 KiB": (b"a: 1\n---\n" + b"#" * (limits.DOCUMENT_BYTES + 1), "yaml-too-large", "3:1"),
    "1,001 documents": (b"a: 1\n---\n" * 1_000 + b"a: 1\n", "yaml-too-many-documents", "2001:1"),
    "10,000 empty documents": (b"---\n" * 10_000, "yaml-too-many-documents", "1001:1"),
    "101 problems": (b"a: [" + b"~, " * 101 + b"]\n", "yaml-null", "1:5"),
}


@pytest.mark.parametrize(("data", "values"), ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(data, values):
    """What every reader understands alike is read, to plain values."""
    loaded = load(data)

    assert ((), values) == (loaded.findings, [document.value for document in loaded.documents])
    assert list(range(len(values))) == [document.index for document in loaded.documents]


@pytest.mark.parametrize(("data", "rule", "place"), REFUSED.values(), ids=REFUSED)
def test_rule_34_refused(data, rule, place):
    """Rule 34: everything else is a finding that says what, where, and what to write instead; no document is read."""
    loaded = load(data, "a.yaml")

    assert (rule, f"a.yaml:{place}") in [(finding.rule, str(finding.place)) for finding in loaded.findings]
    assert all(finding.message and finding.hint and finding.severity == "error" for finding in loaded.findings)
    assert () == loaded.documents


def test_every_rule_is_in_the_table_and_every_row_is_shown():
    """Each rule that a text can break has its meaning in the table, and each row of the table an example above."""
    seen = {finding.rule for data, _, _ in REFUSED.values() for finding in load(data).findings}

    assert {rule for rule in RULES if rule.startswith("yaml-")} == seen
    assert all(meaning.endswith(".") for meaning in RULES.values())
    assert sorted(RULES) == list(RULES)


def test_all_problems_of_a_file_are_told_at_once():
    """Whoever mends a file needs one round, not seven: reading goes on behind each problem, to an error of syntax."""
    text = b'a: &x yes\nb: *x\nc: ~\n1: d\na: 2\n<<: x\n? [e, 0644]\n: !f g\n---\n- 1\n---\nh: "\\u202e"\ni: [\n'

    rules = [(finding.place.line, finding.rule) for finding in load(text).findings]

    assert [
        (1, "yaml-ambiguous-scalar"),
        (1, "yaml-anchor"),
        (2, "yaml-alias"),
        (3, "yaml-null"),
        (4, "yaml-key-not-text"),
        (5, "yaml-duplicate-key"),
        (6, "yaml-merge-key"),
        (7, "yaml-key-not-text"),
        (7, "yaml-ambiguous-scalar"),
        (8, "yaml-tag"),
        (10, "yaml-not-a-mapping"),
        (12, "yaml-odd-character"),
        (14, "yaml-syntax"),
    ] == rules


def test_odd_characters_do_not_hide_the_other_problems():
    """Tabs, marks and directives are told together with what is wrong in the values, each at its own place."""
    text = "\ufeff# x\n%YAML 1.1\n---\na:\tyes\nb: '\u202e'\nc: on\n...\n".encode()

    found = [(finding.place.line, finding.place.column, finding.rule) for finding in load(text).findings]

    assert [
        (1, 1, "yaml-odd-character"),
        (2, 1, "yaml-directive"),
        (4, 3, "yaml-tab"),
        (4, 4, "yaml-ambiguous-scalar"),
        (5, 5, "yaml-odd-character"),
        (6, 4, "yaml-ambiguous-scalar"),
        (7, 1, "yaml-document-marker"),
    ] == found


def test_no_more_than_a_hundred_problems_are_told():
    """A file with a thousand problems gets a hundred findings and one that says so."""
    findings = load(b"a: [" + b"yes, " * 1000 + b"]\n").findings

    assert limits.FINDINGS + 1 == len(findings)
    assert "yaml-too-many-problems" == findings[-1].rule


@pytest.mark.parametrize(
    ("data", "fits"),
    [
        pytest.param(b"a: 1\n" + b"#" * (limits.DOCUMENT_BYTES - 5), True, id="256 KiB"),
        pytest.param(b"a: 1\n" + b"#" * (limits.DOCUMENT_BYTES - 4), False, id="256 KiB and 1 byte"),
        pytest.param(b"a: '" + "é".encode() * (limits.DOCUMENT_BYTES // 2 - 3) + b"'\n", True, id="256 KiB of é"),
        pytest.param(b"a: 'x" + "é".encode() * (limits.DOCUMENT_BYTES // 2 - 3) + b"'\n", False, id="bytes count"),
        pytest.param((b"a: 1\n" + b"#" * 262_130 + b"\n---\n") * 4, True, id="four of 256 KiB"),
        pytest.param(b"a: 1\n---\n" * 999 + b"a: 1\n", True, id="1,000 documents"),
        pytest.param(b"a: 1\n---\n" * 1000 + b"a: 1\n", False, id="1,001 documents"),
        pytest.param(b"a: " + b"[" * 31 + b"]" * 31 + b"\n", True, id="32 levels"),
        pytest.param(b"a: " + b"[" * 32 + b"]" * 32 + b"\n", False, id="33 levels"),
    ],
)
def test_rule_30_limits_are_exact(data, fits):
    """Rules 30 and 34: each bound of size, number and depth lets the largest through and nothing beyond, in bytes."""
    assert fits == (() == load(data).findings)


def test_a_message_shows_values_on_one_line_and_escaped():
    """Rule 44: what a message quotes cannot break its line, turn its direction or fill the screen."""
    messages = [finding.message for finding in load(b'"\\n\\e[0m\\u202e": 1\nb: !' + b"x" * 500 + b" c\n").findings]

    assert all(message.isprintable() and len(message) < 150 for message in messages)
    assert "\\u202e" in messages[0]


@pytest.mark.parametrize("word", ["yes", "<<", "1", "e\u0301", "~"])
def test_a_refused_key_is_refused_again(word):
    """Spellings are remembered between files, but never a refused one."""
    text = f"{word}: a\n".encode()

    assert load(text).findings
    assert load(text) == load(text)


def test_findings_do_not_depend_on_the_machine_or_the_time():
    """The same bytes give the same findings, in the order of the text."""
    text = b"b: yes\na: &x ~\n"

    assert load(text) == load(text)
    assert sorted(load(text).findings, key=lambda finding: finding.order) == list(load(text).findings)


@pytest.mark.parametrize("error", [ValueError("x"), MemoryError(), RecursionError(), yaml.YAMLError("some\nlines")])
def test_rule_34_whatever_the_parser_raises_is_a_finding(monkeypatch, error):
    """Rule 34: should libyaml's wrapper ever fail in a way of its own, that is a finding as well."""

    class Failing:
        def __init__(self, data):
            raise error

    monkeypatch.setattr(reader, "CParser", Failing)

    (finding,) = load(b"a: 1\n", "a.yaml").findings
    assert ("yaml-syntax", "a.yaml:1:1") == (finding.rule, str(finding.place))
    assert finding.message.isprintable()


def test_a_document_says_where_it_begins():
    """`line` is where the first field stands, behind comments and blank lines."""
    assert [3, 6] == [document.line for document in load(b"# x\n\na: 1\n---\n\nb: 2\n").documents]
