"""Attacks by sessions that somebody lost: signing out of all of them, and what a request sees of the moment."""

from dataclasses import replace
from datetime import timedelta

import pytest

from assent.api.names import Ident
from assent.core.history import Reader
from assent.core.seeing import Sight
from assent.core.state import fold
from builders import ref, user
from portal.house import house as real_house
from portal.visits import MARIA, PEDRO, UNLIMITED, Visit


def signed_in(app, username=MARIA):
    visit = Visit(app)
    visit.demo(username)
    return visit


def everywhere(visit, **fields):
    return visit.post("/signout/everywhere", data={"csrf": visit.token(), **fields})


@pytest.fixture
def app(house):
    return house.app()


def test_signing_out_everywhere_ends_every_session_of_the_person(house, app):
    """Also copies of their cookies, and in another panel over the same ledger; nobody else's."""
    lost, own, other = signed_in(app), signed_in(app), signed_in(app, PEDRO)
    elsewhere = Visit(house.app())
    elsewhere.hold(lost.cookies["assent"])
    assert 200 == elsewhere.get("/mine").status_code
    house.later += timedelta(seconds=2)
    answer = everywhere(own)

    assert (303, "/signin") == (answer.status_code, answer.headers["location"])
    assert '"cache"' == answer.headers["clear-site-data"]
    assert [303, 303, 303] == [one.get("/mine").status_code for one in (lost, own, elsewhere)]
    assert 200 == other.get("/mine").status_code


def test_whoever_signs_in_again_is_signed_in(house, app):
    """What had begun is over, and nothing that begins later; twice over, it is over twice."""
    for _ in range(2):
        lost, own = signed_in(app), signed_in(app)
        house.later += timedelta(seconds=2)
        everywhere(own)
        house.later += timedelta(seconds=2)
        assert 200 == signed_in(app).get("/mine").status_code
        assert 303 == lost.get("/mine").status_code


def test_all_names_of_a_person_are_theirs(house, app):
    """A session under another name that they sign in with is over too."""
    house.door.world = house.door.world.changed(
        {Ident("User", "a", "maria"): user("a/maria", username=MARIA, aliases=["mlopez"])}
    )
    lost, own = Visit(app), signed_in(app)
    lost.hold(app.state.sessions.begin("mlopez"))
    assert 200 == lost.get("/mine").status_code
    everywhere(own)

    assert [303, 303] == [lost.get("/mine").status_code, own.get("/mine").status_code]


@pytest.mark.parametrize("moved", ["a/maria-lopez", "platform/maria", None])
def test_what_was_left_stays_over_whoever_the_name_is_later(house, app, moved):
    """A person who is renamed, moved or taken away wakes no session, in this panel or another."""
    lost, own = signed_in(app), signed_in(app)
    house.later += timedelta(seconds=2)
    everywhere(own)
    changes = {Ident("User", "a", "maria"): None}
    if moved:
        changes[Ident("User", *moved.split("/"))] = user(moved, username=MARIA)
    house.door.world = house.door.world.changed(changes)
    elsewhere = Visit(house.app())
    elsewhere.hold(lost.cookies["assent"])

    assert [303, 303] == [one.get("/mine").status_code for one in (lost, elsewhere)]


def test_a_cookie_that_was_left_uses_up_nothing_of_its_persons(house):
    """Whoever has stolen it keeps nobody from working."""
    app = house.app(rates=replace(UNLIMITED, posts="5/minute"))
    lost, own = signed_in(app), signed_in(app)
    house.later += timedelta(seconds=2)
    everywhere(own)
    house.later += timedelta(seconds=2)
    own.hold(app.state.sessions.begin(MARIA))

    assert 429 in [Visit(app, peer="192.0.2.1", cookies=lost.cookies).post("/form").status_code for _ in range(9)]
    assert 303 == own.post("/form", data={"csrf": own.token()}).status_code


def test_no_other_sites_form_and_no_other_persons_ends_them(house, app):
    """It takes a form of this very session."""
    maria, pedro = signed_in(app), signed_in(app, PEDRO)
    forged = [
        maria.post("/signout/everywhere"),
        maria.post("/signout/everywhere", data={"csrf": pedro.token()}),
        maria.post("/signout/everywhere", data={"csrf": maria.token()}, headers={"Origin": "https://evil.example"}),
        maria.get("/signout/everywhere"),
    ]

    assert [403, 403, 403, 405] == [one.status_code for one in forged]
    assert 200 == maria.get("/mine").status_code
    assert not fold(house.door.book.records()).signed_out


def test_whoever_is_no_user_leaves_their_own_alone(house, app):
    """A name that is nobody's is as much theirs."""
    ghosts = [Visit(app), Visit(app)]
    for one, name in zip(ghosts, ("ghost@x.example", "other@x.example"), strict=True):
        one.hold(app.state.sessions.begin(name))
    everywhere(ghosts[0])

    assert [303, 200] == [one.get("/mine").status_code for one in ghosts]


def test_the_ledger_tells_of_it_whom_it_tells_of_any_sign_out(house, app):
    """The person, and the Platform's people."""
    maria = signed_in(app)
    everywhere(maria)
    found = list(house.door.book.records())

    assert [("signedOut", False), ("signedOut", True)] == [(one.kind, "everywhere" in one.body) for one in found]
    assert "a/maria" == found[1].subject
    for who, username, seen in (("a/maria", MARIA, True), ("a/pedro", PEDRO, False)):
        assert seen == bool(Reader(Sight(house.door.world, ref(who)), username).shown(found[1]))


def test_the_button_stands_beside_ones_own_access_alone(tmp_path):
    with real_house(tmp_path / "w") as home:
        alba = home.signed_in("alba")
        assert 'action="/signout/everywhere"' in alba.get("/access").text
        assert "/signout/everywhere" not in alba.get("/access?person=acme/juan").text


class Counting:
    """The door of a panel, and how often it was looked through."""

    def __init__(self, door):
        self._door, self.looks = door, 0

    def __getattr__(self, name):
        return getattr(self._door, name)

    def seen(self, now):
        self.looks += 1
        return self._door.seen(now)


@pytest.mark.parametrize("path", ["/requests", "/decide", "/ledger", "/access", "/open/acme", "/nowhere", "/"])
def test_a_page_is_made_of_one_moment(tmp_path, path):
    """Rights, contents and menu are of the same world, however many ask for it."""
    with real_house(tmp_path / "w") as home:
        alba = home.signed_in("alba")
        door = Counting(home.door)
        object.__setattr__(home.panel, "door", door)
        alba.get(path)

        assert 1 == door.looks


def test_a_script_is_answered_from_one_moment(home, who):
    """Who it is and what it is told are of the same world."""
    juan = who("juan")
    real = home.panel.door
    door = Counting(real)
    object.__setattr__(home.panel, "door", door)
    try:
        juan.asked("/requests", waitsForMe="true")
    finally:
        object.__setattr__(home.panel, "door", real)

    assert 1 == door.looks
