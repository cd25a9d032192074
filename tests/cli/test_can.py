"""`assent can`: one decision with its chain, or all that somebody may do."""

import json
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORLD = ("-C", ROOT / "policies", "-C", ROOT / "examples" / "01-automate")
APPROVE = ("Approve", "Requests", "-n", "acme", "--module", "automate")
CREATE = ("Create", "Requests", "-n", "acme", "--module", "automate")


def test_allowed_is_0_and_shows_the_chain(assent):
    """An approver of the example may approve, and each step of the chain hangs on the one before."""
    ran = assent("can", "maria@acme.example", *APPROVE, *WORLD)
    first, *chain = ran.out.splitlines()

    assert (0, "") == (ran.code, ran.err)
    assert "allowed: maria@acme.example, automate: Requests Approve, in acme" == first
    assert ["user", "role", "entry", "level", "row"] == [line.split("└─ ")[1].split(":")[0] for line in chain]
    assert [0, 3, 6, 9, 12] == [line.index("└─") for line in chain]


def test_denied_is_1_and_says_what_decided(assent):
    """Whoever lacks the right is told which link of the chain broke."""
    ran = assent("can", "ana@acme.example", *CREATE, *WORLD)

    assert (1, "") == (ran.code, ran.err)
    assert ran.out.startswith("denied: ana@acme.example, automate: Requests Create, in acme\n")


@pytest.mark.parametrize(("form", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_programs_get_the_verdict_and_the_chain(assent, form, read):
    """With `-o` the answer is data, of the shape that the reference promises."""
    ran = assent("can", "maria@acme.example", *APPROVE, *WORLD, "-o", form)
    answer = read(ran.out)

    assert ["allowed", "chain"] == list(answer)
    assert answer["allowed"] is True
    assert {"step": "user", "value": "acme/maria", "because": "maria@acme.example is a user of acme"} == answer[
        "chain"
    ][0]
    assert all(["step", "value", "because"] == list(step) for step in answer["chain"])


def test_an_alias_is_the_same_person(assent):
    """Every name that a person signs in with gives the same answer."""
    ran = assent("can", "mlopez", *APPROVE, *WORLD, "-o", "json")

    assert (0, "acme/maria") == (ran.code, json.loads(ran.out)["chain"][0]["value"])


@pytest.mark.parametrize(
    ("arguments", "because"),
    [
        pytest.param(("ghost@acme.example", *APPROVE), "no one user signs in as 'ghost@acme.example'", id="user"),
        pytest.param(
            ("maria@acme.example", "Approve", "Requests", "-n", "nowhere", "--module", "automate"),
            "nothing is allowed in nowhere: the organization 'nowhere' does not exist",
            id="organization",
        ),
    ],
)
def test_what_is_unknown_is_denied(assent, arguments, because):
    """Deny by default: a name that is not there gives no rights, and the chain says which name it was."""
    ran = assent("can", *arguments, *WORLD, "-o", "json")

    assert (1, because) == (ran.code, json.loads(ran.out)["chain"][-1]["because"])


UNKNOWN = {
    "module": (
        ("Approve", "Requests", "automat"),
        "there is no module 'automat'; did you mean automate?",
        "known are analyzer, automate, ",
    ),
    "functionality": (
        ("Approve", "Request", "automate"),
        "there is no functionality 'Request'; did you mean Requests?",
        "automate has Requests",
    ),
    "action": (
        ("Frob", "Requests", "automate"),
        "there is no action 'Frob'",
        "automate: Requests has Approve, Cancel, Create, View",
    ),
}


@pytest.mark.parametrize(("asked", "message", "hint"), UNKNOWN.values(), ids=UNKNOWN)
@pytest.mark.parametrize("command", [("can",), ("explain", "permission")], ids=["can", "explain"])
def test_a_row_that_no_module_has_is_no_question(assent, command, asked, message, hint):
    """A mistyped word is wrong usage, with what there is: `denied` would be as true for any word."""
    action, functionality, module = asked
    ran = assent(
        *command, "maria@acme.example", action, functionality, "-n", "acme", "--module", module, *WORLD, "-o", "json"
    )
    said, told = ran.err.splitlines()

    assert (2, "", f"assent: {message}") == (ran.code, ran.out, said)
    assert told.startswith(f"hint: {hint}")


def test_where_there_is_no_module_nothing_is_known(assent, tmp_path):
    """An empty world has no rows at all, and says that."""
    ran = assent("can", "maria@acme.example", *APPROVE, "-C", tmp_path)

    assert (2, "") == (ran.code, ran.out)
    assert "there is no module 'automate'\nhint: no Module is declared here" in ran.err


def test_a_stranger_is_not_taken_for_a_colleague(assent):
    """Whoever shares no more than the end of their address is not offered as who was meant."""
    ran = assent("can", "xo@acme.example", "--list", "-n", "acme", *WORLD)

    assert (1, "assent: there is no user 'xo@acme.example'\n") == (ran.code, ran.err)


def test_everything_that_somebody_may_do(assent):
    """`--list` agrees with the single question, and is sorted."""
    ran = assent("can", "maria@acme.example", "--list", "-n", "acme", *WORLD, "-o", "json")
    answer = json.loads(ran.out)
    rows = [tuple(one.values()) for one in answer["permissions"]]

    assert 0 == ran.code
    assert ["user", "organization", "permissions"] == list(answer)
    assert ("automate", "Requests", "Approve") in rows
    assert sorted(rows) == rows
    assert ["module", "functionality", "action"] == list(answer["permissions"][0])


def test_the_list_is_a_table_for_people(assent):
    """People get columns."""
    ran = assent("can", "maria@acme.example", "--list", "-n", "acme", *WORLD)

    assert ["MODULE", "FUNCTIONALITY", "ACTION"] == ran.out.splitlines()[0].split()
    assert ["automate", "Requests", "Approve"] in [line.split() for line in ran.out.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        pytest.param(("mara@acme.example", "--list", "-n", "acme"), 1, "did you mean maria@acme.example", id="user"),
        pytest.param(("maria@acme.example", "--list", "-n", "acm"), 1, "did you mean acme", id="organization"),
        pytest.param(("maria@acme.example", "-n", "acme"), 2, "a question needs USER, ACTION", id="half a question"),
        pytest.param(("maria@acme.example", "Approve", "--list", "-n", "acme"), 2, "--list asks", id="two questions"),
    ],
)
def test_refusals_say_what_to_do_next(assent, arguments, code, message):
    """What cannot be answered is refused with the nearest name, or with how to ask."""
    ran = assent("can", *arguments, *WORLD)

    assert (code, "") == (ran.code, ran.out)
    assert message in ran.err


def test_a_document_that_cannot_be_read_is_noted(assent, tmp_path):
    """An answer from less than all that is written says so."""
    tmp_path.joinpath("broken.yaml").write_text("apiVersion: assent.dev/v1alpha1\nkind: User\nspec: {}\n")

    ran = assent("can", "maria@acme.example", *APPROVE, *WORLD, "-C", tmp_path)

    assert 0 == ran.code
    assert "`assent check` lists them" in ran.err
