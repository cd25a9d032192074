"""Who may see and do what by the API: the same as on the pages, and what is hidden is like what does not exist."""

import pytest

from portal.callers import Caller, caller, told
from portal.street import stranger

ACME, LABS, SHOPS, GLOBEX = ("/organizations/" + name for name in ("acme", "acme-labs", "acme-shops", "globex"))

PATHS = {
    "me": ("/me", None),
    "organizations": ("/organizations", None),
    "requests": ("/requests", "/requests"),
    "catalogue": (f"{ACME}/catalogue", "/open/acme"),
    "offer": (f"{ACME}/catalogue/create-workspaces", "/open/acme/create-workspaces"),
    "their catalogue": (f"{SHOPS}/catalogue", "/open/acme-shops"),
    "request": (f"{ACME}/requests/vdi", "/requests/acme/vdi"),
    "explanation": (f"{ACME}/requests/vdi/explanation", "/requests/acme/vdi"),
    "a shop's": (f"{SHOPS}/requests/till-wifi", "/requests/acme-shops/till-wifi"),
    "a stranger's": (f"{GLOBEX}/requests/depot-wifi", "/requests/globex/depot-wifi"),
    "maria": (f"{ACME}/permissions?user=maria@acme.example", "/access?organization=acme&person=acme/maria"),
    "gus": (f"{GLOBEX}/permissions?user=gus@globex.example", "/access?organization=globex&person=globex/gus"),
    "ledger": ("/ledger", "/ledger"),
    "globex' ledger": ("/ledger?organization=globex", "/ledger?organization=globex"),
}
"""Each path of the API with the page that shows the same."""

ALWAYS = {"me", "organizations", "requests"}
MAY = {
    "juan@acme.example": {"catalogue", "offer", "request", "explanation", "ledger"},
    "maria@acme.example": {"catalogue", "their catalogue", "request", "explanation", "a shop's", "maria", "ledger"},
    "ana@acme.example": {"request", "explanation", "ledger"},
    "lena@labs.acme.example": {"ledger"},
    "sam@shops.acme.example": {"their catalogue", "a shop's", "ledger"},
    "gus@globex.example": {"a stranger's", "gus", "ledger", "globex' ledger"},
    "nadia@northwind.example": {*PATHS},
    "ingrid@platform.example": {"ledger"},
    "olivia@platform.example": {"ledger"},
    "ci@acme.example": {"catalogue", "offer", "their catalogue", "request", "explanation", "a shop's", "ledger"},
    "ghost@nowhere.example": {"me"},
}
"""What each of them gets; everything else is nothing to them."""


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", MAY)
def test_rule_41_everybody_sees_by_the_api_what_they_see_on_the_pages(home, provider, name, path):
    """No more, and no less."""
    ours, page = PATHS[path]
    seen = caller(home, provider, name).get(ours).status_code
    allowed = path in MAY[name] | (ALWAYS if name != "ghost@nowhere.example" else set())

    assert seen == (200 if allowed else 404)
    if page:
        assert seen == stranger(home, name).get(page).status_code


@pytest.mark.parametrize("path", [path for path, _ in PATHS.values()])
def test_nobody_sees_anything_without_a_token(home, path):
    """Not even that there is something."""
    told(Caller(home.app).get(path), 401)


@pytest.mark.parametrize(
    ("hidden", "missing"),
    [
        (f"{GLOBEX}/requests/depot-wifi", f"{GLOBEX}/requests/no-such"),
        (f"{GLOBEX}/requests/depot-wifi", "/organizations/no-such/requests/depot-wifi"),
        (f"{GLOBEX}/requests/depot-wifi/explanation", f"{GLOBEX}/requests/no-such/explanation"),
        (f"{GLOBEX}/catalogue", "/organizations/no-such/catalogue"),
        (f"{GLOBEX}/catalogue/get-wifi-information", f"{ACME}/catalogue/no-such"),
        (f"{GLOBEX}/permissions", "/organizations/no-such/permissions"),
        (f"{ACME}/permissions?user=maria@acme.example", f"{ACME}/permissions?user=no-such@acme.example"),
        ("/ledger?organization=globex", "/ledger?organization=no-such"),
        (f"{GLOBEX}/requests/depot-wifi", "/no-such"),
    ],
)
def test_what_is_hidden_is_like_what_does_not_exist(home, provider, hidden, missing):
    """To the last word, but for the address that was asked for."""
    juan = caller(home, provider, "juan")
    first, second = (told(juan.get(path), 404) for path in (hidden, missing))

    assert first.pop("instance") == f"/api/v1{hidden.partition('?')[0]}"
    assert second.pop("instance") == f"/api/v1{missing.partition('?')[0]}"
    assert first == second


@pytest.mark.parametrize("name", ["juan@acme.example", "lena@labs.acme.example", "ghost@nowhere.example"])
def test_nobody_decides_what_they_do_not_see(home, provider, name):
    """A decision on it is answered like one on nothing, and leaves no trace."""
    before = home.ledger.reach()
    body = {"verb": "reject", "reason": "no"}

    told(caller(home, provider, name).post(f"{GLOBEX}/requests/depot-wifi/decisions", json=body), 404)
    assert home.ledger.reach() == before


@pytest.mark.parametrize("organization", [GLOBEX, SHOPS, "/organizations/no-such"])
def test_nobody_asks_where_they_may_not(home, provider, organization):
    """Nor learns what is offered there."""
    juan, body = caller(home, provider, "juan"), {"microservice": {"name": "get-wifi-information"}}

    for path in ("requests", "requests/preview"):
        told(juan.post(f"{organization}/{path}", json=body), 404)


def test_nobody_asks_for_what_they_may_not(home, provider):
    """Maria approves at acme, and may not have workspaces made."""
    body = {"microservice": {"name": "create-workspaces"}, "parameters": {"template": "win11-office", "count": 1}}

    told(caller(home, provider, "maria").post(f"{ACME}/requests", json=body), 404)


def test_nobody_names_somebody_whom_they_cannot_know(home, provider):
    """For a stranger nobody asks, whether there is one of this name or not."""
    body = {"microservice": {"name": "create-workspaces"}, "parameters": {"template": "win11-office", "count": 1}}
    juan = caller(home, provider, "juan")
    answers = [
        told(juan.post(f"{ACME}/requests/preview", json={**body, "onBehalfOf": name}), 422)
        for name in ("gus@globex.example", "nobody@globex.example")
    ]

    assert answers[0] == answers[1]
    assert ["/onBehalfOf"] == [one["pointer"] for one in answers[0]["errors"]]


def test_a_list_has_only_what_one_sees(home, provider):
    """And the filters bring nothing else to light."""

    def names(person, **filters):
        items = caller(home, provider, person).asked("/requests", **filters)["items"]
        return {one["metadata"]["name"] for one in items}

    assert {"hung", "too-many", "vdi"} == names("juan") - {"by-nadia"}
    assert {"lab-wifi"} == names("lena@labs.acme.example")
    assert {"depot-wifi"} == names("gus@globex.example")
    assert set() == names("juan", organization="globex")
    assert set() == names("juan", requester="gus@globex.example")
    everything = {"depot-wifi", "till-wifi", "lab-wifi", "hung", "too-many", "vdi"}
    assert everything == names("nadia@northwind.example") - {"by-nadia"}


def test_an_explanation_names_nobody_whom_one_may_not_see(home, provider):
    """Who cannot decide is told of people whose Users one may view: Juan learns nothing of the partner's people."""
    nadia, path = caller(home, provider, "nadia@northwind.example"), f"{ACME}/requests/by-nadia"
    body = {"microservice": {"name": "create-workspaces"}, "parameters": {"template": "win11-office", "count": 1}}
    nadia.sent(f"{ACME}/requests", {**body, "name": "by-nadia"})
    home.tick()

    def unable(script):
        stages = script.asked(f"{path}/explanation")["stages"]
        return {one["username"]: one["reason"] for stage in stages for one in stage["cannotDecide"]}

    assert "SelfApproval" == unable(nadia)["nadia@northwind.example"]
    assert {} == unable(caller(home, provider, "juan"))


def test_a_cookie_is_no_token(home):
    """So no page of another site can make a browser do anything here."""
    told(stranger(home, "juan@acme.example").get("/api/v1/requests"), 401)
    told(stranger(home, "juan@acme.example").post("/api/v1/organizations/acme/requests", json={}), 401)
