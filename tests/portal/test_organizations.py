"""Organizations: the tree of what somebody sees, each part by its own row, and nothing of anybody's neighbours."""

import re

import pytest
from starlette.testclient import TestClient

import builders
from assent.core.state import State
from assent.portal.app import make
from assent.portal.panel import Panel
from assent.portal.seen import Seen
from assent.portal.settings import Settings
from portal.house import UNLIMITED, URL
from portal.street import GLOBEX, NEIGHBOURS, SHOPS, main, same, street

EVERYBODY = {"northwind", "acme", "acme-labs", "acme-shops", "globex", "platform"}
OLIVIA, NADIA, PEDRO = "olivia@platform.example", "nadia@northwind.example", "pedro@northwind.example"
LENA, SAM, GUS = "lena@labs.acme.example", "sam@shops.acme.example", "gus@globex.example"
SEEN = {
    OLIVIA: {"platform"},
    NADIA: {"northwind", "acme", "acme-labs", "acme-shops", "globex"},
    "alba": {"acme", "acme-labs", "acme-shops"},
    PEDRO: set(),
    "maria": set(),
    "juan": set(),
    "ana": set(),
    LENA: set(),
    SAM: set(),
}
"""Who sees which organizations: only administrators hold the row."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with street(tmp_path_factory.mktemp("street") / "w") as found:
        yield found


@pytest.mark.parametrize("who", SEEN)
def test_everybody_sees_the_organizations_of_their_rights_and_no_others(home, who):
    person = home.signed_in(who)
    answer = person.get("/organizations")
    if SEEN[who]:
        assert SEEN[who] == set(re.findall(r'href="/organizations/([^"]+)"', main(answer)))
    else:
        assert same(person, "/organizations", "/nothing")
    for name in sorted(EVERYBODY):
        if name in SEEN[who]:
            assert 200 == person.get(f"/organizations/{name}").status_code
        else:
            assert same(person, f"/organizations/{name}", "/organizations/nowhere")


def test_the_tree_hangs_each_below_the_one_it_depends_on(home):
    page = re.sub(r"\s+", " ", main(home.signed_in(NADIA).get("/organizations")))
    names = re.findall(r'href="/organizations/([^"]+)"|(<ul)|(</ul>)', page)
    marks = ["".join(one) for one in names]
    nested = ["<ul", "northwind", "<ul", "acme", "<ul", "acme-labs", "acme-shops", "</ul>", "globex", "</ul>", "</ul>"]
    assert nested == marks
    assert "7 people" in page
    assert "1 request going on" in page


def test_an_administrator_sees_every_part_of_an_organization(home):
    page = main(home.signed_in("alba").get("/organizations/acme"))
    for part in ("it@acme.example", "FlexxDesktop", "Enterprise", "Create a set of APPServers or VDIs", "acme/finance"):
        assert part in page
    for part in (
        "juan@acme.example",
        "Juan Vidal",
        "Support, level 1",
        "automate: Requester",
        "Finance of Acme",
        "14d",
    ):
        assert part in page
    assert "<dt>Requests going on</dt><dd>1</dd>" in page
    assert 'href="/organizations/acme-labs"' in page
    assert 'href="/organizations/northwind"' not in page, "what is above is not theirs to see"


def test_a_suborganization_shows_what_its_client_has_subscribed_to(home):
    page = main(home.signed_in("alba").get("/organizations/acme-labs"))
    assert "FlexxDesktop" in page
    assert 'href="/organizations/acme"' in page


PATHS = (
    "/", "/organizations", "/organizations/acme", "/organizations/acme-labs", "/access", "/operations",
    "/operations?organization=", "/ledger", "/ledger?organization=", "/ledger.csv", "/ledger.json", "/overview",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("who", "strangers"),
    [
        pytest.param("alba", ["globex"], id="a client never sees another client of its partner"),
        pytest.param("ana", ["globex", "acme-shops"], id="nor does a viewer of it, or what depends on it"),
        pytest.param("juan", ["globex", "acme-shops"], id="nor a requester"),
        pytest.param(LENA, ["globex", "acme-shops"], id="a suborganization never sees a sibling"),
    ],
)
def test_neighbours_never_leak(home, who, strangers, path):
    found = home.signed_in(who).get(path).text
    assert [] == [word for name in strangers for word in NEIGHBOURS[name] if word in found]


@pytest.mark.parametrize(("who", "neighbour"), [(SAM, "acme-labs"), (GUS, "acme")])
def test_the_neighbours_see_as_little(home, who, neighbour):
    person = home.signed_in(who)
    pages = " ".join(person.get(path).text for path in PATHS)
    secret = {"acme-labs": ("lena@labs.acme.example", "lab-wifi"), "acme": ("juan@acme.example", "acme/vdi", "alba@")}
    assert [] == [word for word in secret[neighbour] if word in pages]
    own = SHOPS if who == SAM else GLOBEX
    assert f"{own[0]}/{own[4]}" in pages


ROWS = {
    "Enabled microservices View": "Catalogue",
    "Users View": "People",
    "Roles View": "Roles",
    "Flows View": "Approval flows",
}


class Still:
    """A door at which nothing ever happens."""

    name = "Git"

    def __init__(self, *documents):
        self.world = builders.world(*documents)

    def seen(self, now):
        return Seen(self.world, State(), now)


def visiting(username, documents):
    """A panel over these documents, and somebody who is signed in there."""
    panel = Panel(Still(*documents), Settings(public_url=URL, demo_login=True, rates=UNLIMITED), b"x" * 32)
    app = make(panel)
    person = TestClient(app, base_url=URL, client=("127.0.0.1", 5), follow_redirects=False)
    person.cookies.set(panel.settings.cookie, app.state.sessions.begin(username))
    return person


def looking(level, *rows, seen="b"):
    """Somebody of `b` whose level of the portal has these rows there; `seen` are organizations in which it does."""
    module = builders.module("portal", {row: ["X"] for row in rows} | {"Nothing Do": ["Y"]})
    automate = builders.module("automate", {"Requests View": ["X"], "Requests Create": ["Y"]})
    documents = [
        *builders.tree("P-abb"), module, automate,
        builders.role("b/r", {name: {"portal": "X", **({"automate": level} if level else {})} for name in seen}),
        builders.user("b/ann", "r"), builders.user("b/bob"),
        builders.service("platform/vdi", enabledByDefault=True), builders.flow("b/f"),
    ]  # fmt: skip
    return visiting("ann@b", documents)


PARTS = ("Catalogue", "People", "Roles", "Approval flows")


@pytest.mark.parametrize(("row", "part"), ROWS.items(), ids=str)
def test_each_part_is_there_with_its_own_row_only(row, part):
    page = main(looking("", "Organizations View", row).get("/organizations/b"))
    assert [part] == [one for one in PARTS if f"<h2>{one}</h2>" in page]


@pytest.mark.parametrize(
    ("level", "parts", "counted"),
    [
        pytest.param("", [], False, id="nothing"),
        pytest.param("X", [], True, id="who sees requests sees how many there are"),
        pytest.param("Y", ["Catalogue"], False, id="who may ask sees what may be asked for"),
    ],
)
def test_the_rows_of_requests_show_what_belongs_to_them(level, parts, counted):
    page = main(looking(level, "Organizations View").get("/organizations/b"))
    assert parts == [one for one in PARTS if f"<h2>{one}</h2>" in page]
    assert counted == ("Requests going on" in page)
    tree = main(looking(level, "Organizations View").get("/organizations"))
    assert counted == ("requests going on" in tree)
    assert "people" not in tree


def test_without_the_row_there_is_no_page_whatever_else_one_holds():
    person = looking("Y", *ROWS)
    assert same(person, "/organizations/b", "/organizations/nowhere")
    assert same(person, "/organizations", "/nothing")


def test_one_whose_parent_is_not_seen_stands_at_the_root():
    person = looking("", "Organizations View", seen="cd")
    assert ["c", "d"] == re.findall(r'href="/organizations/([^"]+)"', main(person.get("/organizations")))
    assert same(person, "/organizations/b", "/organizations/nowhere")


@pytest.fixture(scope="module")
def ruler():
    """Somebody of the partner of sixty clients, who may do anything there."""
    clients = [builders.organization(f"c{at:02}", "Client", "a", displayName=f"Client no {at}") for at in range(60)]
    rows = {"Organizations View": ["X"], "Operations View": ["X"], "Users View": ["X"], "Operations log View": ["X"]}
    automate = builders.module("automate", {"Requests View": ["X"], "Requests Create": ["X"]})
    levels = {"portal": "X", "automate": "X"}
    entries = [{"organization": "a", "includeDependents": True, "levels": levels}]
    everything = [
        *builders.tree("P-"), *clients, builders.module("portal", rows), automate,
        builders.document("AccessRole", "r", {"entries": entries}, "a"),
        builders.user("a/ann", "r"), *(builders.user(f"c{at:02}/bob{at}") for at in range(60)),
    ]  # fmt: skip
    return visiting("ann@a", everything)


@pytest.mark.parametrize("path", ["/", "/organizations", "/operations", "/requests?scope=all", "/access", "/open"])
def test_no_page_lists_so_many_to_choose_from(ruler, path):
    answer = ruler.get(path)

    assert 200 == answer.status_code
    assert "<option" not in re.sub(r'<select id="(phase|outcome)".*?</select>', "", answer.text, flags=re.DOTALL)
    assert 'action="/organizations" role="search"' in answer.text


def test_one_of_many_is_found_by_words_of_its_name_and_looked_at_alone(ruler):
    page = main(ruler.get("/organizations?q=CLIENT+no+31"))
    alone = re.search(r'href="(/switch[^"]+)"', page).group(1)

    assert ["c31"] == re.findall(r'href="/organizations/([^"]+)"', page)
    assert "c31" in ruler.get(alone).headers["set-cookie"]
    ruler.cookies.set("assent-organization", "c31")
    assert "Only what is of c31 is shown" in main(ruler.get("/"))
    assert 'value="c31"' in main(ruler.get("/operations"))
    ruler.cookies.delete("assent-organization")
    assert "Nothing is called like that" in main(ruler.get("/organizations?q=nothing"))
    assert ["c31"] == re.findall(r'href="/open/([^"]+)"', main(ruler.get("/open?organization=&q=no+31")))
    assert 50 == main(ruler.get("/open")).count('<li class="card">')


def test_a_filter_takes_a_typed_name(ruler):
    assert 'value="c07"' in main(ruler.get("/operations?organization=c07"))
    assert "bob7@c07" in main(ruler.get("/access?person=bob7@c07&organization=c07"))
    assert same(ruler, "/operations?organization=platform", "/operations?organization=nowhere")
