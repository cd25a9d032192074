"""Attacks on what somebody may not see of people and organizations: by the ledger, and by guessing names."""

import json
import re

import pytest

from assent.api.names import Ident, Ref
from assent.core.seeing import Sight
from portal.street import main, stranger, street

EVERYBODY = (
    "juan@acme.example",
    "maria@acme.example",
    "ana@acme.example",
    "alba@acme.example",
    "lena@labs.acme.example",
    "nadia@northwind.example",
    "olivia@platform.example",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with street(tmp_path_factory.mktemp("neighbours") / "w") as home:
        yield home


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_ledger_names_of_those_who_may_approve_only_whom_one_sees(home, who):
    """Who approves anywhere above is nothing that an organization's log tells."""
    sight = Sight(home.seen().world, home.seen().person(who))
    found = json.loads(stranger(home, who).get("/ledger.json").text)["items"]
    named = {Ref.parse(one) for record in found for one in record["body"].get("approvers", {})}
    strangers = {one for one in named - {sight.person} if not sight.may_see_document(Ident("User", *one))}

    assert not strangers


def test_the_page_tells_no_more_of_them_than_the_file(home):
    """Neither does the search."""
    lena = home.signed_in("lena@labs.acme.example")
    page = main(lena.get("/ledger?kind=observed"))

    assert "acme-labs/lab-wifi" in page
    assert not re.search(r"platform/(ingrid|olivia)|northwind/nadia|acme/maria", page)
    assert "acme-labs/lab-wifi" not in main(lena.get("/ledger?person=ingrid"))


def test_whoever_sees_them_reads_of_them(home):
    found = json.loads(home.signed_in("alba").get("/ledger.json?kind=observed&subject=acme/vdi").text)["items"]

    assert {"acme/alba", "acme/fina", "acme/maria"} == set(found[0]["body"]["approvers"])


@pytest.mark.parametrize("name", ["gus@globex.example", "olivia@platform.example", "Maria@acme.example"])
def test_a_guessed_beneficiary_is_answered_like_one_whom_nobody_knows(home, name):
    """Byte for byte, but for what was typed; so nobody learns who is a user elsewhere."""
    juan = home.signed_in("juan")
    typed = {"p.template": "win11-office", "p.count": "2", "name": "mine"}
    nobody = "x" * len(name)
    answers = [juan.submit("/open/acme/create-workspaces", **typed, onBehalfOf=one) for one in (name, nobody)]

    assert [422, 422] == [one.status_code for one in answers]
    assert answers[0].text.replace(name, nobody) == answers[1].text


@pytest.mark.parametrize("like", ["globex/depot-wifi", "acme-shops/till-wifi", "acme-labs/lab-wifi", "none/none"])
def test_a_form_like_a_hidden_request_is_one_like_none(home, like):
    """Though it is of an offer that one may ask for."""
    juan = home.signed_in("juan")
    answers = [juan.get(f"/open/acme/get-wifi-information?like={one}") for one in (like, "acme/no-such")]

    assert [404, 404] == [one.status_code for one in answers]
    assert answers[0].text == answers[1].text
