"""One real SMTP server, as good and as bad as servers are."""

import asyncio
import socket
import time
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from assent.adapters.mail import Mailer, MailSettings
from assent.errors import MailError
from postbox import PASSWORD, USERNAME, Postbox, certificate

TOKEN = "Yi9iZWEAYi9yMQBwbGF0Zm9ybS9mL2xlYWQAMP6IkjJB38RsWv9_pJfk8JUI6tNIgAtYkEU-R02S0MbY8p"  # noqa: S105 -- what a link looks like


def letter(to="maria@acme.example", subject="To decide"):
    """A message with a link in it."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "Assent <assent@panel.example>", to, subject
    message["Message-ID"] = "<1@panel.example>"
    message.set_content(f"Approve: https://panel.example/mail/{TOKEN}")
    return message


def login(folder, password=PASSWORD):
    """A file with the credentials."""
    path = folder / "credentials"
    path.write_text(f"{USERNAME}\n{password}\n")
    return path


def settings(box, **more):
    """How the server is spoken to."""
    return MailSettings(**{"host": "127.0.0.1", "port": box.port, "security": "Plain", "timeout": 1, **more})


async def send(given, *messages):
    """All of these over one connection."""
    async with Mailer(given).connected() as line:
        for message in messages:
            await line.send(message)


def refusal(given, *messages):
    """Why it could not be sent."""

    async def tried():
        with pytest.raises(MailError) as refused:
            await send(given, *(messages or [letter()]))
        return refused.value

    return tried()


@pytest.mark.parametrize("security", ["TLS", "StartTLS"])
def test_mail_goes_over_an_encrypted_and_signed_in_connection(security, tmp_path):
    """Both ways to encrypt, the certificate checked, with credentials; many messages over one connection."""

    async def all_of_it():
        pem = certificate(tmp_path, "127.0.0.1")
        async with Postbox(pem, security, login=True) as box:
            given = settings(box, security=security, authorities=pem, credentials=login(tmp_path))
            await send(given, letter(), letter("pedro@acme.example"), letter("ana@acme.example"))
            return box

    box = asyncio.run(all_of_it())

    assert ["maria@acme.example", "pedro@acme.example", "ana@acme.example"] == [one["To"] for one in box.mails]
    assert [USERNAME.encode()] == box.logins
    assert "assent@panel.example" == box.envelopes[0].mail_from
    assert TOKEN in box.mails[0].get_content()


@pytest.mark.parametrize("security", ["TLS", "StartTLS"])
@pytest.mark.parametrize("trusted", [False, True])
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(security, trusted, tmp_path):
    """A certificate of an unknown authority, and one for another name: no credentials, no mail."""

    async def all_of_it():
        pem = certificate(tmp_path, "mail.example") if trusted else certificate(tmp_path, "127.0.0.1")
        async with Postbox(pem, security, login=True) as box:
            authorities = pem if trusted else None
            given = settings(box, security=security, authorities=authorities, credentials=login(tmp_path))
            return box, await refusal(given)

    box, refused = asyncio.run(all_of_it())

    assert "is not trusted" in refused.message
    assert refused.whole
    assert not refused.passing
    assert ([], []) == (box.mails, box.logins)


def test_a_server_without_starttls_gets_nothing(tmp_path):
    """Where encryption was asked for, nothing goes without it: an attacker on the way cannot take it out."""

    async def all_of_it():
        async with Postbox() as box:
            return box, await refusal(settings(box, security="StartTLS"))

    box, refused = asyncio.run(all_of_it())

    assert [] == box.mails
    assert "does not speak as it is set up" in refused.message


@pytest.mark.parametrize("host", ["mail.example", "192.0.2.1", "localhost.example", ""])
def test_plain_mail_is_for_this_machine_alone(host):
    """Links and credentials never cross a network in the clear."""
    with pytest.raises(MailError, match="readable on its way"):
        Mailer(MailSettings(host, security="Plain"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "[::1]"])
def test_a_mailbox_on_this_machine_may_be_plain(host):
    """The demo's own server."""
    assert host == Mailer(MailSettings(host, security="Plain")).settings.host


def test_rotated_credentials_count_at_the_next_connection(tmp_path):
    """A Secret that is renewed under the running process, as a file and as a mounted folder."""

    async def all_of_it():
        pem = certificate(tmp_path, "127.0.0.1")
        async with Postbox(pem, "StartTLS", login=True) as box:
            given = settings(box, security="StartTLS", authorities=pem, credentials=login(tmp_path))
            await send(given, letter())
            box.password = "another"  # noqa: S105 -- a test's
            old = await refusal(given)
            login(tmp_path, "another")
            await send(given, letter())
            folder = tmp_path / "mounted"
            folder.mkdir()
            (folder / "username").write_text(USERNAME)
            (folder / "password").write_text("another\n")
            await send(settings(box, security="StartTLS", authorities=pem, credentials=folder), letter())
            return box, old

    box, old = asyncio.run(all_of_it())

    assert 3 == len(box.mails)
    assert "refuses the credentials (535)" in old.message
    assert old.whole


@pytest.mark.parametrize("text", [None, "", "one line", "a\nb\nc", "\npassword", b"\xff\xfe"])
def test_rule_43_unreadable_credentials_are_not_repeated(text, tmp_path):
    """Rule 43: whatever stands in the file, the message names the file alone."""
    path = tmp_path / "credentials"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    refused = asyncio.run(refusal(MailSettings("127.0.0.1", 9, "Plain", credentials=path)))

    assert str(path) in refused.message
    assert not text or str(text) not in f"{refused.message} {refused.hint}"


@pytest.mark.parametrize(
    ("answer", "passing"),
    [("550 5.1.1 no such mailbox", False), ("451 4.7.1 greylisted", True), ("452 4.2.2 full", True)],
)
def test_a_recipient_that_is_refused_keeps_no_other_back(answer, passing):
    """For good and for now are told apart, and the connection goes on."""

    async def all_of_it():
        async with Postbox() as box:
            box.refuse["gone@acme.example"] = answer
            async with Mailer(settings(box)).connected() as line:
                with pytest.raises(MailError) as refused:
                    await line.send(letter("gone@acme.example"))
                await line.send(letter())
            return box, refused.value

    box, refused = asyncio.run(all_of_it())

    assert 1 == len(box.mails)
    assert (passing, False) == (refused.passing, refused.whole)
    assert f"refuses the recipient ({answer[:3]}): {answer[4:]}" in refused.message


@pytest.mark.parametrize(
    ("answer", "passing", "whole"),
    [("554 5.7.1 looks like spam", False, False), ("451 try later", True, False), ("421 closing", True, True)],
)
def test_a_message_that_is_refused(answer, passing, whole):
    """What the server says after the whole message."""

    async def all_of_it():
        async with Postbox() as box:
            box.answers.append(answer)
            return await refusal(settings(box))

    refused = asyncio.run(all_of_it())

    assert (passing, whole) == (refused.passing, refused.whole)


def test_rule_42_a_server_that_repeats_the_link_gives_nothing_away():
    """Rule 42: a refusal that quotes the message puts no token into our words."""

    async def all_of_it():
        async with Postbox() as box:
            box.answers.append(f"554 the link https://panel.example/mail/{TOKEN}?decision=approve is listed")
            return await refusal(settings(box))

    refused = asyncio.run(all_of_it())

    assert TOKEN[:20] not in f"{refused.message} {refused.hint} {refused!r}"
    assert "the link ... is listed" in refused.message
    assert refused.__cause__ is None
    assert refused.__suppress_context__


def test_a_server_that_is_down():
    """Nothing listens: it may pass, and concerns all."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    refused = asyncio.run(refusal(MailSettings("127.0.0.1", port, "Plain")))

    assert "cannot be reached" in refused.message
    assert (True, True) == (refused.passing, refused.whole)


@pytest.mark.parametrize("security", ["Plain", "TLS", "StartTLS"])
def test_a_server_that_never_greets_is_given_up(security):
    """It takes the connection and says nothing."""
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        refused = asyncio.run(refusal(MailSettings("127.0.0.1", port, security, timeout=0.3)))
    took = time.monotonic() - started

    assert "does not answer in time" in refused.message
    assert (True, True) == (refused.passing, refused.whole)
    assert took < 3


def test_a_server_that_hangs_in_the_middle_is_given_up():
    """It takes the message and never says what became of it."""

    async def all_of_it():
        async with Postbox() as box:
            box.hang()
            return await refusal(settings(box, timeout=0.3))

    refused = asyncio.run(all_of_it())

    assert "does not answer in time" in refused.message
    assert (True, True) == (refused.passing, refused.whole)


def test_a_server_that_hangs_up():
    """The connection is of no use any more."""

    async def all_of_it():
        async with Postbox() as box:
            box.drop.add("maria@acme.example")
            return await refusal(settings(box))

    refused = asyncio.run(all_of_it())

    assert (True, True) == (refused.passing, refused.whole)


def test_a_sender_that_is_refused_concerns_all():
    """No other mail would fare better."""

    async def all_of_it():
        async with Postbox() as box:
            box.senders = "550 5.7.1 not yours"
            return await refusal(settings(box))

    refused = asyncio.run(all_of_it())

    assert "refuses the sender (550): 5.7.1 not yours" in refused.message
    assert (False, True) == (refused.passing, refused.whole)


def test_an_address_that_the_server_cannot_write_concerns_one():
    """Letters beyond ASCII, and a server without SMTPUTF8."""

    async def all_of_it():
        async with Postbox() as box, Mailer(settings(box)).connected() as line:
            with pytest.raises(MailError) as refused:
                await line.send(letter("jos\u00e9@acme.example"))
            await line.send(letter())
            return box, refused.value

    box, refused = asyncio.run(all_of_it())

    assert 1 == len(box.mails)
    assert (False, False) == (refused.passing, refused.whole)


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_authorities_that_cannot_be_read_are_said(text, tmp_path):
    """Nothing is sent to a server that nobody vouches for."""
    path = tmp_path / "ca.pem"
    if text:
        path.write_text(text)
    refused = asyncio.run(refusal(MailSettings("127.0.0.1", 9, "TLS", authorities=path)))

    assert str(path) in refused.message
    assert (False, True) == (refused.passing, refused.whole)


class Closed(asyncio.Protocol):
    """A server that greets with a refusal."""

    def connection_made(self, transport):
        transport.write(b"554 no service here\r\n")


def test_a_server_that_turns_connections_away():
    """It greets with a refusal for good."""

    async def all_of_it():
        server = await asyncio.get_running_loop().create_server(Closed, "127.0.0.1", 0)
        refused = await refusal(MailSettings("127.0.0.1", server.sockets[0].getsockname()[1], "Plain", timeout=1))
        server.close()
        await asyncio.sleep(0.05)
        return refused

    refused = asyncio.run(all_of_it())

    assert (False, True) == (refused.passing, refused.whole)
    assert "turns the connection away (554): no service here" in refused.message
