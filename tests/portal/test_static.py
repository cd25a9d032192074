"""The look: contrast in both schemes, marks beside colours, and nothing that the panel's own policy would refuse."""

import re
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from assent.api.requests import Phase
from assent.core.approvals import StageStatus
from assent.portal import rendering

STATIC = rendering.HERE / "static"
SHEETS = sorted(STATIC.glob("*.css"))
TEMPLATES = sorted((rendering.HERE / "templates").glob("*.html"))
LOOK = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in ("style.css", "parts.css"))
SCRIPT = (STATIC / "panel.js").read_text(encoding="utf-8")
TOKEN = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")
GROUNDS = ("ground", "surface", "sunken")
MEANINGS = ("good", "bad", "wait", "run", "odd", "calm")
WORDS_ON = [
    *product(("text", "muted", "accent", "accent-strong"), GROUNDS),
    *product(("bad", "good", "wait"), ("ground", "surface")),
    *((one, f"{one}-soft") for one in MEANINGS),
    *product(("text", "muted"), [f"{one}-soft" for one in MEANINGS]),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
]
SHAPES_ON = [("edge", "ground"), ("edge", "surface"), *((f"series-{n}", "surface") for n in range(1, 9))]


def schemes():
    """The tokens of each scheme; the dark one changes those of the light one."""
    light, dark = re.findall(r":root\s*{(.*?)\n *}", LOOK, re.DOTALL)
    first = dict(TOKEN.findall(light))
    return {"light": first, "dark": first | dict(TOKEN.findall(dark))}


def luminance(colour):
    """Of a colour written #rrggbb, as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("word", "ground"), WORDS_ON)
def test_words_have_the_contrast_of_level_aa(scheme, word, ground):
    tokens = schemes()[scheme]

    assert contrast(tokens[word], tokens[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES_ON)
def test_edges_and_plots_stand_out_from_what_they_lie_on(scheme, shape, ground):
    tokens = schemes()[scheme]

    assert contrast(tokens[shape], tokens[ground]) >= 3


def test_every_colour_has_a_value_in_both_schemes():
    light, dark = re.findall(r":root\s*{(.*?)\n *}", LOOK, re.DOTALL)
    colours = {name for name, value in TOKEN.findall(light) if value.startswith(("#", "0 ", "rgb"))}

    assert colours == {name for name, _ in TOKEN.findall(dark)}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_property_that_is_used_is_declared(sheet):
    declared = set(re.findall(r"--([a-z0-9-]+):", LOOK))

    assert set(re.findall(r"var\(--([a-z0-9-]+)", sheet.read_text(encoding="utf-8"))) <= declared


def test_colours_are_named_in_the_tokens_alone():
    loose = re.sub(r":root\s*{.*?\n *}", "", LOOK, flags=re.DOTALL)

    assert re.findall(r"#[0-9a-f]{3,8}\b", loose) == []


@pytest.mark.parametrize("state", [*get_args(Phase), *get_args(StageStatus)])
def test_every_badge_has_a_mark_beside_its_colour(state):
    marked = [rule for rule in re.findall(r"([^{}]+::before)\s*{\s*content:", LOOK) if f"badge-{state}" in rule]

    assert len({rule.strip() for rule in marked}) == 1


@pytest.mark.parametrize("asked", ["prefers-reduced-motion: reduce", "prefers-color-scheme: dark", ":focus-visible"])
def test_what_readers_ask_of_their_browser_is_heeded(asked):
    assert asked in LOOK


@pytest.mark.parametrize("file", [*SHEETS, STATIC / "panel.js", STATIC / "icon.svg"], ids=lambda file: file.name)
def test_nothing_is_fetched_from_elsewhere(file):
    text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")

    assert not re.search(r"https?:|//[a-z]|@import|url\(", re.sub(r"^\s*//.*$|/\*.*?\*/", "", text, flags=re.MULTILINE))


def test_the_script_is_small_and_runs_under_the_strictest_policy():
    assert len(SCRIPT.splitlines()) < 150
    assert "'use strict';" in SCRIPT
    assert not re.search(
        r"\beval\b|\bFunction\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\.style\b", SCRIPT
    )


class Marks(HTMLParser):
    """What a template does that a policy without `unsafe-inline` refuses, and the classes that it names."""

    def __init__(self, text):
        super().__init__()
        self.refused, self.classes = [], set()
        self.feed(
            re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", lambda found: "\ufffd" * bool(found[0][1] == "{"), text, flags=re.DOTALL)
        )

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.classes |= {one for one in (given.get("class") or "").split() if "\ufffd" not in one}
        self.refused += [f"{tag} {name}" for name in given if name.startswith(("on", "hx-on")) or name == "style"]
        self.refused += [tag] if tag == "style" or (tag == "script" and "src" not in given) else []
        self.refused += [f"{tag} {value}" for value in given.values() if (value or "").startswith("javascript:")]
        self.refused += [
            f"{tag} {value}" for name, value in attrs if name in ("src", "action") and "//" in (value or "")
        ]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_no_page_holds_what_its_own_policy_refuses(template):
    assert Marks(template.read_text(encoding="utf-8")).refused == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_class_of_a_page_is_known_to_the_style(template):
    known = set(re.findall(r"\.(-?[a-zA-Z][\w-]*)", LOOK)) | {"badge"}

    assert Marks(template.read_text(encoding="utf-8")).classes - known == set()


def test_the_files_of_the_look_are_all_linked_and_all_there():
    base = (rendering.HERE / "templates" / "base.html").read_text(encoding="utf-8")
    linked = {Path(name).name for name in re.findall(r"/static/[\w./-]+", base)}

    assert linked == {file.name for file in STATIC.iterdir()}
