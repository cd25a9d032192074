"""Patterns of RE2 as the browser takes them: it finds no mistake in them, and takes the same texts."""

import pytest
import re2

from assent.portal.patterns import for_browsers

PATTERNS = (
    "^[a-z0-9][a-z0-9-]{0,62}$",
    "^[A-Za-zÀ-ӿ][A-Za-zÀ-ӿ '.-]{0,62}$",
    "^[A-Za-z0-9._ -]{1,64}\\.exe$",
    "^[^\\s](.{0,198}[^\\s])?$",
    "^[A-Za-z0-9 .,:_-]{0,9}@[A-Za-z0-9.-]{1,253}$",
    r"^[\w.+-]+@\d{1,3}$",
    r"^[]a-]+$",
    r"^[^]a]+$",
    r"^[a\]\-\\^]+$",
    r"^[-+*/=]+$",
    r"^[!-/]+$",
    r"^[(){}|&,;]+$",
    r"^a\-b\_c\@d$",
    r"^{a}]$",
    r"^x{2}y{1,}z{0,3}$",
    "",
)
TEXTS = [
    *(
        "",
        "a",
        "a-b",
        "-a",
        "web-01",
        "María",
        "O'Neil",
        "Anne-Marie",
        "tool.exe",
        ".exe",
        " x",
        "x x",
        "a@b.c",
        "a:b@c",
    ),
    *("ab.c+d@12", "]", "]a-", "^", "\\", "b", "+-*/=", "!", "&", "(){}", "|,;&", "a-b_c@d", "{a}]", "xxy", "xxyzzzz"),
]
JUDGED = "([pattern, texts]) => texts.map(text => new RegExp(`^(?:${pattern})$`, 'v').test(text))"


@pytest.fixture(scope="module")
def page(chromium):
    return chromium.new_page()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_browser_reads_a_pattern_as_re2_does(page, pattern):
    expected = [bool(re2.fullmatch(pattern, text)) for text in TEXTS]

    assert expected == page.evaluate(JUDGED, [for_browsers(pattern), TEXTS])
