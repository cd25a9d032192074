"""Made-up inputs: texts of a corpus, changed at random by pieces that YAML readers stumble over; seeded."""

from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"

GENTLE = [
    *[b"\n", b" ", b"  ", b"- ", b": ", b":", b"#", b" #", b"'", b'"', b"[", b"]", b"{", b"}", b",", b"?", b"? "],
    *[b"- - ", b"|", b">", b"|-\n", b">+2\n", b"|1\n", b">- # x\n", b"&", b"*", b"!", b"\n\n", b"\n \n", b"\r\n"],
    *[b"\n---\n", b"\n--- # x\n", b"\\", b"\\\n", b"\\u0041", b"\\/", b"\\ ", b"\\_", b"\xc2\xa0", b"\xe2\x80\x8b"],
    *["é".encode(), "😀".encode(), b"true", b"1", b"0.5", b"-", b"--", b"..", b"''", b'""', b"a: b", b"a", b"x y"],
    *[b"`", b"@", b"=", b"%", b"~", b"<"],
]
"""Pieces that a text often survives, so that there is something to compare."""

PIECES = [
    *GENTLE,
    *[b"|9\n", b"|#", b"&a ", b"*a", b"!t ", b"! ", b"!!str ", b"<<: ", b"---", b"...", b"\n...\n", b"\n%YAML 1.1\n"],
    *[b"%TAG ! x\n", b"\t", b"\n\t", b"-\t", b":\t", b"\r", b"\\x07", b"\\ud800", "e\u0301".encode()],
    *[b"\0", b"\x07", b"\x7f", b"\xff", b"\xc3", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xef\xbb\xbf"],
    *[b"yes", b"on", b"y", b"0644", b"0o14", b"0_x1", b"1_000", b"1e3", b"1.0", b"12:30:45", b"2026-01-01", b"null"],
    *[b"<<", b".inf", b"-0"],
]


def corpus(name, beginning=""):
    """The committed texts of one target, in the order of their names, which say what is good and what is bad."""
    paths = sorted((CORPUS / name).iterdir())
    return [path.read_bytes() for path in paths if path.name.startswith(beginning)]


def mutated(random, texts, *, pieces=PIECES, changes=4):
    """One text, in whole or a few lines of it, with one to four changes."""
    text = bytearray(random.choice(texts))
    if random.random() < 0.5:
        lines = bytes(text).split(b"\n")
        first = random.randrange(len(lines))
        text = bytearray(b"\n".join(lines[first : first + random.randint(1, 14)]))
    for _ in range(random.randint(1, changes)):
        _change(random, text, texts, pieces)
    return bytes(text)


def _change(random, text, texts, pieces):
    at, way = random.randrange(len(text) + 1), random.random()
    if way < 0.5:
        text[at:at] = random.choice(pieces)
    elif way < 0.65:
        text[at : at + 1] = random.choice(pieces)
    elif way < 0.8:
        del text[at : at + random.randint(1, 4)]
    elif way < 0.9:
        start = random.randrange(len(text) + 1)
        text[at:at] = text[start : start + random.randint(1, 30)]
    elif way < 0.97:
        other = random.choice(texts)
        start = random.randrange(len(other) + 1)
        text[at:at] = other[start : start + random.randint(1, 60)]
    else:
        text[at:at] = bytes([random.randrange(256)])
