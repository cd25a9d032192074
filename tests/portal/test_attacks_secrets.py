"""Attacks on what nobody is shown, secrets and what misleads: by asking for the same again, and by the ledger."""

import html
import json

import pytest

from portal.decisions import _service, world
from portal.house import house
from portal.street import ask, commit, stranger, tell

CANARY, BIDI = "c4nary", "\u202e"
EVERYBODY = (
    "juan@acme.example",
    "maria@acme.example",
    "ana@acme.example",
    "alba@acme.example",
    "lena@labs.acme.example",
    "nadia@northwind.example",
    "olivia@platform.example",
    "ghost@nowhere.example",
)
SIEVES = {
    "open-ended": {"type": "object"},
    "plain-key": {"type": "object", "properties": {"key": {"title": "Key", "type": "string"}}},
    "object-key": {"type": "object", "properties": {"key": {"title": "Key", "type": "object"}}},
}
"""What an administrator might offer to have another's secret written into a field of it."""


def offers(ground):
    """What there is besides, and the sieves."""
    world(ground)
    run = {"manual": {"instructions": "x"}}
    made = [_service(name, {"run": run, "parameters": schema}) for name, schema in SIEVES.items()]
    commit(ground, "olivia", {f"extra/{one['metadata']['name']}.yaml": one for one in made}, "Offer sieves")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Two requests that give a secret itself, and one whose program writes what misleads."""
    with house(tmp_path_factory.mktemp("sight") / "w", before=offers) as home:
        ask(home, "juan", "leaked", "secretive", parameters={"key": {"value": CANARY}})
        ask(home, "juan", "named", "secretive", parameters={"key": {"secretRef": "the-key"}})
        ask(home, "juan", "gone", "nothing-of-this-name", parameters={"key": CANARY})
        ask(home, "juan", "loud", "loud", parameters={"text": "x"})
        home.tick()
        tell(home, "maria@acme.example", "reject", "named")
        yield home.tick()


@pytest.mark.parametrize("name", ["leaked", "gone"])
@pytest.mark.parametrize("offer", ["secretive", *SIEVES])
def test_rule_43_asking_for_the_same_of_something_else_shows_no_secret(home, offer, name):
    """A field that is no secret's asks for what was one."""
    answer = home.signed_in("juan").get(f"/open/acme/{offer}?like=acme/{name}")

    assert 200 == answer.status_code
    assert CANARY not in answer.text


def test_rule_43_a_reference_is_asked_for_again(home):
    """What only names a Secret is nothing to hide."""
    answer = home.signed_in("juan").get("/open/acme/secretive?like=acme/named")

    assert 'value="the-key"' in answer.text


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("path", ["/ledger", "/ledger.json", "/ledger.csv", "/requests", "/operations", "/decide", "/"])
def test_rule_43_whoever_looks_finds_no_secret_that_somebody_wrote_where_its_reference_belongs(home, who, path):
    """It was committed by mistake; what is shown of that repeats it to nobody."""
    assert CANARY not in stranger(home, who).get(path).text
    assert CANARY not in stranger(home, who).get(f"{path}?scope=all&subject=leaked&text=leaked").text


def test_rule_43_what_is_hidden_is_said_to_be(home):
    found = json.loads(home.signed_in("ana").get("/ledger.json?kind=observed").text)["items"]
    given = {one["subject"]: one["body"]["spec"]["parameters"] for one in found}

    assert {"key": "a value that is not shown"} == given["acme/leaked"] == given["acme/gone"]
    assert {"key": {"secretRef": "the-key"}} == given["acme/named"]
    assert {"text": "x"} == given["acme/loud"]


@pytest.mark.parametrize("path", ["/ledger", "/ledger?kind=recorded", "/operations", "/requests/acme/loud"])
def test_rule_44_what_a_program_wrote_turns_no_line_of_a_page_round(home, path):
    """The program of this one writes a character that shows text from right to left."""
    answer = home.signed_in("maria").get(path)

    assert "Succeeded" == home.phase("loud")
    assert BIDI not in answer.text
    assert "/ledger" not in path or r"\u202e" in html.unescape(answer.text)
