"""The loop that sends mails, with a real ledger and a real SMTP server, as good and as bad as servers are."""

import asyncio
import contextlib
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from assent.adapters.ledger import Ledger
from assent.adapters.mail import Mailer, MailSettings
from assent.core.notebook import observation
from assent.core.state import State, fold
from assent.errors import LedgerError, MailError
from assent.portal.mails import outbox
from assent.portal.mails.messages import Letterhead
from assent.portal.mails.outbox import CHANGED, FIRST, LONGEST, REFUSED, Wait
from assent.portal.mails.posting import BATCH, Postman
from assent.portal.panel import Panel
from assent.portal.reading import Reading
from assent.portal.seen import Seen
from assent.portal.settings import Settings
from builders import user
from core.lives import Life
from portal.written import letters, waiting
from postbox import Postbox, certificate

SECRET = b"k" * 32
HEAD = Letterhead("Assent <assent@panel.example>", "https://panel.example", SECRET)
CANARY = "c4nary-of-the-posting"
BEA, BEN, RITA = "bea@b.example", "ben@b.example", "rita@b.example"


class Booked(Life):
    """A request whose records stand in a real ledger, which the panel reads and writes as well."""

    def __init__(self, ledger, life):
        self.world, self.now, self.ref, self.ledger, self.state = life.world, life.now, life.ref, ledger, State()
        self.broken = False
        self.panel = Panel(self, Settings(public_url="https://panel.example"), SECRET, lambda: self.now)
        self.reading = Reading(ledger, lambda *_: self.world)
        self.ask(life.case)

    def ask(self, case, name=None):
        """One more request like that of the case."""
        ref = case.ref._replace(name=name or case.ref.name)
        self.note(observation(self.world, ref, case.spec, case.proven_by, "c0"))

    def note(self, record):
        self.ledger.append([record], self.now)
        self.state = fold(self.ledger.records())

    def seen(self, now):
        """The door's, as the panel asks for it."""
        return self.reading.seen(now)

    def write(self, records, now):
        """The door's; the ledger's disk may be full."""
        if self.broken:
            raise LedgerError("the ledger cannot be written")
        self.reading.write(records, now)

    def mails(self, about="Opened"):
        """What became of each mail, by its reader."""
        self.state = fold(self.ledger.records())
        found = [one for case in self.state.cases.values() for one in case.mails.values() if one.about == about]
        return {one.username: one.state for one in found}

    def records(self):
        """All records of mails."""
        return [one for one in self.ledger.records() if one.kind == "mailed"]


@pytest.fixture
def office(tmp_path):
    """A ledger with one request that waits for bea and ben."""
    with contextlib.ExitStack() as stack:

        def opened(life=None):
            ledger = stack.enter_context(Ledger.open(tmp_path / "ledger.sqlite", key_file=tmp_path / "ledger.key"))
            return Booked(ledger, life or waiting())

        yield opened


def postman(booked, box, **more):
    """A process that sends; a second one is a restart."""
    given = {"security": "Plain", "timeout": 1, **more}
    settings = MailSettings("127.0.0.1", box if isinstance(box, int) else box.port, **given)
    return Postman(booked.panel, Mailer(settings), HEAD, lambda _: lambda text: text)


def drive(scene, *args):
    """Runs one scene with a server of its own."""

    async def played():
        async with Postbox() as box:
            return await scene(box, *args)

    return asyncio.run(played())


async def turns(man, count=3):
    """So many looks, without the rests between them; what goes wrong is what `run` would meet."""
    return [await man.turn() for _ in range(count)]


def to(box):
    return sorted(str(one["To"]) for one in box.mails)


def test_mail_goes_over_tls_to_everybody_once(office, tmp_path):
    """Everybody who can decide, over STARTTLS with credentials; what the ledger says was sent goes never again."""

    async def scene():
        pem = certificate(tmp_path, "127.0.0.1")
        (tmp_path / "credentials").write_text(f"assent\n{(box := Postbox(pem, 'StartTLS', login=True)).password}\n")
        async with box:
            booked = office()
            more = {"security": "StartTLS", "authorities": pem, "credentials": tmp_path / "credentials"}
            man = postman(booked, box, **more)
            await turns(man)
            await turns(postman(booked, box, **more))
            return booked, box, man

    booked, box, man = asyncio.run(scene())

    assert [BEA, BEN] == to(box)
    assert 1 == box.sessions // 2
    assert {"bea@b": "Sent", "ben@b": "Sent"} == booked.mails()
    assert (2, 0, 0, "") == (man.figures.sent, man.figures.failed, man.figures.waiting, man.figures.last_error)


def test_the_requester_hears_of_the_end(office):
    """And of nothing before."""

    async def scene(box):
        booked = office()
        man = postman(booked, box)
        await turns(man)
        booked.say("b/bea", "reject", because="too dear")
        booked.end()
        await turns(man)
        return booked, box

    booked, box = drive(scene)

    assert [BEA, BEN, RITA] == to(box)
    assert {"rita@b": "Sent"} == booked.mails("Ended")


def test_one_refused_recipient_keeps_no_other_back(office):
    """A mailbox that is not there: its mail failed for good, the other went; a corrected address counts at once."""

    async def scene(box):
        booked = office()
        box.refuse[BEA] = "550 5.1.1 no such mailbox"
        man = postman(booked, box)
        await turns(man)
        failed = booked.mails()
        tried = man.figures.failed
        await turns(man)
        assert tried == man.figures.failed
        booked.change(user("b/bea", "approves", email="bea@new.example"))
        booked.wait(minutes=2)
        await turns(man)
        return booked, box, failed

    booked, box, failed = drive(scene)

    assert {"bea@b": "Failed", "ben@b": "Sent"} == failed
    assert ["bea@new.example", BEN] == to(box)
    assert ["Failed", "Sent", "Sent"] == sorted(one.body["state"] for one in booked.records())
    (why,) = {one.body["message"] for one in booked.records() if one.body["state"] == "Failed"}
    assert "refuses the recipient (550): 5.1.1 no such mailbox" in why


def test_a_server_that_is_down_is_tried_again_and_written_down_once(office):
    """One record a letter for as long as it is down; when it is back, everything goes."""

    async def scene(box):
        booked = office()
        down = postman(booked, 9)
        rests = []
        for _ in range(30):
            rests.append(await down.turn())
            booked.wait(minutes=10)
        assert 2 == len(booked.records())
        assert {"bea@b": "Failed", "ben@b": "Failed"} == booked.mails()
        assert "cannot be reached" in down.figures.last_error
        assert (30, 2) == (down.figures.failed, down.figures.waiting)
        await turns(postman(booked, box))
        return booked, box, rests

    booked, box, rests = drive(scene)

    assert [BEA, BEN] == to(box)
    assert 4 == len(booked.records())
    assert FIRST / 2 <= rests[0] <= FIRST
    assert LONGEST / 2 <= rests[-1] <= LONGEST


def test_an_answer_for_now_is_tried_again_soon(office):
    """A greylisting server: 451 first, and then it takes them."""

    async def scene(box):
        booked = office()
        box.answers += ["451 4.7.1 greylisted", "451 4.7.1 greylisted"]
        man = postman(booked, box)
        assert 1.0 == await man.turn()
        assert [] == box.mails
        assert {"bea@b": "Failed", "ben@b": "Failed"} == booked.mails()
        assert 1.0 == await man.turn()
        assert [] == box.mails
        booked.wait(seconds=3)
        await turns(man)
        return booked, box

    booked, box = drive(scene)

    assert [BEA, BEN] == to(box)
    assert {"bea@b": "Sent", "ben@b": "Sent"} == booked.mails()


def test_a_server_that_hangs_blocks_nothing(office):
    """It is given up after its time, and the loop of everything else goes on meanwhile."""

    async def scene(box):
        booked = office()
        box.hang()
        man = postman(booked, box, timeout=0.5)
        beats = 0

        async def beat():
            nonlocal beats
            while True:
                await asyncio.sleep(0.01)
                beats += 1

        pulse = asyncio.create_task(beat())
        rest = await man.turn()
        pulse.cancel()
        return booked, man, rest, beats

    booked, man, rest, beats = drive(scene)

    assert rest >= FIRST / 2
    assert beats > 10
    assert "does not answer in time" in man.figures.last_error
    assert {"bea@b": "Failed", "ben@b": "Failed"} == booked.mails()


def test_it_stops_within_a_second(office):
    """In the middle of a server's silence, and while it rests."""

    async def scene(box):
        booked = office()
        box.hang()
        running = asyncio.create_task(postman(booked, box, timeout=10).run())
        await asyncio.sleep(0.5)
        started = time.monotonic()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        return time.monotonic() - started

    assert drive(scene) < 1


class Losing(Mailer):
    """A mailer on which a cancellation gets lost once, as in a time-out of Python before 3.12 that is met just then."""

    lost = False

    @contextlib.asynccontextmanager
    async def connected(self):
        """No connection, and no word of having been cancelled."""
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if self.lost:
                raise
            self.lost = True
        raise MailError("nobody answers", whole=True)
        yield


def test_it_stops_although_a_library_lost_the_cancellation(office):
    """Whoever ends the panel does not wait for mails for ever."""

    async def scene(box):
        man = postman(office(), box)
        man._mailer = Losing(man._mailer.settings)
        running = asyncio.create_task(man.run())
        await asyncio.sleep(0.5)
        running.cancel()
        ended, _ = await asyncio.wait({running}, timeout=5)
        return ended == {running}

    assert drive(scene)


def test_it_runs_by_itself(office):
    """Started, it sends what is due, and what comes to be due while it runs."""

    async def scene(box):
        booked = office()
        running = asyncio.create_task(postman(booked, box).run())
        await until(lambda: len(box.mails) == 2)
        booked.say("b/ben", "reject", because="no")
        booked.end()
        await until(lambda: len(box.mails) == 3)
        running.cancel()
        return box

    assert [BEA, BEN, RITA] == to(drive(scene))


async def until(so):
    async with asyncio.timeout(10):
        while not so():  # noqa: ASYNC110 -- another program's state
            await asyncio.sleep(0.05)


def test_a_restart_between_sending_and_recording_sends_the_same_again(office):
    """At least once: the same Message-ID reaches the server twice, and nothing is lost."""

    async def scene(box):
        booked = office()
        man = postman(booked, box)
        booked.broken = True
        with pytest.raises(LedgerError):
            await man.turn()
        assert ([BEA], {}) == (to(box), booked.mails())
        booked.broken = False
        await turns(postman(booked, box))
        return booked, box

    booked, box = drive(scene)

    assert [BEA, BEA, BEN] == to(box)
    first, second = (one["Message-ID"] for one in box.to(BEA))
    assert first == second
    assert {"bea@b": "Sent", "ben@b": "Sent"} == booked.mails()


def test_while_the_ledger_cannot_be_written_nothing_more_is_sent(office):
    """A full disk does not become a thousand mails; the one that went is written down first when there is room."""

    async def scene(box):
        booked = office()
        man = postman(booked, box)
        booked.broken = True
        for _ in range(5):
            with pytest.raises(LedgerError):
                await man.turn()
        assert [BEA] == to(box)
        booked.broken = False
        await turns(man)
        return booked, box

    booked, box = drive(scene)

    assert [BEA, BEN] == to(box)
    assert {"bea@b": "Sent", "ben@b": "Sent"} == booked.mails()


def test_the_loop_outlives_what_goes_wrong(office):
    """A ledger that fails is a reason to rest, not to end."""

    async def scene(box):
        booked = office()
        booked.broken = True
        man = postman(booked, box)
        running = asyncio.create_task(man.run())
        await until(lambda: man.figures.last_error)
        assert "the ledger cannot be written" == man.figures.last_error
        booked.broken = False
        await until(lambda: len(box.mails) == 2)
        running.cancel()
        return booked

    assert {"bea@b": "Sent", "ben@b": "Sent"} == drive(scene).mails()


def test_a_fault_of_ours_does_not_end_the_loop(office):
    """What nobody thought of is said by its kind alone, and mails go on when it is over."""

    async def scene(box):
        booked = office()
        read, booked.seen = booked.seen, {}.__getitem__
        man = postman(booked, box)
        running = asyncio.create_task(man.run())
        await until(lambda: man.figures.last_error)
        said, booked.seen = man.figures.last_error, read
        await until(lambda: len(box.mails) == 2)
        running.cancel()
        return said

    assert "a fault of Assent's own: KeyError" == drive(scene)


def test_a_reminder_comes_with_time_alone(office):
    """Nothing is written meanwhile, and what ended long ago is not looked at any more."""

    async def scene(box):
        booked = office(waiting(rules={"decideWithin": "8d"}))
        man = postman(booked, box)
        await turns(man)
        booked.wait(days=6, seconds=1)
        await turns(man)
        assert {"bea@b": "Sent", "ben@b": "Sent"} == booked.mails("Reminder")
        booked.say("b/bea", "reject", because="no")
        booked.end()
        booked.wait(days=8)
        await turns(man)
        return box

    assert [BEA, BEA, BEN, BEN] == to(drive(scene))


def test_a_letter_over_which_the_server_hangs_up_keeps_no_other_back(office):
    """The others go first the next time."""

    async def scene(box):
        booked = office()
        box.drop.add(BEA)
        man = postman(booked, box)
        for _ in range(3):
            await man.turn()
            booked.wait(seconds=10)
        return booked, box

    booked, box = drive(scene)

    assert [BEN] == to(box)
    assert {"bea@b": "Failed", "ben@b": "Sent"} == booked.mails()


def test_an_address_that_is_none_is_said_and_keeps_no_other_back(office):
    """What stands as a User's `email` may be anything."""
    odd = user("b/bea", "approves", email="bea@b.example, all@b.example")

    async def scene(box):
        booked = office(waiting(odd))
        await turns(postman(booked, box))
        return booked, box

    booked, box = drive(scene)

    assert [BEN] == to(box)
    assert {"bea@b": "Failed", "ben@b": "Sent"} == booked.mails()
    assert any("is no mail address" in one.body["message"] for one in booked.records())


class Torn(Seen):
    """A moment in which a fault of ours meets one request."""

    def decision(self, ref):
        if ref.name == "r2":
            raise KeyError(CANARY)
        return super().decision(ref)


def test_rule_28_a_fault_of_ours_keeps_no_other_back(office):
    """Rule 28: one request that cannot be looked at, and one mail that cannot be written; all others go."""

    def translations(language):
        return {"en": lambda text: text}[language]

    async def scene(box):
        booked = office()
        booked.ask(booked.case, "r2")
        read = booked.reading.seen
        booked.seen = lambda now: Torn(**vars(read(now)))
        mailer = Mailer(MailSettings("127.0.0.1", box.port, "Plain"))
        man = Postman(booked.panel, mailer, HEAD, translations)
        await turns(man, 1)
        odd = man.figures.last_error
        await turns(man)
        return booked, box, odd

    booked, box, odd = drive(scene)

    assert [BEN] == to(box)
    assert {"bea@b": "Failed", "ben@b": "Sent"} == booked.mails()
    assert "the mail cannot be written: KeyError" == odd
    assert CANARY not in odd


def test_what_ended_before_mails_were_sent_is_not_written_about(office):
    """Switching mail on writes to whoever can decide now, and not about the past; a restart forgets nothing."""

    async def scene(box):
        booked = office()
        booked.say("b/bea", "reject", because="no")
        booked.end()
        booked.wait(hours=1)
        case = booked.case
        booked.ask(case, "r2")
        await turns(postman(booked, box))
        assert [BEA, BEN] == to(box)
        booked.ref = booked.ref._replace(name="r2")
        booked.state = fold(booked.ledger.records())
        booked.say("b/ben", "reject", because="no")
        booked.end()
        booked.wait(hours=1)
        await turns(postman(booked, box))
        return box

    box = drive(scene)

    assert [BEA, BEN, RITA] == to(box)
    assert "b/r2" in box.to(RITA)[0]["Subject"]


def test_many_letters_go_in_batches(office):
    """More than one connection's worth; everything goes, each once."""

    async def scene(box):
        booked = office()
        for number in range(40):
            booked.ask(booked.case, f"r{number + 2}")
        man = postman(booked, box)
        rest = await man.turn()
        assert (0.0, BATCH) == (rest, len(box.mails))
        assert 82 - BATCH == man.figures.waiting
        await turns(man)
        return box

    box = drive(scene)

    assert 82 == len({one["Message-ID"] for one in box.mails}) == len(box.mails)


def test_rule_43_no_secret_is_in_mail_or_ledger(office):
    """Rule 43: the canary of a secret parameter, in everything that was sent and written."""

    async def scene(box):
        booked = office(waiting(asked={"parameters": {"password": {"secretRef": CANARY}}}))
        box.refuse[BEN] = "550 no"
        await turns(postman(booked, box))
        return booked, box

    booked, box = drive(scene)

    assert [BEA] == to(box)
    assert not any(CANARY.encode() in one.content for one in box.envelopes)
    assert CANARY not in str([one.body for one in booked.records()])
    assert "a secret is given" in box.mails[0].get_body(("plain",)).get_content()


def test_rule_42_no_link_is_in_the_ledger(office):
    """Rule 42: a server that repeats the message in its refusal puts no token into a record."""

    async def scene(box):
        booked = office()
        box.answers.append("554 listed: https://panel.example/mail/" + "A" * 200)
        await turns(postman(booked, box), 1)
        return booked

    assert "AAAA" not in str([one.body for one in drive(scene).records()])


@pytest.mark.parametrize(("failures", "most"), [(1, 2), (2, 4), (5, 32), (8, 256), (9, 300), (10**6, 300)])
def test_rests_double_up_to_five_minutes(failures, most):
    """Spread over their upper half."""
    assert (most / 2, most) == (outbox.pause(failures, 0), outbox.pause(failures, 1))


def failure(message, *, passing=True):
    return MailError(message, passing=passing)


def test_a_failure_is_written_down_where_it_is_news():
    """Once; again where it is another one, and an hour later at the soonest; the server's own words are no news."""
    life = waiting()
    letter = letters(life)["b/bea"]
    (record,) = outbox.failed([letter], failure("it refuses (451): id 1"), {}, life.now)
    life.note(record)
    known = life.case.mails

    def again(message, now=life.now):
        return len(outbox.failed([letter], failure(message), known, now))

    assert 0 == again("it refuses (451): id 2", life.now + timedelta(days=1))
    assert (0, 1) == (again("it hangs"), again("it hangs", life.now + CHANGED))
    assert ("Failed", "it refuses (451): id 1") == (record.body["state"], record.body["message"])
    sent = {letter.key: replace(known[letter.key], state="Sent")}
    assert 1 == len(outbox.failed([letter], failure("it hangs"), sent, life.now))


def test_whoever_failed_rests_and_comes_last():
    """For now a little, for good some hours; another address begins anew."""
    life = waiting()
    bea, ben = (letters(life)[who] for who in ("b/bea", "b/ben"))
    soon = outbox.waited(None, bea, failure("no"), life.now, 1)
    later = outbox.waited(soon, bea, failure("no"), life.now, 1)
    never = outbox.waited(None, bea, failure("no", passing=False), life.now, 1)

    assert (1, 2.0, 2, 4.0) == (
        soon.failures,
        (soon.until - life.now).total_seconds(),
        later.failures,
        (later.until - life.now).total_seconds(),
    )
    assert REFUSED == never.until - life.now
    assert [ben] == outbox.ready([bea, ben], {bea.key: never}, life.now)
    assert [ben, bea] == outbox.ready([bea, ben], {bea.key: never}, life.now + REFUSED)
    moved = replace(bea, email="bea@new.example")
    assert [moved, ben] == outbox.ready([moved, ben], {bea.key: never}, life.now)
    assert 1 == outbox.waited(later, moved, failure("no"), life.now, 1).failures
    assert Wait(1, life.now + REFUSED, BEA) == never
