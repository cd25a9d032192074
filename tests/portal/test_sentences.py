"""The core's sentences in the reader's language: every code has one, and it says what its values say."""

import ast
import re
from pathlib import Path

import pytest

import assent.core
from assent.api import conditions
from assent.api.kinds import Problem
from assent.core import access, closings, faults, holds, keywords
from assent.core.cases import Result
from assent.core.fields import Field
from assent.core.holds import Hold
from assent.core.permissions import CREATE
from assent.core.status import why
from assent.portal import wanted
from assent.portal.ahead import Reader
from assent.portal.rendering import catalogue
from assent.portal.sentences import chains, reasons
from assent.portal.sentences.faults import FAULTS, TYPES, wrong
from assent.portal.sentences.limits import limits
from assent.portal.sentences.outcomes import outcome
from assent.portal.sentences.patterns import meaning
from assent.portal.sentences.standing import BY_SOMEBODY, held, standing
from builders import flow, role, stage, use, user
from core.lives import Life, company, offering
from portal.written import letters, mailed, waiting

SPANISH, PORTUGUESE, ENGLISH = (
    Reader("es", catalogue("es").gettext), Reader("pt", catalogue("pt").gettext), Reader("en", str),
)  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
CORE = [ast.parse(path.read_text()) for path in Path(assent.core.__path__[0]).rglob("*.py")]
OURS = {"Unwritable", "NumberTooLarge", *wanted.OWN.values(), wanted.TAKEN.code, wanted.STRANGER.code}
"""Codes of what the panel itself finds wrong."""


def made(*names):
    """Every call of these with a code that is written out: the code, and the names of its values."""
    for call in (node for tree in CORE for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = call.func.id if isinstance(call.func, ast.Name) else ""
        code = call.args[0].value if called in names and call.args and isinstance(call.args[0], ast.Constant) else None
        if isinstance(code, str):
            yield code, {one.arg for one in call.keywords}


def test_every_fault_of_a_value_has_a_sentence():
    assert faults.SENTENCES.keys() | OURS == FAULTS.keys()
    assert keywords.TYPES == TYPES.keys()


def test_every_link_of_a_chain_has_a_sentence_with_the_same_values():
    values = {code: {*re.findall(r"{(\w+)(?:!r)?}", text)} for code, text in access.LINKS.items()}

    assert values.keys() == chains.LINKS.keys()
    assert [] == [one for one, text in chains.LINKS.items() if not {*PLACEHOLDER.findall(text)} <= values[one]]


def test_a_chain_is_read_link_by_link():
    life = waiting()
    chain = access.allowed(life.world, "rita@b", "b", CREATE).chain

    assert [one.because for one in chain] == [chains.link(one, str) for one in chain]
    assert "ninguna entrada nombra a b, así que cuenta la entrada '*' del rol" == chains.link(
        chain[2], SPANISH.translate
    )
    assert "of\\u202eold" == chains.link(access.Step("user", "x", "of\u202eold"), SPANISH.translate)


def test_every_reason_has_a_sentence():
    assert conditions.REASONS.keys() == reasons.REASONS.keys()
    assert holds.DETAILS.keys() == reasons.DETAILS.keys()
    assert set(holds.DETAILS.values()) <= conditions.HOLDS.keys()
    assert closings.BY_A_PERSON.keys() == BY_SOMEBODY.keys()


def test_what_a_sentence_needs_is_given_wherever_its_code_is():
    """A code whose values were forgotten would be an error on somebody's page."""
    said = {code: {*PLACEHOLDER.findall(text)} - {"meaning"} for code, text in FAULTS.items()}
    held_for = {code: {*PLACEHOLDER.findall(text)} for code, text in reasons.DETAILS.items()}
    found, held_up = [*made("fault", "refused", "_error")], [*made("detailed")]

    assert [] == [code for code, given in found if not said[code] <= given]
    assert [] == [code for code, given in held_up if not held_for[code] <= given]
    assert {code for code, _ in held_up} == holds.DETAILS.keys()


def test_no_sentence_of_a_reason_needs_a_value():
    """It may stand alone in the ledger, from years ago."""
    assert [] == [code for code, text in reasons.REASONS.items() if PLACEHOLDER.search(text)]


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        pytest.param(faults.fault("AtMost", limit=20), "Debe ser como máximo 20.", id="limit"),
        pytest.param(
            faults.fault("Type", types="integer or string"), "Debe ser un número entero o un texto.", id="types"
        ),
        pytest.param(
            faults.fault("Pattern", (1,), shown='"^a$"', pattern="^[A-Z]{2}$"),
            "El número 2: No tiene la forma que se pide: exactamente 2 de: mayúsculas (A-Z).",
            id="pattern-of-an-item",
        ),
        pytest.param(faults.fault("Missing", ("a", "b")), "a.b: Falta, y es necesario.", id="part"),
        pytest.param(Problem((), "so\u202e it is"), "No se puede aceptar: so\\u202e it is.", id="without-a-code"),
    ],
)
def test_what_is_wrong_is_said_by_its_code(problem, said):
    assert said == wrong(problem, SPANISH.translate)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("^[a-z]{2,8}$", "2 to 8 characters of: lower-case letters (a-z)"),
        ("^[a-z]+$", "1 or more characters of: lower-case letters (a-z)"),
        (
            "^[A-Za-z0-9][A-Za-z0-9-]{0,62}$",
            "1 to 63 characters of: letters (A-Z, a-z), digits, -; it begins with one of: letters (A-Z, a-z), digits",
        ),
        ("^[A-Z]{2}[0-9]{4}$", "exactly 2 of: capital letters (A-Z), then exactly 4 of: digits"),
        (r"^vm-\d{1,3}\.exe$", "“vm-”, then 1 to 3 characters of: digits, then “.exe”"),
        ("^[a-f_-]{3}$", "exactly 3 of: a-f _ -"),
        ("^-[a-z]{2}-$", "“-”, then exactly 2 of: lower-case letters (a-z), then “-”"),
        ("^[0-9a-zA-Z -]+$", "1 or more characters of: letters (A-Z, a-z), digits, blanks, -"),
        ("^aa$", "“aa”"),
        ("^a{٣}$", "the pattern ^a{٣}$"),
        ("^[ -~]{1,5}$", "the pattern ^[ -~]{1,5}$"),
        ("^(a|b)\u202e$", "the pattern ^(a|b)\\u202e$"),
        (r"^[^\s]$", r"the pattern ^[^\s]$"),
        ("", "the pattern "),
    ],
)
def test_a_pattern_is_said_in_words_where_there_are_some(pattern, said):
    assert said == meaning(pattern, str)


@pytest.mark.parametrize(
    ("traits", "said"),
    [
        ({"kind": "integer", "minimum": 1, "maximum": 20, "step": 1}, ["From 1 to 20."]),
        ({"kind": "number", "maximum": 0.5, "step": 0.1}, ["At most 0.5.", "A multiple of 0.1."]),
        ({"kind": "text", "max_length": 40}, ["At most 40 characters."]),
        ({"kind": "text", "min_length": 1, "max_length": 40}, ["At most 40 characters."]),
        ({"kind": "longtext", "min_length": 3, "max_length": 400}, ["From 3 to 400 characters."]),
        (
            {"kind": "text", "pattern": "^[0-9]{1,6}$", "max_length": 6},
            ["In this form: 1 to 6 characters of: digits."],
        ),
        (
            {"kind": "text", "pattern": "^[0-9]+$", "max_length": 6},
            ["At most 6 characters.", "In this form: 1 or more characters of: digits."],
        ),
        ({"kind": "lines", "pattern": "^[0-9]$"}, ["Each has this form: exactly 1 of: digits."]),
        ({"kind": "flag"}, []),
    ],
)
def test_a_field_says_beforehand_what_it_takes(traits, said):
    assert said == [*limits(Field("p.x", "X", path=("x",), **traits), str)]


def test_who_can_decide_is_named_as_people_call_them():
    """No address, and no reference: who is meant exactly stands below."""
    life = waiting(user("b/bea", "approves", displayName="Bea Gil"), user("b/ben", "approves", displayName="Ben Ros"))
    said = standing(life.world, life.decision, SPANISH)

    assert said.startswith("Espera a la etapa «lead»: puede decidirla Bea Gil, Ben Ros")
    assert "bea@b" not in said
    assert "ben@b" not in said


def test_several_have_to_approve_and_nobody_may_be_left():
    two = waiting(stages=(stage("lead", "Requesting", quorum=2),))
    nobody = waiting(stages=(stage("lead", users=[{"organization": "b", "name": "rita"}]),))

    assert ": 2 of bea@b" in standing(two.world, two.decision, ENGLISH)
    assert "Nobody can decide the stage “lead” as things stand." == standing(nobody.world, nobody.decision, ENGLISH)


def test_whom_no_mail_reached_is_named():
    life = waiting()
    mailed(life, letters(life)["b/bea"], "Failed", "no such mailbox")

    assert standing(life.world, life.decision, PORTUGUESE).endswith("Nenhum e-mail chegou a bea@b.")


@pytest.mark.parametrize(
    ("verb", "who", "said"),
    [
        ("reject", "b/bea", "bea@b la rechazó: «demasiado caro»"),
        ("withdraw", "b/rita", "rita@b la retiró: «demasiado caro»"),
        ("cancel", "b/max", "max@b la canceló: «demasiado caro»"),
    ],
)
def test_an_end_says_who_and_why_also_once_it_is_in_the_ledger(verb, who, said):
    life = waiting()
    life.say(who, verb, because="demasiado caro")
    before = standing(life.world, life.decision, SPANISH)
    life.end()

    assert said == before == standing(life.world, life.decision, SPANISH)


def test_a_settled_run_is_told_by_whoever_settled_it():
    life = Life(*company(), offering(run={"manual": {"instructions": "Carry it."}}))
    life.record(*life.claim().executions, "Running")
    running = standing(life.world, life.decision, SPANISH)
    life.say("b/max", "settle-failed", because="se rompió")
    life.end()

    assert "Lo hace una persona: Carry it." == running
    assert "max@b dijo que falló: «se rompió»" == standing(life.world, life.decision, SPANISH)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (Result(None, "Succeeded", exit_code=0, message="The program 'x' ended with 0."), "El programa terminó con 0."),
        (Result(None, "Failed", exit_code=3, message="The program 'x' ended with 3."), "El programa terminó con 3."),
        (Result(None, "Failed", exit_code=137, message="killed\u202e"), "killed\\u202e"),
        (Result(None, "Failed", exit_code=0, message="too late"), "too late"),
        (Result(None, "Unknown", message="gone"), "gone"),
    ],
)
def test_what_an_execution_came_to_is_said_where_that_is_known(result, said):
    assert said == outcome(result, None, SPANISH.translate)


def test_time_and_targets_end_requests_too():
    late = waiting(rules={"decideWithin": "1d"}).wait(days=2)
    some = Life(*company(), offering(targetRules={"maxItems": 5}), targets=["t1", "t2"])
    for execution, state in zip(some.claim().executions, ("Succeeded", "Failed"), strict=True):
        some.record(execution, state)

    assert "No se aprobó a tiempo." == standing(late.world, late.decision, SPANISH)
    assert "Fallaron 1 de 2 destinos." == standing(some.world, some.decision, SPANISH)


@pytest.mark.parametrize(
    ("documents", "asked", "said"),
    [
        pytest.param([], {}, "b no ofrece nada con el nombre vdi.", id="no-offer"),
        pytest.param(
            [offering(), role("b/none", {"b": {"portal": "User"}}), user("b/zoe", "none")],
            {"requester": "zoe@b"},
            "A zoe@b le falta un permiso en b:",
            id="right",
        ),
        pytest.param([offering()], {"on_behalf_of": "x@b"}, "Nadie inicia sesión con el nombre x@b.", id="nobody"),
        pytest.param(
            [offering(approvals=[use("platform/f")])], {}, "el flujo de aprobación platform/f, y no existe.", id="flow"
        ),
        pytest.param(
            [offering(parameters={"properties": {"n": {"maximum": 3}}})],
            {"parameters": {"n": 4}},
            "Los parámetros no son lo que pide el microservicio. n: Debe ser como máximo 3.",
            id="parameters",
        ),
        pytest.param([offering()], {"targets": ["x"]}, "Aquí no se pueden nombrar destinos.", id="targets"),
    ],
)
def test_why_it_is_held_is_said_with_what_it_is_about(documents, asked, said):
    asked = {name.replace("on_behalf_of", "onBehalfOf"): value for name, value in asked.items()}
    life = Life(*company(), *documents, **asked)
    hold = life.decision.hold

    assert said in held(life.world, hold, SPANISH)
    assert why(life.decision)[1] == hold.message
    assert held(life.world, hold, SPANISH) == standing(life.world, life.decision, SPANISH)


def test_a_hold_of_which_nothing_more_is_known_has_its_reasons_sentence():
    life = waiting(flow("platform/g"))

    assert "Los destinos no son lo que pide el microservicio." == held(life.world, Hold("TargetsRefused", "x"), SPANISH)
    assert "NeverHeardOf" == held(life.world, Hold("NeverHeardOf", "x"), SPANISH)
