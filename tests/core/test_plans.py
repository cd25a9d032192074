"""From a valid request to the plan that runs: the runner, the arguments byte for byte, and one execution a target."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.api.canonical import canonical
from assent.api.plans import Plan
from assent.api.services import Argument
from assent.core.decide import Door
from assent.core.holds import Hold
from assent.core.plans import argv, environment, plan
from builders import document, enablement
from core.lives import Life, company, offering


def arguments(*forms):
    """Arguments as a microservice writes them: `{"parameter": "a"}` and the other forms."""
    run = {"process": {"program": "p", "arguments": list(forms)}}
    spec = {"displayName": "x", "category": "x", "run": run}
    return document("Microservice", "x", spec, "platform").spec.run.process.arguments


VALUE, TARGET, DASHES = {"value": "--go"}, {"target": True}, {"value": "--"}
A, OPTION_A = {"parameter": "a"}, {"option": "--a", "parameter": "a"}


@pytest.mark.parametrize(
    ("forms", "parameters", "expected"),
    [
        pytest.param([], {"a": "x"}, (), id="none"),
        pytest.param([VALUE], {}, ("--go",), id="a-value-as-it-is"),
        pytest.param([{"value": "$(id); `id` 'x'"}], {}, ("$(id); `id` 'x'",), id="whatever-a-shell-would-make-of-it"),
        pytest.param([A], {"a": "x y\nz"}, ("x y\nz",), id="a-text-as-it-is"),
        pytest.param([A], {"a": ""}, ("",), id="an-empty-text"),
        pytest.param([A], {}, (), id="an-absent-parameter-drops-its-element"),
        pytest.param([VALUE, A, VALUE], {}, ("--go", "--go"), id="and-no-other"),
        pytest.param([OPTION_A], {"a": "x"}, ("--a", "x"), id="an-option-and-its-parameter"),
        pytest.param([OPTION_A], {"b": "x"}, (), id="an-absent-parameter-drops-its-option"),
        pytest.param([A], {"a": ["x", "y"]}, ("x", "y"), id="an-array-as-one-element-each"),
        pytest.param([OPTION_A], {"a": ["x", "y"]}, ("--a", "x", "y"), id="an-array-behind-its-option"),
        pytest.param([A, OPTION_A], {"a": []}, (), id="an-empty-array-is-nothing"),
        pytest.param([A], {"a": 12}, ("12",), id="a-number"),
        pytest.param([A], {"a": 1.0}, ("1",), id="a-number-in-its-one-form"),
        pytest.param([A], {"a": 1e-7}, ("1e-7",), id="a-small-number"),
        pytest.param([A], {"a": -5}, ("-5",), id="a-negative-number-is-no-option"),
        pytest.param([A], {"a": True}, ("true",), id="a-truth-value"),
        pytest.param([A], {"a": {"z": 1, "b": ["é"]}}, ('{"b":["é"],"z":1}',), id="a-mapping-in-its-canonical-form"),
        pytest.param([A], {"a": [1, {"b": 2}, "x", [3]]}, ("1", '{"b":2}', "x", "[3]"), id="an-array-of-all-sorts"),
        pytest.param([DASHES, A], {"a": "-rf"}, ("--", "-rf"), id="a-dash-after-the-dashes"),
        pytest.param([VALUE, DASHES, VALUE, A], {"a": "--"}, ("--go", "--", "--go", "--"), id="dashes-anywhere-before"),
        pytest.param([A, DASHES], {"a": "x-y"}, ("x-y", "--"), id="a-dash-within-a-text"),
        pytest.param([TARGET], {}, ("pc1",), id="the-target"),
        pytest.param([TARGET, A], {"a": "x"}, ("pc1", "x"), id="in-their-order"),
    ],
)
def test_every_form_of_an_argument(forms, parameters, expected):
    """Rule 31: a text arrives as it is, an array as one element each, the rest as canonical JSON, absent as nothing."""
    assert expected == argv(arguments(*forms), parameters, "pc1")


@pytest.mark.parametrize(
    ("forms", "parameters", "target", "words"),
    [
        pytest.param([A], {"a": "-rf"}, "x", "parameters.a: '-rf' begins with '-'", id="a-leading-dash"),
        pytest.param([A], {"a": "-"}, "x", "parameters.a: '-' begins with '-'", id="a-dash-alone"),
        pytest.param([A], {"a": "--"}, "x", "parameters.a: '--' begins", id="dashes-of-one-s-own"),
        pytest.param([OPTION_A], {"a": "-rf"}, "x", "parameters.a: '-rf' begins", id="behind-an-option"),
        pytest.param([A], {"a": ["x", "-rf"]}, "x", "parameters.a: '-rf' begins", id="within-an-array"),
        pytest.param([A, DASHES], {"a": "-rf"}, "x", "parameters.a: '-rf' begins", id="dashes-only-after-it"),
        pytest.param([TARGET], {}, "-x", "targets: '-x' begins with '-'", id="a-target"),
        pytest.param([A], {"a": "x\x00y"}, "x", "parameters.a: a NUL cannot be passed", id="a-nul"),
        pytest.param([DASHES, A], {"a": "\x00"}, "x", "parameters.a: a NUL", id="a-nul-after-the-dashes"),
        pytest.param([TARGET], {}, "a\x00", "targets: a NUL", id="a-nul-in-a-target"),
        pytest.param([A], {"a": {"secretRef": "pw"}}, "x", "parameters.a: a secret is never an argument", id="secret"),
        pytest.param([A], {"a": float("nan")}, "x", "no canonical JSON", id="no-number"),
    ],
)
def test_rule_31_what_a_program_could_misread_is_refused(forms, parameters, target, words):
    """Rule 31: a leading dash before any `--`, a NUL and a secret are refused, and the field is named."""
    with pytest.raises(ValueError, match=words):
        argv(arguments(*forms), parameters, target)


def test_a_long_value_is_shortened_in_the_message():
    """What is refused is shown, but not at any length."""
    with pytest.raises(ValueError, match="begins") as refused:
        argv(arguments(A), {"a": "-" + "x" * 1000}, None)

    assert len(str(refused.value)) < 130


def test_without_targets_no_argument_stands_for_one():
    """Where a request names no targets, the target's element is dropped: no empty text takes its place."""
    assert ("--go",) == argv(arguments(VALUE, TARGET), {}, None)


JSON = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.sampled_from("ab"), some, max_size=2),
    max_leaves=6,
)


@given(JSON)
def test_rule_31_nothing_is_lost_on_the_way(value):
    """Rule 31: behind `--` every value arrives, and is read back as it was."""
    passed = argv(arguments(DASHES, A), {"a": value}, None) if not _nul(value) else ("--", *_read(value))

    assert ("--", *_read(value)) == passed


def _read(value):
    """What a program gets for a value."""
    values = value if isinstance(value, list) else [value]
    return tuple(one if isinstance(one, str) else _json(one) for one in values)


def _json(one):
    text = canonical(one).decode()
    assert one == json.loads(text)
    return text


def _nul(value):
    values = value if isinstance(value, list) else [value]
    return any(isinstance(one, str) and "\x00" in one for one in values)


def variables(*forms):
    """Variables as a microservice writes them."""
    spec = {"displayName": "x", "category": "x", "run": {"job": {"image": "i", "environment": list(forms)}}}
    return document("Microservice", "x", spec, "platform").spec.run.job.environment


FIXED, VARIABLE = {"name": "MODE", "value": "$(id) x"}, {"name": "A", "parameter": "a"}


@pytest.mark.parametrize(
    ("forms", "parameters", "expected"),
    [
        pytest.param([], {"a": "x"}, [], id="none"),
        pytest.param([FIXED], {}, [{"name": "MODE", "value": "$(id) x"}], id="a-value-as-it-is"),
        pytest.param([VARIABLE], {"a": "x\n$(A)"}, [{"name": "A", "value": "x\n$(A)"}], id="a-text-as-it-is"),
        pytest.param([VARIABLE], {"a": "-rf"}, [{"name": "A", "value": "-rf"}], id="a-dash-is-no-option-here"),
        pytest.param([VARIABLE], {"a": ""}, [{"name": "A", "value": ""}], id="an-empty-text"),
        pytest.param([VARIABLE, FIXED], {}, [FIXED], id="an-absent-parameter-drops-its-variable"),
        pytest.param([VARIABLE], {"a": 12}, [{"name": "A", "value": "12"}], id="a-number"),
        pytest.param([VARIABLE], {"a": 1.0}, [{"name": "A", "value": "1"}], id="a-number-in-its-one-form"),
        pytest.param([VARIABLE], {"a": False}, [{"name": "A", "value": "false"}], id="a-truth-value"),
        pytest.param([VARIABLE], {"a": ["x", 1]}, [{"name": "A", "value": '["x",1]'}], id="an-array-as-a-whole"),
        pytest.param(
            [VARIABLE], {"a": {"z": 1, "b": "é"}}, [{"name": "A", "value": '{"b":"é","z":1}'}], id="canonical"
        ),
        pytest.param(
            [VARIABLE], {"a": {"secretRef": "pw"}}, [{"name": "A", "value": '{"secretRef":"pw"}'}], id="looks"
        ),
    ],
)
def test_every_form_of_a_variable(forms, parameters, expected):
    """Rule 31: a text arrives as it is, the rest as canonical JSON, absent as nothing."""
    assert expected == environment(variables(*forms), parameters, {})


def test_a_secret_variable_keeps_its_parameter_alone():
    """The plan says which parameter the variable stands for; what is in the secret is nobody's to read here."""
    found = environment(variables(VARIABLE, FIXED), {"a": {"secretRef": "pw"}}, {"a": "pw"})

    assert [VARIABLE, FIXED] == found


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param("x\x00y", "parameters.a: a NUL cannot be passed", id="a-nul"),
        pytest.param(float("nan"), "no canonical JSON", id="no-number"),
    ],
)
def test_rule_31_a_variable_that_cannot_be_passed_is_refused(value, words):
    """Rule 31: what no environment can hold is refused, and the field is named."""
    with pytest.raises(ValueError, match=words):
        environment(variables(VARIABLE), {"a": value}, {})


RUN = {
    "job": {"image": "i"},
    "http": {"url": "https://x.example/"},
    "process": {"program": "p", "arguments": [{"parameter": "a"}, {"target": True}]},
    "manual": {"instructions": "Do it."},
}


def planned(run, runners, **asked):
    """The plan of a request for what runs like this, where the controller has these runners."""
    free = offering(run={name: RUN[name] for name in run}, parameters={"type": "object"}, targetRules={"maxItems": 9})
    life = Life(*company(), free, **asked)
    decision = life.decision
    return plan(life.case, decision.valid, runners)


@pytest.mark.parametrize(
    ("run", "runners", "expected"),
    [
        pytest.param(["manual"], ("manual",), "manual", id="the-only-one"),
        pytest.param(["manual", "process"], ("manual", "process"), "process", id="a-program-before-a-person"),
        pytest.param(["process", "http"], ("process", "http"), "http", id="a-call-before-a-program"),
        pytest.param(["job", "http", "process", "manual"], ("process", "job"), "job", id="a-job-before-all"),
        pytest.param(["job", "manual"], ("process", "manual"), "manual", id="what-the-door-has"),
        pytest.param(["job"], ("process", "manual"), "RunnerNotAvailable", id="none-that-the-door-has"),
        pytest.param(["process"], (), "RunnerNotAvailable", id="a-door-with-none"),
    ],
)
def test_a_door_takes_the_first_runner_that_it_has(run, runners, expected):
    """Of job, http, process and manual the first that both have runs it; else the request waits, approved."""
    found = planned(run, runners)

    assert expected == (found.reason if isinstance(found, Hold) else found.runner)


def test_a_missing_runner_is_told():
    """The sentence names what it runs by, and what there is."""
    assert "it runs by job, http, and this controller has process" == planned(["job", "http"], ("process",)).message
    assert "it runs by job, and this controller has no runner" == planned(["job"], ()).message


def test_an_argument_that_cannot_be_passed_holds():
    """A value that would be read as an option holds the request, with the field; nothing runs."""
    found = planned(["process"], ("process",), parameters={"a": "-rf"})

    assert ("ParametersRefused", True) == (found.reason, "parameters.a" in found.message)


def test_the_plan_holds_everything_and_refers_to_nothing():
    """A plan is values only: what was digested, whose it is, how it runs, with what, for how long."""
    found = planned(["process"], ("process",), parameters={"a": "x"}, targets=["t1"], onBehalfOf="bob@b")

    assert isinstance(found, Plan)
    assert ("b/r1", "b", "platform/vdi", "platform", "rita@b", "bob@b") == (
        found.request,
        found.organization,
        found.microservice,
        found.owner,
        found.requester,
        found.on_behalf_of,
    )
    assert ({"program": "p"}, {"a": "x"}, 600, False, {}) == (
        found.settings,
        found.parameters,
        found.timeout,
        found.idempotent,
        found.secrets,
    )


def test_a_jobs_plan_has_its_variables_values():
    """Of a Job the plan says image, command and each variable's value; arguments stand with each execution alone."""
    job = {"image": "i", "command": ["/run"], "arguments": [A], "environment": [VARIABLE, FIXED]}
    free = offering(run={"job": job}, parameters={"type": "object"})
    found = Life(*company(), free, parameters={"a": "x"}).decision.claim

    values = [{"name": "A", "value": "x"}, FIXED]
    assert {"image": "i", "command": ["/run"], "environment": values} == found.settings
    assert [("x",)] == [one.arguments for one in found.executions]


def test_a_variable_that_cannot_be_passed_holds():
    """A value that no environment can hold holds the request, with the field; nothing runs."""
    free = offering(run={"job": {"image": "i", "environment": [VARIABLE]}}, parameters={"type": "object"})
    life = Life(*company(), free, parameters={"a": "x"})
    spoilt = replace(life.case, spec=life.case.spec.model_copy(update={"parameters": {"a": "\x00"}}))
    found = plan(spoilt, life.decision.valid, ("job",))

    assert ("ParametersRefused", True) == (found.reason, "parameters.a" in found.message)


def test_one_execution_a_target():
    """A run is one execution a target, or one without; each has an id of its own, 32 hex digits."""
    several = planned(["process"], ("process",), parameters={"a": "x"}, targets=["t2", "t1"])
    alone = planned(["process"], ("process",), parameters={"a": "x"})

    assert [("t2", ("x", "t2")), ("t1", ("x", "t1"))] == [(one.target, one.arguments) for one in several.executions]
    assert [(None, ("x",))] == [(one.target, one.arguments) for one in alone.executions]
    ids = [one.id for one in (*several.executions, *alone.executions)]
    assert 3 == len(set(ids))
    assert {32} == {len(one) for one in ids}


def test_the_same_request_has_the_same_executions_for_ever():
    """Ids follow from request, digest and target alone, so that a restart finds what an earlier start began."""
    first, again = planned(["process"], ("process",)), planned(["process"], ("process",))
    other = planned(["process"], ("process",), at="b/r2")

    assert first == again
    assert first.executions[0].id != other.executions[0].id


SECRET = {"type": "object", "properties": {"password": {"type": "object", "secret": True}, "a": {"type": "object"}}}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param({"password": {"secretRef": "pw"}}, {"password": "pw"}, id="declared"),
        pytest.param({"a": {"secretRef": "pw"}}, {}, id="what-only-looks-like-one"),
        pytest.param({}, {}, id="left-out"),
    ],
)
def test_only_a_declared_secret_is_looked_up(parameters, expected):
    """Whoever asks does not choose which secrets a program reads: only a parameter declared secret names one."""
    life = Life(*company(), offering(parameters=SECRET), parameters=parameters)

    assert expected == life.decision.claim.secrets
    assert parameters == life.decision.claim.parameters


def test_a_door_takes_part_in_nothing_but_the_runner():
    """The plan of one request is the same in every door that runs it the same way."""
    life = Life(*company(), offering(), enablement("b/vdi", "platform/vdi"))

    assert life.decide(Door(("manual",))).claim == life.decide(Door(("process", "manual"))).claim


def test_every_argument_has_one_form():
    """What these tests pass as arguments are the contract's own four forms."""
    with pytest.raises(ValueError, match="an argument is"):
        Argument.model_validate({"value": "x", "target": True})
