"""Trailers: whole lines of the last paragraph, spelled exactly."""

import pytest

from assent.adapters.git.trailers import adopt, approve, trailers
from assent.api.evidence import MergeApproval
from assent.api.names import Ident, Ref

DIGEST = "0123456789abcdef" * 4
VDI = MergeApproval(Ref("acme", "vdi"), DIGEST)
APPROVE = f"Assent-Approve: acme/vdi {DIGEST}"


def test_what_is_written_here_is_read_here():
    """The lines that the commands write are the lines that count."""
    user, module = Ident("User", "acme", "maria"), Ident("Module", "", "portal")
    text = "\n".join([adopt(user), adopt(module), approve(*(VDI.request, VDI.digest)), adopt(user)])

    found = trailers(f"Subject\n\nBody\n\n{text}\n".encode())

    assert ([user, module], [VDI], []) == (list(found.adopts), list(found.approvals), found.malformed)


@pytest.mark.parametrize(
    "message",
    [
        f"Subject\n\n{APPROVE}\n",
        f"Subject\n\n{APPROVE}",
        f"Subject\n\n{APPROVE}\n\n\n",
        f"Subject\n\nSigned-off-by: x\n{APPROVE}\nSigned-off-by: y\n",
        f"{APPROVE}\n",
    ],
    ids=["plain", "no final line feed", "blank lines behind", "among others", "alone"],
)
def test_an_approval_counts(message):
    """A trailer may stand among others and alone."""
    assert [VDI] == list(trailers(message.encode()).approvals)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"assent-approve: acme/vdi {DIGEST}", "spelled"),
        (f" {APPROVE}", "spelled"),
        (f"Assent-Approve : acme/vdi {DIGEST}", "spelled"),
        (f"Assent-Approve:acme/vdi {DIGEST}", "spelled"),
        (f"Assent-Approve:  acme/vdi {DIGEST}", "cannot be read"),
        (f"Assent-Approve: acme/vdi  {DIGEST}", "whole digest"),
        (f"{APPROVE} ", "whole digest"),
        (f"{APPROVE}\r", "whole digest"),
        (f"{APPROVE} because it is fine", "whole digest"),
        (f"Assent-Approve: acme/vdi {DIGEST[:-1]}", "whole digest"),
        (f"Assent-Approve: acme/vdi {DIGEST.upper()}", "whole digest"),
        ("Assent-Approve: acme/vdi", "whole digest"),
        (f"Assent-Approve: vdi {DIGEST}", "cannot be read"),
        (f"Assent-Approve: a/b/c {DIGEST}", "cannot be read"),
        (f"Assent-Approve: acme/VDI {DIGEST}", "is no name"),
        (f"Assent-Approve: acme/v\u0456i {DIGEST}", "is no name"),
        ("Assent-Adopt: User/maria", "cannot be read"),
        ("Assent-Adopt: Module/acme/portal", "cannot be read"),
        ("Assent-Adopt: Secret/acme/x", "cannot be read"),
        ("Assent-Adopt: ", "cannot be read"),
        ("Assent-Adopt: Module/portal\r", "is no name"),
        (f"{APPROVE}\n  and more", "goes on"),
    ],
)
def test_a_trailer_that_is_not_exact_is_told_and_does_not_count(line, why):
    """Nothing is guessed: what is nearly a trailer is a finding that shows the form."""
    found = trailers(f"Subject\n\n{line}\n".encode())

    assert ({}, {}) == (found.adopts, found.approvals)
    assert ["git-trailer-malformed"] == [finding.rule for finding in found.malformed]
    assert why in found.malformed[0].message
    assert found.malformed[0].message.isprintable()
    assert found.malformed[0].hint.startswith("write Assent-")


def test_a_trailer_in_the_body_is_told_and_does_not_count():
    """A quoted trailer decides nothing."""
    found = trailers(f"Subject\n\n{APPROVE}\n\nThis reverts it.\n".encode())

    assert ({}, ["git-trailer-misplaced"]) == (found.approvals, [finding.rule for finding in found.malformed])


@pytest.mark.parametrize("message", ["", "\n\n", "Subject\n", "Subject\n\nI like Assent-Approve: it is fine\n"])
def test_other_messages_say_nothing(message):
    """Whatever else people write is theirs."""
    found = trailers(message.encode())

    assert ({}, {}, []) == (found.adopts, found.approvals, found.malformed)


def test_endless_trailers_are_read_in_time():
    """A hundred thousand odd lines give a bounded number of findings."""
    found = trailers(b"Subject\n\n" + b"assent-adopt: x\n" * 100_000)

    assert 100 == len(found.malformed)
