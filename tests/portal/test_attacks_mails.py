"""Attacks by mails: whoever opens requests in a loop has nobody's mailbox flooded, and no mail is lost for that."""

from dataclasses import replace
from datetime import timedelta

import pytest

from assent.portal.mails import outbox
from portal.test_posting import BEA, BEN, drive, office, postman, to, turns
from portal.written import letters, waiting

__all__ = ["office"]


def bounded(booked, most):
    """The panel with this bound."""
    booked.panel = replace(booked.panel, settings=replace(booked.panel.settings, mails_per_hour=most))
    return booked


def flooded(office, most, requests=5):
    booked = bounded(office(), most)
    for number in range(requests - 1):
        booked.ask(booked.case, f"more-{number}")
    return booked


def test_a_reader_gets_so_many_mails_an_hour_and_the_rest_later(office):
    """Each once; what is held back counts as waiting."""

    async def scene(box):
        booked = flooded(office, 2)
        man = postman(booked, box)
        found = []
        for _ in range(3):
            await turns(man)
            found.append((len(box.mails), man.figures.waiting))
            booked.wait(minutes=59)
            await turns(man)
            found.append((len(box.mails), man.figures.waiting))
            booked.wait(minutes=2)
        return box, found

    box, found = drive(scene)

    assert [(4, 6), (4, 6), (8, 2), (8, 2), (10, 0), (10, 0)] == found
    assert [BEA] * 5 + [BEN] * 5 == to(box)
    assert 10 == len({one["Message-ID"] for one in box.mails})


def test_a_restart_forgets_none_of_them(office):
    """The ledger says who was sent what."""

    async def scene(box):
        booked = flooded(office, 2)
        for _ in range(3):
            await turns(postman(booked, box))
        return box

    assert [BEA, BEA, BEN, BEN] == to(drive(scene))


def test_what_is_decided_meanwhile_is_not_written_about(office):
    """A mail that was held back is of the moment when it goes."""

    async def scene(box):
        booked = flooded(office, 1, requests=2)
        man = postman(booked, box)
        await turns(man)
        for name in ("more-0", booked.case.ref.name):
            booked.ref = booked.ref._replace(name=name)
            booked.say("b/ben", "reject", because="no")
            booked.end()
        booked.wait(hours=1, seconds=1)
        await turns(man)
        return [one for one in box.mails if one["To"] == BEA]

    assert 1 == len(drive(scene))


def test_no_bound_holds_nothing_back(office):
    async def scene(box):
        await turns(postman(flooded(office, 0), box))
        return box

    assert 10 == len(drive(scene).mails)


@pytest.mark.parametrize(("minutes", "expected"), [((), 2), ((59,), 1), ((59, 1), 0), ((60, 61), 2), ((1, 1, 1), 0)])
def test_the_hour_moves_on(minutes, expected):
    """What was sent an hour ago counts no more; what others are sent never does."""
    life = waiting()
    bea = letters(life)["b/bea"]
    some = [replace(bea, key=f"{number}") for number in range(4)]
    sent = {bea.username: [life.now - timedelta(minutes=one) for one in minutes], "others": [life.now] * 9}

    assert expected == len(outbox.bounded(some, sent, 2, life.now))
