"""The catalogue: everything that an organization offers, for whoever may see that."""

import pytest

from portal.house import house


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with house(tmp_path_factory.mktemp("catalogue") / "house") as found:
        yield found


def test_it_leads_to_ones_own(home):
    """Whoever asks for the catalogue gets their own organization's."""
    answer = home.signed_in("omar").get("/catalogue")

    assert (303, "/catalogue/acme") == (answer.status_code, answer.headers["location"])


def test_it_shows_what_one_may_not_ask_for_too(home):
    """Juan has no role that may ask for Azure subscriptions: he sees that there are such, and no way to ask."""
    juan, omar = (home.signed_in(name).get("/catalogue/acme").text for name in ("juan", "omar"))

    assert "Create an Azure subscription" not in home.signed_in("juan").get("/open/acme").text
    assert "Azure" in juan
    assert "Azure" in omar
    assert 'href="/open/acme/create-azure-subscription"' not in juan
    assert 'href="/open/acme/create-azure-subscription"' in omar


def test_it_is_searched(home):
    """As the pages on which one asks."""
    found = home.signed_in("omar").get("/catalogue/acme", params={"q": "wifi"}).text

    assert "Get Wifi information" in found
    assert "Create AD user account" not in found


@pytest.mark.parametrize("place", ["platform", "northwind", "nowhere"])
def test_others_catalogues_are_not_there(home, place):
    """What one may not see is answered like what does not exist."""
    omar = home.signed_in("omar")
    answer, missing = omar.get(f"/catalogue/{place}"), omar.get("/catalogue/not-there-at-all")

    assert (404, 404) == (answer.status_code, missing.status_code)
    assert answer.text.replace(place, "") == missing.text.replace("not-there-at-all", "")
