"""Operations: what runs and what has ended, where somebody may see it, newest first, fifty a page."""

import re
from datetime import timedelta

import pytest

from assent.core.world import ident
from assent.portal.choosing import COOKIE
from assent.portal.pages.operations import lasting
from portal.paper import Paper
from portal.street import main, same, street

ROW = re.compile(r'<th scope="row">\s*(?:<a href="/requests/[^"]+">)?([a-z-]+/[a-z0-9-]+)')
OLIVIA, NADIA, PEDRO = "olivia@platform.example", "nadia@northwind.example", "pedro@northwind.example"
LENA, SAM = "lena@labs.acme.example", "sam@shops.acme.example"
EVERY = {"acme/hung", "acme-labs/lab-wifi", "acme-shops/till-wifi", "globex/depot-wifi"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with street(tmp_path_factory.mktemp("street") / "w") as found:
        yield found


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(NADIA, EVERY, id="the partner's administrator"),
        pytest.param(PEDRO, EVERY, id="the partner's support"),
        pytest.param("alba", EVERY - {"globex/depot-wifi"}, id="the client's administrator"),
        pytest.param("ana", {"acme/hung"}, id="a viewer of the client alone"),
        pytest.param("juan", {"acme/hung"}, id="a requester of the client alone"),
        pytest.param(LENA, {"acme-labs/lab-wifi"}, id="a suborganization's person"),
        pytest.param(SAM, {"acme-shops/till-wifi"}, id="their sibling"),
        pytest.param(OLIVIA, set(), id="the platform sees nobody's work but its own"),
    ],
)
def test_everybody_sees_the_work_of_their_rights(home, who, expected):
    page = main(home.signed_in(who).get("/operations"))
    assert expected == set(ROW.findall(page))
    assert ("There is no such run." in page) == (not expected)


@pytest.mark.parametrize("who", ["maria", "fina"])
def test_without_the_row_there_is_no_page(home, who):
    """Managers and finance have no level of workspaces, which the row asks for."""
    assert same(home.signed_in(who), "/operations", "/nothing")


@pytest.mark.parametrize(
    ("who", "place"), [("alba", "globex"), ("ana", "acme-labs"), (LENA, "acme-shops"), (OLIVIA, "acme")]
)
def test_an_organization_that_one_does_not_see_does_not_exist(home, who, place):
    assert same(home.signed_in(who), f"/operations?organization={place}", "/operations?organization=nowhere")


def test_a_run_shows_who_asked_what_came_of_each_target_and_how_long_it_took():
    door = Paper()
    door.run("r1", "Succeeded", "Failed", targets=["vm-1", "vm-2"], seconds=3600)
    page = re.sub(r"\s+", " ", main(door.signed_in().get("/operations")))
    for part in ("ann@b", "platform/vdi", "vm-1:", "vm-2:", "Failed in part", "it Failed", ">2:00:00<", "exit code 0"):
        assert part in page
    assert "2 of 2 ended" in page
    assert "ooo" not in page, "output is for the request's own page"


def test_what_runs_comes_first_then_what_has_ended_the_newest_first():
    door = Paper()
    for at, state in enumerate(["Succeeded", "Running", "Failed", "Running", "Succeeded"]):
        door.run(f"r{at}", state, minutes=1)
    page = main(door.signed_in().get("/operations"))
    assert ["b/r3", "b/r1", "b/r4", "b/r2", "b/r0"] == ROW.findall(page)


def test_what_nobody_knows_the_outcome_of_stands_among_what_has_ended():
    door = Paper()
    door.run("r1", "Unknown")
    assert "Outcome unknown" in main(door.signed_in().get("/operations"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", {"b/vdi", "b/user", "c/vdi"}, id="all"),
        pytest.param("organization=c", {"c/vdi"}, id="of an organization"),
        pytest.param("outcome=Failed", {"b/user"}, id="by outcome"),
        pytest.param("outcome=Running", {"c/vdi"}, id="what runs"),
        pytest.param("outcome=Nonsense", set(), id="an outcome that there is not"),
        pytest.param("text=VDI", {"b/vdi", "b/user", "c/vdi"}, id="by the microservice, in either case"),
        pytest.param("text=b/vdi", {"b/vdi"}, id="by name"),
        pytest.param("text=zoe", {"b/user"}, id="by who asked"),
        pytest.param("text=laptop", {"c/vdi"}, id="by target"),
        pytest.param("text=laptop&organization=b", set(), id="all must fit"),
        pytest.param("page=7", {"b/vdi", "b/user", "c/vdi"}, id="the last page where there are not so many"),
        pytest.param("page=x&page=-1", {"b/vdi", "b/user", "c/vdi"}, id="the first page for what is no number"),
    ],
)
def test_filters(query, expected):
    door = Paper()
    door.run("vdi", "Succeeded")
    door.run("user", "Failed", requester="zoe@b")
    door.run("vdi", "Running", place="c", targets=["laptop-7"])
    assert expected == set(ROW.findall(main(door.signed_in().get(f"/operations?{query}"))))


def test_fifty_a_page_and_every_run_on_one_of_them():
    door = Paper()
    for at in range(120):
        door.run(f"r{at:03}", "Succeeded", seconds=1)
    person, found, path = door.signed_in(), [], "/operations?text=r&outcome=Succeeded"
    sizes = []
    while path:
        page = main(person.get(path))
        rows = ROW.findall(page)
        found, sizes = found + rows, [*sizes, len(rows)]
        link = re.search(r'rel="next" href="([^"]+)"', page)
        path = link.group(1).replace("&amp;", "&") if link else ""
    assert [50, 50, 20] == sizes
    assert [f"b/r{at:03}" for at in range(119, -1, -1)] == found


def test_all_organizations_stay_all_from_page_to_page():
    """One that is chosen for all pages does not come back behind the first page of a list of all."""
    door = Paper()
    for at in range(60):
        door.run(f"r{at:03}", "Succeeded", place="c", seconds=1)
    person = door.signed_in()
    person.cookies.set(COOKIE, "b")
    link = re.search(r'rel="next" href="([^"]+)"', main(person.get("/operations?organization="))).group(1)

    assert 10 == len(ROW.findall(main(person.get(link.replace("&amp;", "&")))))


def test_a_run_links_to_its_request_only_where_that_may_be_seen():
    """Operations are seen by a row of the portal's, requests by one of automate's."""
    door = Paper()
    door.run("r1", "Succeeded", requester="bob@b")
    assert 'href="/requests/b/r1?from=operations"' in main(door.signed_in().get("/operations"))
    role = door.world.roles[next(ref for ref in door.world.roles if ref.namespace == "b")]
    entries = tuple(one.model_copy(update={"levels": {"portal": "OrganizationAdmin"}}) for one in role.spec.entries)
    narrowed = role.model_copy(update={"spec": role.spec.model_copy(update={"entries": entries})})
    door.world = door.world.changed({ident(role): narrowed})
    page = main(door.signed_in().get("/operations"))
    assert ["b/r1"] == ROW.findall(page)
    assert "/requests/b/r1" not in page


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (timedelta(), "0:00:00"),
        (timedelta(seconds=61), "0:01:01"),
        (timedelta(hours=30, minutes=5, microseconds=999999), "30:05:00"),
    ],
)
def test_durations_are_shown_as_clocks_do(time, expected):
    assert expected == lasting(time)
