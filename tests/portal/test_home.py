"""The first page: what waits for somebody, what they asked for, and which organization they look at."""

import re
from datetime import timedelta

import pytest

from assent.api.ledger import NewRecord
from assent.portal.choosing import COOKIE
from assent.portal.settings import Oidc
from portal.street import _document, commit, main, same, stranger, street, tell

COUNT = re.compile(r'class="count">(\d+)<')
OTHERS = "nadia@northwind.example", "olivia@platform.example", "lena@labs.acme.example"
NADIA, OLIVIA, LENA = OTHERS
OIDC = Oidc(issuer="https://login.example", client_id="assent")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with street(tmp_path_factory.mktemp("street") / "w") as found:
        yield found


@pytest.mark.parametrize(
    ("who", "waiting", "mine", "asks"),
    [
        pytest.param("maria", 1, 0, True, id="an approver"),
        pytest.param("alba", 1, 0, True, id="the client's administrator"),
        pytest.param(NADIA, 1, 0, True, id="the partner's administrator"),
        pytest.param("juan", 0, 1, True, id="whoever asked"),
        pytest.param("ana", 0, 0, False, id="a viewer"),
        pytest.param(OLIVIA, 0, 0, True, id="the platform, whose stage has not opened"),
        pytest.param(LENA, 0, 0, True, id="a suborganization's person"),
    ],
)
def test_everybody_sees_what_waits_for_them_and_what_they_asked_for(home, who, waiting, mine, asks):
    page = main(home.signed_in(who).get("/"))
    assert [waiting, mine] == [int(one) for one in COUNT.findall(page)]
    assert waiting == page.count('<span class="hint">') - mine
    assert ('href="/requests/acme/vdi"' in page) == bool(waiting or mine)
    assert asks == ('class="button primary" href="/open"' in page)


def test_what_one_has_decided_waits_no_more_before_the_next_pass_judges_it(home):
    maria = home.signed_in("maria")
    tell(home, "maria@acme.example", "approve", "vdi")
    assert ["0", "0"] == COUNT.findall(main(maria.get("/")))
    assert ["1", "0"] == COUNT.findall(main(home.signed_in("alba").get("/")))


def test_the_page_names_the_first_five_the_longest_waiting_first(tmp_path):
    with street(tmp_path / "w") as home:
        spec = {"microservice": {"name": "create-workspaces"}, "requester": "juan@acme.example"}
        spec |= {"parameters": {"template": "win11-office", "count": 1}}
        files = {f"requests/acme/r{at}.yaml": _document("Request", f"r{at}", "acme", spec) for at in range(6)}
        commit(home.ground, "juan", files)
        home.later = timedelta(hours=2)
        home.tick()
        approver, requester = main(home.signed_in("alba").get("/")), main(home.signed_in("juan").get("/"))
    assert "7" == COUNT.findall(approver)[0]
    assert ["vdi", "r0", "r1", "r2", "r3"] == re.findall(r'href="/requests/acme/([^"]+)"', approver)
    assert 'href="/decide">Decide on all 7<' in approver
    assert ["r5", "r4", "r3", "r2", "r1"] == re.findall(r'href="/requests/acme/([^"]+)"', requester)


def test_whoever_is_no_user_is_told_so_and_whom_to_ask(home):
    ghost = stranger(home)
    answer = ghost.get("/")
    assert 200 == answer.status_code
    page = main(answer)
    assert "ghost@nowhere.example" in page
    assert "Ask an administrator of your organization" in page
    for path in (
        "/organizations",
        "/access",
        "/operations",
        "/ledger",
        "/ledger.csv",
        "/overview",
        "/switch?organization=acme",
    ):
        assert same(ghost, path, "/nothing")


def test_whoever_is_not_signed_in_is_led_to_sign_in(home):
    person = stranger(home)
    person.cookies.clear()
    answer = person.get("/")
    assert (303, "/signin?next=%2F") == (answer.status_code, answer.headers["location"])


def test_the_chosen_organization_is_kept_and_leads_on(home):
    alba = home.signed_in("alba")
    answer = alba.get("/switch", params={"organization": "acme-labs", "next": "/operations"})
    assert (303, "/operations") == (answer.status_code, answer.headers["location"])
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in (f"{COOKIE}=acme-labs", "HttpOnly", "Path=/", "SameSite=lax"))
    assert '<option value="acme-labs" selected>' in main(alba.get("/operations"))
    assert '<option value="acme-labs" selected>' in alba.get("/").text
    assert "acme/hung" not in main(alba.get("/operations"))
    assert "acme/hung" in main(alba.get("/operations?organization="))
    alba.get("/switch", params={"organization": ""})
    assert COOKIE not in alba.cookies
    assert "acme/hung" in main(alba.get("/operations"))


@pytest.mark.parametrize(
    ("page", "onward"),
    [("/catalogue/acme", "/catalogue"), ("/open/acme/x", "/open"), ("/organizations/acme", "/organizations"),
     ("/requests/acme/vdi", "/"), ("/requests", "/requests")],
)  # fmt: skip
def test_a_page_about_one_organization_leads_to_the_like_of_the_chosen_one(home, page, onward):
    answer = home.signed_in("alba").get("/switch", params={"organization": "acme-labs", "next": page})

    assert onward == answer.headers["location"]


def test_whoever_looks_at_one_organization_sees_what_is_of_it_and_is_told_what_waits_elsewhere(home):
    """Home and "To decide" alike; a link leads back to all, and to the page that one was on."""
    nadia = home.signed_in(NADIA)
    for path in ("/", "/decide"):
        before = main(nadia.get(path))
        nadia.get("/switch", params={"organization": "acme"})
        there = main(nadia.get(path))
        nadia.get("/switch", params={"organization": "globex"})
        page = main(nadia.get(path))
        back = re.search(r'<a href="(/switch[^"]*)">Look at all', page).group(1)
        after = nadia.get(nadia.get(back).headers["location"])

        assert [True, True, False] == ["/requests/acme/vdi" in one for one in (before, there, page)]
        assert [False, True, True] == ["you look at it alone" in one for one in (before, there, page)]
        assert "Only what is of globex is shown" in page
        assert "One request waits for you elsewhere." in page
        assert "elsewhere" not in there
        assert (path, before) == (after.url.path, main(after))


def test_what_was_sent_just_now_is_on_its_way(tmp_path):
    """Before any pass has taken it in, whoever asked for it, and for whom it is, see it first of theirs."""
    spec = {"microservice": {"name": "create-workspaces"}, "requester": "juan@acme.example", "targets": []}
    spec |= {"parameters": {"template": "win11-office", "count": 1}, "onBehalfOf": "ana@acme.example"}
    with street(tmp_path / "w") as home:
        home.panel.write(NewRecord("asked", "acme/new", {"spec": spec, "username": "juan@acme.example"}, once=True))
        pages = [main(home.signed_in(who).get("/")) for who in ("juan", "ana", "omar")]

    assert ["2", "1", "0"] == [COUNT.findall(page)[1] for page in pages]
    assert ["new", "vdi"] == re.findall(r'href="/requests/acme/([^"]+)"', pages[0])
    assert "acme/new, just now" in pages[1]
    assert "It is on its way" in pages[1]


@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "x"]
)
def test_switching_leads_nowhere_else(home, next_):
    answer = home.signed_in("alba").get("/switch", params={"organization": "acme", "next": next_})
    assert (303, "/") == (answer.status_code, answer.headers["location"])


@pytest.mark.parametrize("name", ["globex", "platform", "northwind"])
def test_what_one_does_not_reach_cannot_be_chosen(home, name):
    alba = home.signed_in("alba")
    assert same(alba, f"/switch?organization={name}", "/switch?organization=nowhere")
    alba.cookies.set(COOKIE, name)
    assert "selected" not in main(alba.get("/operations"))


def test_where_people_come_by_https_the_choice_goes_no_other_way(tmp_path):
    with street(tmp_path / "w", public_url="https://assent.example", demo_login=False, oidc=OIDC) as home:
        person = stranger(home, "alba@acme.example")
        person.base_url = "https://assent.example"
        answer = person.get("/switch", params={"organization": "acme"})
    assert "Secure" in answer.headers["set-cookie"]
