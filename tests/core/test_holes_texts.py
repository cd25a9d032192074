"""Rule 44: what is shown is what is meant, in every text and above all in the names of people."""

import unicodedata

import pytest

from assent.api.characters import UNSAFE, scripts
from assent.api.decisions import parse as read
from assent.api.kinds import parse
from assent.core.parameters import parameter_problems
from assent.core.people import fold

IGNORED = [
    0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010),
    *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0,
    *range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000),
]  # fmt: skip
"""Default_Ignorable_Code_Point of DerivedCoreProperties.txt."""

SAMPLES = [
    0xAD,
    0x34F,
    0x115F,
    0x200B,
    0x200D,
    0x2061,
    0x206A,
    0x2800,
    0x3164,
    0xFFA0,
    0xFE0F,
    0xE000,
    0xE0041,
    0x10FFFD,
]
sampled = pytest.mark.parametrize("hidden", [chr(code) for code in SAMPLES], ids=[f"U+{code:04X}" for code in SAMPLES])


def user(**spec):
    """A User as a document has it."""
    return {
        "apiVersion": "assent.dev/v1alpha1",
        "kind": "User",
        "metadata": {"name": "twin", "namespace": "acme"},
        "spec": {"username": "maria@acme.example", **spec},
    }


def test_rule_44_the_table_has_every_character_that_is_not_shown():
    """Rule 44: control, format, separator, surrogate, private and ignored characters are all refused."""
    hidden = {
        code for code in range(0x110000) if unicodedata.category(chr(code)) in {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}
    }

    assert [] == [f"U+{code:04X}" for code in sorted(hidden | set(IGNORED)) if not UNSAFE.match(chr(code))]


def test_rule_44_the_table_has_no_letter_beside_them():
    """What people write is accepted: every letter, digit, mark, sign and blank but those that are shown as nothing."""
    shown = {code for code in range(0x110000) if unicodedata.category(chr(code))[0] in "LMNPSZ"} - set(IGNORED)

    assert ["U+2028", "U+2029", "U+2800", "U+FFFC"] == [
        f"U+{code:04X}" for code in sorted(shown) if UNSAFE.match(chr(code))
    ]


@sampled
def test_rule_44_no_text_of_a_document_holds_them(hidden):
    """Rule 44: names, aliases and texts for people are refused, with the character's number."""
    for spec in (
        {"username": f"m{hidden}aria@acme.example"},
        {"aliases": [f"m{hidden}aria"]},
        {"displayName": f"Maria{hidden}"},
    ):
        document, problems = parse(user(**spec))

        assert document is None
        assert f"U+{ord(hidden):04X}" in problems[0].message


@sampled
def test_rule_44_no_parameter_and_no_decision_holds_them(hidden):
    """Rule 44: what programs are given, and what a person decides, is refused by the same table."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    (problem,) = parameter_problems(schema, {"a": f"x{hidden}y"})

    assert f"U+{ord(hidden):04X}" in problem.message
    with pytest.raises(ValueError, match="is no decision"):
        read(f"approve as m{hidden}aria for {'4c' * 32}")


@pytest.mark.parametrize("name", ["Maria \N{GRINNING FACE}", "Zoë Łukasz", "山田 太郎", "Ελένη", "José\u0301"])
def test_what_people_are_called(name):
    """A display name may be of any script, and have signs of one character each."""
    document, _ = parse(user(displayName=name))

    assert name == document.spec.display_name


@pytest.mark.parametrize(
    ("name", "mixed"),
    [
        pytest.param("ju\u0430n@acme.example", "CYRILLIC, LATIN", id="Cyrillic a"),
        pytest.param("j\u03bfse@acme.example", "GREEK, LATIN", id="Greek o"),
        pytest.param("\u0578la@acme.example", "ARMENIAN, LATIN", id="Armenian"),
        pytest.param("\u13aalba", "CHEROKEE, LATIN", id="Cherokee"),
    ],
)
@pytest.mark.parametrize("field", ["username", "aliases"])
def test_rule_44_a_persons_name_mixes_no_scripts(name, mixed, field):
    """Rule 44: a name whose letters are of two scripts could look like another's, and is refused."""
    document, problems = parse(user(**{field: name if field == "username" else [name]}))

    assert document is None
    assert f"mixes the scripts {mixed}" in problems[0].message


@pytest.mark.parametrize(
    "name", ["maria", "zoë@é.example", "иван", "ελένη", "山田taro", "やまだ-ヤマダ", "김min", "123-4", "u_1"]
)
def test_names_of_one_script(name):
    """Names of one script, and what East Asian languages mix, are names."""
    assert 1 >= len(scripts(name))
    assert parse(user(username=name))[0]


@pytest.mark.parametrize("like", ["JUAN", "\uff4auan", "ju\u1d43n", "\U0001d423uan"])
def test_names_that_look_alike_are_folded_alike(like):
    """Case, width and style tell nobody apart."""
    assert fold("juan") == fold(like)
