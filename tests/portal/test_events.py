"""Live progress: what changes is sent to whoever looks as long as they may see it, and nothing is kept of them."""

import socket
import threading
import time
from contextlib import ExitStack, contextmanager

import httpx
import pytest
import uvicorn

from assent.portal import events
from portal.decisions import TEMPLATE, decide, told, world
from portal.house import Person, house
from portal.street import ask

AT = "/requests/acme/vdi/events"
PATIENCE = 15


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(events, "EVERY", 0.05)
    with house(tmp_path / "w", before=world) as home:
        ask(home, "juan", "vdi", "create-workspaces", parameters=TEMPLATE)
        yield home.tick()


@pytest.fixture
def url(home):
    """The panel on a port of its own: streams need a server that sends what there is."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(home.app, access_log=False, log_config=None, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(PATIENCE)
    listening.close()


class Stream:
    """The events of one stream, as they come."""

    def __init__(self, lines):
        self._lines = lines

    def next(self):
        """The next event: its name and its data; None at the end."""
        name, data = "", []
        for line in self._lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data.append(line.removeprefix("data: "))
            elif not line and name:
                return name, "\n".join(data)
        return None

    def until(self, wanted):
        """All events up to the first of this name, that one included."""
        found = []
        while True:
            event = self.next()
            assert event is not None, f"it ended before {wanted}: {[name for name, _ in found]}"
            found.append(event)
            if event[0] == wanted:
                return dict(found)

    def rest(self):
        """All that comes before the end."""
        return list(iter(self.next, None))


@contextmanager
def watching(url, person, path=AT, known=""):
    cookies = {cookie.name: cookie.value for cookie in person.cookies.jar}
    with (
        httpx.Client(base_url=url, cookies=cookies, timeout=PATIENCE) as client,
        client.stream("GET", path, params={"known": known}) as answer,
    ):
        assert 200 == answer.status_code
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "no-store" in answer.headers["cache-control"]
        yield Stream(answer.iter_lines())


def first(stream):
    """What comes at once: the whole page in its parts."""
    return dict(stream.next() for _ in range(3))


def test_a_change_is_sent_to_whoever_looks(home, url):
    juan, maria = home.signed_in("juan"), home.signed_in("maria")
    with watching(url, juan) as stream:
        assert {"status", "decision", "request"} == {*first(stream)}
        decide(maria, "vdi", "approve", "budget is agreed")
        assert "budget is agreed" in stream.until("status")["status"]
        home.tick()
        assert "badge-Satisfied" in stream.until("request")["request"]


def test_what_the_page_shows_already_is_not_sent_again(home, url):
    """The page says what it shows; only what has changed since comes."""
    juan = home.signed_in("juan")
    page = juan.get("/requests/acme/vdi").text
    path = page.partition('sse-connect="')[2].partition('"')[0]
    known = path.partition("known=")[2]
    assert path.startswith(f"{AT}?known=")
    with watching(url, juan, known=known) as stream:
        decide(home.signed_in("maria"), "vdi", "approve", "budget is agreed")
        name, data = stream.next()
        assert ("status", True) == (name, "budget is agreed" in data)


def test_a_form_that_somebody_types_into_stays_while_its_question_does(home, url):
    """What can be done changes the form; who else has decided does not."""
    alba, maria = home.signed_in("alba"), home.signed_in("maria")
    with watching(url, alba) as stream:
        first(stream)
        decide(maria, "vdi", "approve", "budget is agreed")
        assert "decision" not in stream.until("status")
        home.tick()  # the manager's stage is satisfied: nothing is left for her to approve
        assert "approve" not in stream.until("decision")["decision"]


def test_the_stream_ends_with_the_request(home, url):
    juan, alba = home.signed_in("juan"), home.signed_in("alba")
    with watching(url, juan) as stream:
        first(stream)
        decide(alba, "vdi", "reject", "no budget")
        home.tick()
        found = stream.rest()
    assert "over" == found[-1][0]
    assert any("badge-Rejected" in data for _, data in found)
    with watching(url, juan) as stream:
        assert ["status", "decision", "request", "over"] == [name for name, _ in stream.rest()]


def test_the_stream_ends_when_somebody_signs_out(home, url):
    juan = home.signed_in("juan")
    with watching(url, juan) as stream:
        first(stream)
        juan.submit("/signout")
        assert ["over"] == [name for name, _ in stream.rest()]


def test_the_stream_ends_with_the_right_to_see_it(home, url):
    """What happened meanwhile is not told any more."""
    ana = home.signed_in("ana")
    with watching(url, ana) as stream:
        first(stream)
        path = home.ground.repository / "organizations" / "acme" / "users.yaml"
        text = path.read_text()
        assert "  role: {name: acme-viewers}\n" in text
        path.write_text(text.replace("  role: {name: acme-viewers}\n", "", 1))
        home.ground.git("alba", "commit", "-qaS", "-m", "Ana leaves")
        home.tick(1)
        rest = stream.rest()
    assert ["over"] == [name for name, _ in rest]
    assert "vdi" not in rest[0][1].replace("/requests/acme/vdi", "")


def test_a_suspended_person_is_not_streamed_to(home, url):
    ana = home.signed_in("ana")
    with watching(url, ana) as stream:
        first(stream)
        path = home.ground.repository / "organizations" / "acme" / "users.yaml"
        path.write_text(
            path.read_text().replace(
                "  role: {name: acme-viewers}\n", "  role: {name: acme-viewers}\n  suspended: true\n"
            )
        )
        home.ground.git("alba", "commit", "-qaS", "-m", "Suspend Ana")
        home.tick(1)
        assert ["over"] == [name for name, _ in stream.rest()]


def test_time_alone_is_noticed_too(home, url, monkeypatch):
    """A session ends by time, though nothing is written."""
    monkeypatch.setattr(events, "AT_LEAST", 2)
    juan = home.signed_in("juan")
    with watching(url, juan) as stream:
        first(stream)
        home.later = home.app.state.sessions.lasting
        assert ["over"] == [name for name, _ in stream.rest()]


def test_one_person_has_at_most_so_many_streams_and_the_oldest_ends_for_one_more(home, url):
    """In however many browsers they signed in; nobody else's ends for them."""
    people, maria = [home.signed_in("juan") for _ in range(3)], home.signed_in("maria")
    with watching(url, people[0]) as oldest, watching(url, maria) as other, ExitStack() as more:
        first(oldest), first(other)
        others = [more.enter_context(watching(url, people[at % 3])) for at in range(events.STREAMS)]
        for stream in others:
            first(stream)
        assert ["over"] == [name for name, _ in oldest.rest()]
        decide(home.signed_in("alba"), "vdi", "approve", "it is right")
        for stream in (others[0], others[-1], other):
            assert "it is right" in stream.until("status")["status"]
    _wait(lambda: not home.app.state.streams.by_person)


def test_another_name_of_a_person_streams_no_more(home, url, monkeypatch):
    """Streams are counted by person, as everything is that costs."""
    monkeypatch.setattr(events, "STREAMS", 1)
    other = Person(home.app)
    other.cookies.set(home.panel.settings.cookie, home.app.state.sessions.begin("mlopez"))
    with watching(url, home.signed_in("maria")) as oldest, watching(url, other) as newest:
        first(newest)
        assert "over" in [name for name, _ in oldest.rest()]
    _wait(lambda: not home.app.state.streams.by_person)


def test_whoever_goes_leaves_nothing_behind(home, url):
    """Tasks and places in the list go with the browser."""
    for _ in range(3):
        with watching(url, home.signed_in("juan")) as stream:
            first(stream)
            assert home.app.state.streams.by_person
    _wait(lambda: not home.app.state.streams.by_person)


def _wait(holds):
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("path", [AT, "/requests/acme/none/events"])
def test_whoever_may_not_see_it_gets_the_page_of_what_does_not_exist(home, path):
    """Both are the same, and no stream."""
    lena = home.signed_in("lena@labs.acme.example")
    found = lena.get(path)

    assert 404 == found.status_code
    assert "text/html" in found.headers["content-type"]


def test_whoever_is_not_signed_in_gets_no_stream(home):
    juan = home.signed_in("juan")
    juan.cookies.clear()

    assert (204, "") == (juan.get(AT).status_code, juan.get(AT).text)


def test_a_stream_writes_nothing(home, url):
    before = home.ledger.reach()
    with watching(url, home.signed_in("juan")) as stream:
        first(stream)
    assert (before, 0) == (home.ledger.reach(), told(home))


def test_a_request_that_no_controller_has_seen_is_followed_until_one_does(home, url):
    juan = home.signed_in("juan")
    typed = {"p.template": "win11-office", "p.count": "2", "name": "mine"}
    sealed = juan.submit("/open/acme/create-workspaces", **typed).text.partition('name="sealed" value="')[2]
    juan.submit("/open/acme/create-workspaces/send", sealed=sealed.partition('"')[0])
    with watching(url, juan, "/requests/acme/mine/events") as stream:
        assert "badge-Submitted" in first(stream)["status"]
        home.tick()
        assert "badge-PendingApproval" in stream.until("status")["status"]
