"""The page of one request: all that is asked, how it stands, and nothing to whoever may not see it."""

import json
import re
from datetime import timedelta

import pytest

from assent.api.canonical import canonical
from assent.api.ledger import NewRecord
from assent.portal.ahead import Reader
from assent.portal.rendering import catalogue
from assent.portal.wishes import Wish
from portal.decisions import TEMPLATE, _service, busy, decide, words, world
from portal.house import house
from portal.street import ask, commit, same, stranger

LENA, NADIA, INGRID, OLIVIA = (
    "lena@labs.acme.example", "nadia@northwind.example", "ingrid@platform.example", "olivia@platform.example",
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One world for all that only look."""
    with busy(tmp_path_factory.mktemp("w") / "w") as home:
        yield home


@pytest.fixture
def fresh(tmp_path):
    with house(tmp_path / "w", before=world) as home:
        ask(home, "juan", "vdi", "create-workspaces", parameters=TEMPLATE)
        yield home.tick()


def shown(home, who, name, organization="acme"):
    answer = home.signed_in(who).get(f"/requests/{organization}/{name}")
    assert 200 == answer.status_code
    return answer


def test_the_page_says_everything_that_is_asked(home):
    page = words(shown(home, "juan", "vdi"))

    for text in (
        "Create a set of APPServers or VDIs (platform/create-workspaces)", "Acme Industries (acme)",
        "Juan Vidal (juan@acme.example)", "Ana Ruiz (ana@acme.example)", "New hires", "about 40 EUR a month each",
        "win11-office", home.decision("vdi").digest, "Manager, then the platform",
    ):  # fmt: skip
        assert text in page
    spec = home.decision("vdi").case.spec.plain()
    assert canonical(spec).decode() in page
    assert (
        json.loads(
            re.search(r"<pre[^>]*>(\{.*?)</pre>", shown(home, "juan", "vdi").text).group(1).replace("&#34;", '"')
        )
        == spec
    )


def test_the_page_says_who_can_decide_and_to_those_who_may_know_who_cannot(home):
    for who in ("juan", "alba", "ana"):
        page = words(shown(home, who, "vdi"))
        for name in ("Maria Lopez", "Alba Serra", "Fina Costa", "Nadia"):
            assert name in page
    assert "SelfApproval" in shown(home, "alba", "vdi").text
    assert "SelfApproval" not in shown(home, "juan", "vdi").text


def test_decisions_that_do_not_count_are_shown_with_the_reason_why(home):
    page = words(shown(home, "juan", "vdi"))

    assert "I want it" in page
    assert "OnBehalfOf" in page


def test_results_are_shown_and_what_programs_write_is_only_text(home):
    page = shown(home, "juan", "loud").text

    assert "&lt;script&gt;alert(1)&lt;/script&gt; \\u202egnp.exe" in page
    assert "<script>alert" not in page
    assert "<b>bold" not in page
    assert "&lt;b&gt;bold&lt;/b&gt; {{ 7*7 }}" in page
    assert "\u202e" not in page


def test_rule_43_a_secret_is_never_shown_but_for_the_name_of_its_secret(home):
    """What stands in the place of a reference is hidden, and so is everything of what nobody knows any more."""
    assert "the-key" in shown(home, "juan", "secret").text
    for name in ("leaked", "gone"):
        for who in ("juan", "alba"):
            assert "c4nary" not in shown(home, who, name).text


def test_the_end_of_a_long_output_is_shown(fresh):
    program = fresh.ground.programs / "platform" / "shout"
    program.write_text("#!/usr/bin/env python3\nprint('x' * 30000 + 'the end')\n")
    ask(fresh, "juan", "loud", "loud")
    fresh.tick()
    page = shown(fresh, "juan", "loud").text

    assert "the end" in page
    assert "x" * 25000 not in page


def test_what_mails_came_to_is_shown(fresh):
    about = {"request": "acme/vdi", "username": "maria@acme.example", "about": "Opened", "stage": "manager"}
    about |= {"digest": fresh.decision("vdi").digest}
    fresh.panel.write(NewRecord("mailed", "k1", {**about, "state": "Failed", "message": "the server <b>is down"}))
    page = shown(fresh, "juan", "vdi").text

    assert "the server &lt;b&gt;is down" in page
    assert "<b>is" not in page


def test_the_history_is_told_in_its_order(fresh):
    decide(fresh.signed_in("maria"), "vdi", "approve", "budget is agreed")
    fresh.tick()
    decide(fresh.signed_in(INGRID), "vdi", "approve")
    fresh.tick()
    times = shown(fresh, "juan", "vdi").text.partition('<ol class="timeline">')[2].partition("</ol>")[0]
    moods = re.findall(r'<li(?: class="(\w+)")?>', times)

    assert ["", "", "good", "good", "good", "good", "good"] == moods
    assert "budget is agreed" in times
    assert "/told" not in times


def test_asking_for_the_same_again_is_offered_to_whoever_may(home):
    assert 'href="/open/acme/create-workspaces?like=acme/vdi"' in shown(home, "juan", "vdi").text
    assert 200 == home.signed_in("juan").get("/open/acme/create-workspaces?like=acme/vdi").status_code
    assert "?like=" not in shown(home, "ana", "vdi").text
    assert "?like=" not in shown(home, "juan", "gone").text


def test_what_one_may_not_see_is_answered_like_what_does_not_exist(home):
    """Byte for byte, but for the address that was asked for."""
    lena = home.signed_in(LENA)

    assert all(same(lena, f"/requests/acme/{name}", "/requests/acme/none") for name in ("vdi", "loud", "gone"))
    assert 200 == lena.get("/requests/acme-labs/lab").status_code
    assert 404 == stranger(home).get("/requests/acme/vdi").status_code


@pytest.mark.parametrize(
    "path", ["acme/..%2fvdi", "ACME/vdi", "acme/%00", "x/y/z", "acme/vdi%20", "acme", "%2e%2e/vdi"]
)
def test_an_address_that_is_no_request_leads_to_none(home, path):
    assert 404 == home.signed_in("alba").get(f"/requests/{path}").status_code


def test_whoever_decides_sees_it_and_whoever_could_have_decided_still_does(fresh):
    """The platform's people have no right to view what clients ask for; theirs to decide lets them see it."""
    ingrid = fresh.signed_in(INGRID)
    assert same(ingrid, "/requests/acme/vdi", "/requests/acme/none")
    decide(fresh.signed_in("maria"), "vdi", "approve")
    fresh.tick()
    assert 200 == ingrid.get("/requests/acme/vdi").status_code
    decide(ingrid, "vdi", "approve")
    fresh.tick()
    assert 200 == ingrid.get("/requests/acme/vdi").status_code
    assert 200 == fresh.signed_in(OLIVIA).get("/requests/acme/vdi").status_code


def test_an_ended_request_is_not_followed_and_offers_nothing(home):
    page = shown(home, "juan", "loud").text

    assert "sse-connect" not in page
    assert "/decide" not in page.partition("<main")[2]
    assert "sse-connect" in shown(home, "juan", "vdi").text


def test_a_run_by_hand_says_who_settles_it_and_not_the_command_line(home):
    page = words(shown(home, "juan", "hand"))

    assert "assent settle" not in page
    assert "Alba Serra (alba@acme.example)" in page
    assert "Carry it over." in page


def test_the_deadline_stands_on_the_page(fresh):
    ask(fresh, "juan", "timed", "in-time")
    fresh.tick()
    until = fresh.decision("timed").case.seen_at + timedelta(hours=4)

    assert f'datetime="{until.isoformat()}"' in shown(fresh, "maria", "timed").text


@pytest.mark.parametrize(
    ("who", "name", "came", "path", "label"),
    [
        pytest.param("juan", "vdi", "", "/requests", "My requests", id="whoever asked"),
        pytest.param("ana", "vdi", "", "/requests", "My requests", id="for whom it is"),
        pytest.param("maria", "vdi", "", "/decide", "To decide", id="who can decide it"),
        pytest.param("alba", "loud", "", "/requests?scope=all", "All requests", id="who may only see it"),
        pytest.param("alba", "loud", "?from=operations", "/operations", "Operations", id="who comes from a run"),
        pytest.param("maria", "vdi", "?from=operations", "/decide", "To decide", id="who sees no operations"),
        pytest.param("alba", "loud", "?from=https://evil.example", "/requests?scope=all", "All requests", id="nowhere"),
    ],
)
def test_the_page_leads_back_to_the_list_that_the_request_is_on_for_its_reader(home, who, name, came, path, label):
    page = home.signed_in(who).get(f"/requests/acme/{name}{came}").text
    marked = re.findall(r'<a href="([^"]+)" aria-current="page">', page)

    said = re.search(rf'<ol><li><a href="{re.escape(path)}">([^<]+)</a></li>', page).group(1)
    assert said in {label, catalogue("es").gettext(label)}
    assert marked == ([] if "?" in path else [path])


def test_what_starts_at_this_door_is_said_in_words(fresh):
    """A program by its name; the image that a cluster would start, with its digest, has no place here."""
    page = words(shown(fresh, "alba", "vdi"))

    assert "It runs by the program “create-workspaces”." in page
    assert "registry.example" not in page


def test_what_exactly_is_started_is_folded_away_below_the_words(fresh):
    run = {"http": {"url": "https://hooks.example/new"}, "manual": {"instructions": "Call them."}}
    service = _service("called", {"run": run, "approvals": [{"flow": {"name": "by-mail"}}]})
    commit(fresh.ground, "olivia", {"extra/called.yaml": service})
    ask(fresh, "juan", "call", "called")
    fresh.tick()
    page = shown(fresh, "alba", "call").text
    prose, _, folded = page.partition("What exactly is started</summary>")

    assert "It runs by a call to another service or a person&#39;s hand." in prose
    assert "hooks.example" not in prose
    assert '<code class="digest">https://hooks.example/new</code>' in folded.partition("</details>")[0]
    wish = Wish(fresh.seen().world, fresh.decision("call"), Reader("en", str))
    assert wish.ways("Git") == wish.ways("Cluster")


def test_at_a_cluster_the_image_stands_where_whoever_wants_it_finds_it(fresh):
    wish = Wish(fresh.seen().world, fresh.decision("vdi"), Reader("en", str))
    one = wish.ways("Cluster")

    assert ["a Kubernetes Job"] == [way.words for way in one]
    assert one[0].exact.startswith("registry.example/assent/automate@sha256:")


def test_moments_are_said_in_utc_and_meant_for_the_readers_clock(fresh):
    at = fresh.decision("vdi").case.seen_at
    page = shown(fresh, "juan", "vdi").text

    assert re.search(rf'<time datetime="{re.escape(at.isoformat())}" data-local>[^<]+ UTC</time>', page)
    assert at.isoformat().endswith("+00:00")
    assert not re.search(r"<time[^>]*>[^<]*(?<! UTC)</time>", page)


def test_only_where_no_script_runs_one_is_told_to_load_the_page_again(home):
    page = shown(home, "juan", "vdi").text

    assert "Cargar de nuevo esta página" in page
    assert "Cargar de nuevo esta página" not in re.sub(r"<noscript>.*?</noscript>", "", page, flags=re.DOTALL)
