"""Made-up documents that are YAML in every form there is: quotes, blocks, flows, folds, comments, odd spacing."""

WORDS = ["a", "bb", "x y", "it's", "1", "0.5", "true", "café", "a-b", "x:y", "a#b", "-x", "50%", "v1.2", "😀", "R&D"]
FREE = [
    *WORDS,
    "",
    " ",
    "# no",
    "a: b",
    "yes",
    "0644",
    "- x",
    "[",
    "}",
    "x ",
    " x",
    "---",
    "...",
    "&a",
    "*b",
    "!x",
    "%",
]
FLOW = ["a", "x y", "1", "0.5", "true", "'q, r'", '"s: t"', "x:y", "-x", "it's", "a#b", '"u\\n"', "''"]
FOLDED = ["a", "bb", "it's", "x:y", "a#b", "-x", "😀"]
TEXTS = [*FREE, "%", "  more", " x", "k: v", "- i", "# c", ""]
ESCAPES = ["\\n", "\\\\", '\\"', "\\u00e9", "\\U0001F600", "\\x41", "\\ ", "\\_", "\\\n  ", "\\\n\n  "]
HEADERS = ["|", ">", "|-", ">-", "|+", ">+", "|2", ">2-", "|+2", "| # x", ">-  # x"]


def document(random):
    """A mapping over lines that begins in the first column."""
    return _mapping(random, 0, 3)


def _block(random, indent, depth):
    """What may stand behind a colon or dash, from the space on to the line feed."""
    way = random.random()
    if depth and way < 0.2:
        return _comment(random) + "\n" + _mapping(random, indent + random.randint(1, 4), depth - 1)
    if depth and way < 0.35:
        return _comment(random) + "\n" + _sequence(random, indent + random.randint(0, 3), depth - 1)
    if way < 0.5:
        return " " + _text_block(random, indent)
    return _space(random) + _inline(random, indent, depth) + _comment(random) + "\n"


def _mapping(random, indent, depth):
    lines = []
    for number in range(random.randint(1, 4)):
        name = random.choice([f"k{number}", f"'k {number}'", f'"k\\u0041{number}"', f"k k{number}"])
        key = f"? {name}\n{' ' * indent}:" if random.random() < 0.05 else f"{name}{' ' * (random.random() < 0.1)}:"
        lines.append(_blank(random) + " " * indent + key + _block(random, indent, depth))
    return "".join(lines)


def _sequence(random, indent, depth):
    items = []
    for _ in range(random.randint(1, 4)):
        inner = _block(random, indent, depth)
        if depth and random.random() < 0.2:
            offset = random.randint(1, 3)
            nested = _mapping(random, indent + 1 + offset, depth - 1).lstrip("\n ")
            inner = " " * offset + nested if not nested.startswith("#") else inner
        items.append(_blank(random) + " " * indent + "-" + inner)
    return "".join(items)


def _inline(random, indent, depth):
    way = random.random()
    if depth and way < 0.15:
        return _flow(random, indent, depth - 1)
    if way < 0.35:
        return "'" + _fold(random, indent, [word.replace("'", "''") for word in _some(random, FREE)]) + "'"
    if way < 0.55:
        return '"' + _fold(random, indent, [*_some(random, FREE), random.choice(ESCAPES)]) + '"'
    return _fold(random, indent, [random.choice(WORDS[:3]), *_some(random, FOLDED)])


def _flow(random, indent, depth):
    gap = random.choice(["", " ", "\n" + " " * (indent + 2), f" # x\n{' ' * (indent + 1)}"])
    items = [_flow_item(random, indent, depth) for _ in range(random.randint(0, 3))]
    end = random.choice(["", ","]) if items else ""
    if random.random() < 0.5:
        return f"[{gap}{f',{gap}'.join(items)}{end}{gap}]"
    pairs = [f"{random.choice('abc')}{number}: {item}" for number, item in enumerate(items)]
    return f"{{{gap}{f',{gap} '.join(pairs)}{end}{gap}}}"


def _flow_item(random, indent, depth):
    if depth and random.random() < 0.3:
        return _flow(random, indent, depth - 1)
    return random.choice(
        ["a", "x y", "1", "0.5", "true", "'q, r'", '"s: t"', "x:y", "-x", "it's", "a#b", '"u\\n"', "''"]
    )


def _text_block(random, indent):
    header = random.choice(HEADERS)
    margin = " " * (indent + (2 if "2" in header else random.randint(1, 4)))
    lines = []
    for number in range(random.randint(1, 5)):
        text = random.choice(TEXTS)
        bare = not text and random.random() < 0.7
        lines.append(("" if bare else margin) + (text if number else text.lstrip()) + "\n")
    return f"{header}\n" + "".join(lines)


def _fold(random, indent, pieces):
    joints = [" ", "  ", "\n" + " " * (indent + 1), "\n\n" + " " * (indent + 3), " \n" + " " * (indent + 2)]
    out = pieces[0]
    for piece in pieces[1:]:
        out += (random.choice(joints) if random.random() < 0.3 else " ") + piece
    return out


def _some(random, pieces):
    return random.choices(pieces, k=random.randint(1, 4))


def _space(random):
    return " " * random.choice([1, 1, 1, 2, 5])


def _comment(random):
    return random.choice(["", "", "", " # x", "   # 'y: \"", "  "])


def _blank(random):
    return random.choice(["", "", "", "", "\n", "# c\n", "      # d\n", "  \n"])
