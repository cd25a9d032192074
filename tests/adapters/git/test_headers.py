"""The header of a commit, by one strict grammar (rule 38)."""

import pytest

from adapters.git.building import PERSON
from assent.adapters.git.headers import Header, header, message, signature
from assent.errors import RepositoryError

TREE, ONE, TWO = "a" * 40, "b" * 40, "c" * 40
PEOPLE = f"author {PERSON} 1 +0000\ncommitter {PERSON} 1 +0000\n"


def raw(*lines, text="text\n"):
    return ("".join(f"{line}\n" for line in lines) + "\n" + text).encode()


def test_tree_and_parents():
    """Tree and parents in their order, and the message as it stands."""
    data = raw(f"tree {TREE}", f"parent {ONE}", f"parent {TWO}", PEOPLE[:-1])

    assert Header(TREE, (ONE, TWO)) == header(ONE, data)
    assert b"text\n" == message(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"parent x", raw(f"tree {TREE[:39]}"), raw(f"tree {TREE}", f"parent {ONE[:38]}"), raw(f"tree {'g' * 40}")],
    ids=["nothing", "no tree", "a short tree", "a short parent", "no hexadecimal"],
)
def test_what_is_no_commit_is_refused(data):
    """What Git would not take as a commit stops the reading, and is named."""
    with pytest.raises(RepositoryError, match=f"commit {ONE} has no proper header"):
        header(ONE, data)


def test_the_payload_is_the_commit_without_its_signature():
    """A signature is made over everything but itself."""
    unsigned = raw(f"tree {TREE}", PEOPLE[:-1], "encoding UTF-8")
    signed = unsigned.replace(b"encoding", b"gpgsig one\n two\n three\nencoding")

    found = signature(signed)

    assert (b"one\ntwo\nthree\n", unsigned, "") == (found.armored, found.payload, found.odd)
    assert (None, unsigned, "") == (signature(unsigned).armored, signature(unsigned).payload, signature(unsigned).odd)


def test_a_message_may_hold_anything():
    """Words of the header do not matter behind it."""
    found = signature(raw(f"tree {TREE}", PEOPLE[:-1], text=f"text\n\ntree {TREE}\ngpgsig x\n y\n"))

    assert (None, "") == (found.armored, found.odd)


@pytest.mark.parametrize("length", [40, 64])
def test_each_object_format_has_its_own_field(length):
    """Where names have 64 digits the signature stands in `gpgsig-sha256`; the other field is odd."""
    fields = {40: "gpgsig", 64: "gpgsig-sha256"}
    own, other = fields[length], fields[104 - length]
    data = raw(f"tree {TREE}", PEOPLE[:-1], "FIELD x")

    assert "" == signature(data.replace(b"FIELD", own.encode()), length).odd
    assert other in signature(data.replace(b"FIELD", other.encode()), length).odd
