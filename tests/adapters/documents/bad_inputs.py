"""About two thousand texts that must be refused, each with the rule it breaks; made by crossing forms with faults."""

import unicodedata

from adapters.documents import words

FORMS = {
    "value": "a: {}\n",
    "nested": "a:\n  b:\n  - c: {}\n",
    "item": "a:\n- {}\n",
    "flow list": "a: [b, {}]\n",
    "flow value": "a: {{b: {}, c: d}}\n",
    "second document": "a: b\n---\nc: {}\n",
    "before a comment": "a: {} # b\n",
}
KEYS = {
    "key": "{}: b\n",
    "nested key": "a:\n  {}: b\n",
    "flow key": "a: {{{}: b}}\n",
    "explicit key": "? {}\n: b\n",
}
BLOCKS = {form: FORMS[form] for form in ("value", "nested", "second document")}

_TAGGED = """
!!str x | !!int '1' | !!bool 'yes' | !!null '' | !!binary eA== | !!float '1' | !!timestamp x | !x b | ! b | !<x> b
!!map {} | !!seq [] | !!set {} | !!omap [] | !!pairs [] | !!merge x | !!value x | !!yaml x | !<tag:yaml.org,2002:str> x
"""
_TAGS = """
!!python/name:os.system !!python/none !!python/tuple !!python/object:x.y !!python/object/apply:os.getcwd
!!python/object/new:x !!python/module:os !!python/long !!python/bytes !ruby/object:X !!java.net.URL !a!b
"""
_ANCHORED = "&x b | &x [b] | &x {b: c} | &x 'b' | &1 \"b\""
_BROKEN = r"""
[ ] { } [1, {b: [1} {b:] [[] {]} [,] {,} [a,,b] ' " 'b "b 'b'c "b"c "\ "\z" "\x4" "\u12" "\U0011FFFF" "\ud800"
@ @b ` `b %b ,b |2x >-- |0 |+-
"""
_BROKEN_FILES = r"""
a <> [a <> {a <> 'a <> "a <> - a <> a: b\nc <> a: b\n c: d <> a:\n  b: c\n d: e <> a: b\n- c <> - a\nb: c <> a: [\n
a: {\n <> ? a\n? b <> : a <> a\n b: c <> - - a <> a: | <> a: >- <> a: 'b\n---\nc' <> a: "b\n...\nc" <> ! <> & <> *
!a <> &a <> *a <> &a &b c: d <> !a !b c: d <> a: * <> a: & <> a: &b *c <> *a: b <> [a]: b <> {a: b}: c <> a: b: c
a: - b <> a: ? b <> a:\n  - b\n c <> a: |\n b\nc <> '' <> "" <> [] <> {} <> ~ <> true <> 1 <> yes <> ? <> - <> -\n-
[a: b] <> a: [b: c: d] <> a: {b c: d: e}
"""
_DIRECTIVES = "%YAML 1.1 <> %YAML 1.2 <> %YAML 2.0 <> %YAML <> %YAML 1 <> %TAG ! x: <> %TAG !e! x: <> %TAG <> %FOO <> %"
_MARKERS = (
    "--- a: b <> ---a <> --- | <> --- [a] <> --- 'a' <> ---- a <> ... <> ... # x <> ... a <> --- &x <> --- !x <> ---#"
)
_TABS = r"""
\ta: b <> a:\tb <> a: b\t <> a:\n\t- b <> a: b\n\t <> a: [\tb] <> a: 'b\tc' <> a: |\n \tb <> a: b\t# c <> a: {b:\tc}
"""
_RETURNS = r"a: b\r <> a: b\rc: d <> \ra: b <> a: 'b\rc' <> a: |\r  b\r"

ODD = [*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, 0x2028, 0x2029]
ODD += [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF]
NOT_UTF8 = [b"\x80", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xf0\x9f", b"\xf5\x80", b"\xfe"]
DEEP = [("[", 33), ("[", 5_000), ("{a: ", 33), ("{a: ", 5_000), ("[{a: ", 1_000), ("- ", 40), ("- ", 5_000)]


def cases():
    """Pairs of a readable id with (bytes, the rule that one finding names at least; empty for whichever)."""
    for made in (_scalars, _decorations, _characters, _encodings, _broken, _lines, _deep, _duplicates, _bombs):
        yield from made()


def _formed(forms, text, rule):
    for form, pattern in forms.items():
        yield f"{form}: {text[:40]}", (pattern.format(text).encode(), rule)


def _written(text):
    """The texts between `<>` signs, with their escapes."""
    pieces = [one.strip() for one in text.replace("\n", " <> ").split(" <> ")]
    return [one.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r") for one in pieces if one]


def _scalars():
    for word in words.AMBIGUOUS:
        yield from _formed(FORMS | KEYS, word, "yaml-ambiguous-scalar")
    for word in words.NULLS:
        yield from _formed(FORMS, word, "yaml-null")
        yield from _formed(KEYS, word, "yaml-key-not-text")
    for word in ("true", "false", *words.NUMBERS_KEPT):
        yield from _formed(KEYS, word, "yaml-key-not-text")
    yield from _formed(FORMS | KEYS, "<<", "yaml-merge-key")


def _decorations():
    tagged = [one.strip() for one in _TAGGED.replace("\n", "|").split("|") if one.strip()]
    for tag in [*tagged, *(f"{tag} x" for tag in _TAGS.split()), *(f"{tag} [x]" for tag in _TAGS.split())]:
        # A tag whose handle nobody declared is an error of syntax.
        yield from _formed(FORMS, tag, "" if tag.startswith("!a!") else "yaml-tag")
    for anchored in _ANCHORED.split(" | "):
        yield from _formed(FORMS, anchored, "yaml-anchor")
    yield from _formed(FORMS, "*x", "yaml-alias")


def _characters():
    rule = "yaml-odd-character"
    for code in ODD:
        char, name = chr(code), f"U+{code:04X}"
        yield f"{name} in a value", (f"a: x{char}b\n".encode(), rule)
        yield f"{name} in quotes", (f"a: 'x{char}'\n".encode(), rule)
        yield f"{name} in a comment", (f"a: b # {char}\n".encode(), rule)
        yield f"{name} in a key", (f"x{char}: b\n".encode(), rule)
        yield f"{name} escaped", (f'a: "\\u{code:04x}"\n'.encode(), rule)
        yield f"{name} escaped in a key", (f'"\\u{code:04x}": b\n'.encode(), rule)
    for code in (0xC5, 0xE9, 0x1E69, 0xAC00, 0xF1):
        key = unicodedata.normalize("NFD", chr(code))
        yield f"U+{code:04X} decomposed", (f"{key}: b\n".encode(), "yaml-key-not-nfc")


def _encodings():
    for piece in NOT_UTF8:
        for form in (b"a: x%sb\n", b"%s: x\n", b"a: b # %s\n", b"%s", b"a: '%s'\n"):
            yield f"{piece!r} in {form!r}", (form % piece, "yaml-not-utf8")
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"):
        yield encoding, ("a: b\n".encode(encoding), "")


def _broken():
    for piece in _BROKEN.split():
        yield from _formed(BLOCKS, piece, "")
    for text in _written(_BROKEN_FILES):
        yield repr(text), (text.encode(), "")


def _lines():
    for text in _written(_TABS):
        yield repr(text), (f"{text}\n".encode(), "yaml-tab")
    for text in _written(_RETURNS):
        yield repr(text), (f"{text}\r".encode(), "yaml-odd-character")
    for directive in _written(_DIRECTIVES):
        for pattern in ("{}\n---\na: b\n", "# x\n{}\n---\na: b\n", "a: b\n---\n{}\n---\nc: d\n", "a: b\n{}\n"):
            yield f"{directive} in {pattern!r}", (pattern.format(directive).encode(), "yaml-directive")
    for marker in _written(_MARKERS):
        for pattern in ("{}\n", "a: b\n{}\nc: d\n", "a: b\n---\nc: d\n{}\n"):
            yield f"{marker} in {pattern!r}", (pattern.format(marker).encode(), "yaml-document-marker")


def _deep():
    for opened, count in DEEP:
        yield f"{count} times {opened}", (f"a:\n  {opened * count}b".encode(), "yaml-too-deep")
    for depth in (33, 100, 300):
        deep = "".join(f"{' ' * level}a:\n" for level in range(depth)) + " " * depth + "b"
        yield f"{depth} indented", (deep.encode(), "yaml-too-deep")


def _duplicates():
    for key in ("b", "'b'", '"b"', '"\\u0062"', "? b\n"):
        for text in (f"a: c\nb: d\n{key}: e\n", f"b: d\na: c\n{key}: e\n", f"a: e\n---\nb: c\n{key}: d\n"):
            yield f"{key!r} again in {text!r}", (text.encode(), "yaml-duplicate-key")


def _bombs():
    laughs = "a0: &a0 [lol, lol]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    merges = "m0: &m0 {x: b}\n" + "".join(f"m{n}: &m{n}\n  <<: [*m{n - 1}, *m{n - 1}]\n" for n in range(1, 20))
    yield "a billion laughs", (laughs.encode(), "yaml-alias")
    yield "merges of merges", (merges.encode(), "yaml-merge-key")
    yield "an anchor in itself", (b"a: &x [*x]\n", "yaml-alias")
    yield "ten thousand anchors", (b"a:\n" + b"".join(b"- &a%d b\n" % n for n in range(10_000)), "yaml-anchor")
    yield "ten thousand duplicates", (b"a: b\n" * 10_000, "yaml-duplicate-key")
    yield "ten thousand directives", (b"".join(b"%%TAG !a%d! x\n" % n for n in range(10_000)), "yaml-directive")
    yield "200,000 digits", (b"a: " + b"1" * 200_000 + b"\n", "yaml-ambiguous-scalar")
    yield "200,000 digits and a letter", (b"b: ~\na: " + b"1" * 200_000 + b"x\n", "yaml-null")
    yield "base 60 without end", (b"a: " + b"1:" * 100_000 + b"1\n", "yaml-ambiguous-scalar")
    yield "underscores without end", (b"a: 1" + b"_" * 200_000 + b"\n", "yaml-ambiguous-scalar")
    yield "a date and 200,000 blanks", (b"b: ~\na: 2026-01-01" + b" " * 200_000 + b"x\n", "yaml-null")
    yield "a key of 200,000 letters", (b"k" * 200_000 + b": 1\n", "yaml-syntax")
    yield "quotes that never end", (b"a: '" + b"x\n" * 100_000, "yaml-syntax")
    yield "blocks and an odd header", (b"a:\n" + b"- |\n  x\n" * 10_000 + b"- |#\n  x\n", "yaml-odd-header")
    yield "a megabyte and a byte", (b"#" * ((1 << 20) + 1), "yaml-too-large")
    yield "eight megabytes", (b"a: b\n" * 1_600_000, "yaml-too-large")
    yield "a large document", (b"a: " + b"x" * (1 << 18), "yaml-too-large")
    yield "two hundred thousand documents", (b"---\n" * 200_000, "yaml-too-many-documents")
