"""Rule 45 and its neighbours: what was there is not forgotten when ledger, key or anchor are taken away."""

import contextlib
import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from assent.adapters.ledger import Ledger, default_key
from assent.adapters.ledger.key import read_key
from assent.errors import LedgerError, NotFoundError
from postgres import BOTH


@BOTH
def test_rule_45_a_restored_backup_stops(home, tmp_path):
    """Rule 45: a database that is older than its anchor is not acted on; with the right one back all goes on."""
    home.filled(3)
    older = home.copy(tmp_path / "older")
    home.filled(2)
    newer = home.copy(tmp_path / "newer")
    home.restore(older)

    for read_only in (True, False):
        with pytest.raises(LedgerError, match=r"Record 4 .* is missing: the ledger ends before it, and held 5 records"):
            home.open(read_only=read_only)
    home.restore(newer)
    with home.open() as ledger:
        assert 5 == ledger.verify().length


@BOTH
def test_rule_45_a_backup_that_went_on_elsewhere_stops(home, tmp_path, now, new):
    """Rule 45: a backup that was continued with the right key under another anchor is not the ledger that was."""
    home.filled(3)
    older, anchor = home.copy(tmp_path / "older"), home.anchor().read_bytes()
    home.filled(2)
    last = home.anchor().read_bytes()
    home.restore(older)
    home.anchor().write_bytes(anchor)
    with home.open() as ledger:
        ledger.append([new(number) for number in (7, 8, 9)], now)
    home.anchor().write_bytes(last)

    with pytest.raises(LedgerError, match=r"Record 5 .* is not the one that is anchored"):
        home.open()


def test_rule_45_histories_of_one_key_do_not_mix(home, tmp_path, now, new):
    """Rule 45: a record of a backup that went on elsewhere has the right seal, and stands in no other chain."""
    home.filled(3)
    fork, anchor = home.copy(tmp_path / "fork"), home.anchor().read_bytes()
    home.filled(2)
    with home.open() as ledger:
        ledger.append([new(6)], now)
    kept, last = home.copy(tmp_path / "kept"), home.anchor().read_bytes()
    home.restore(fork)
    home.anchor().write_bytes(anchor)
    with home.open() as ledger:
        ledger.append([new(7), new(8)], now)
    home.copy(fork)
    home.restore(kept)
    home.anchor().write_bytes(last)
    home.execute(
        f"ATTACH '{fork}' AS fork",
        "DELETE FROM ledger_records WHERE sequence = 5",
        "INSERT INTO ledger_records SELECT * FROM fork.ledger_records WHERE sequence = 5",
    )

    with home.open() as ledger, pytest.raises(LedgerError, match=r"Record 5 .* does not follow record 4"):
        ledger.verify()


@BOTH
@pytest.mark.parametrize("how", ["removed", "emptied", "tables dropped", "rows deleted"])
def test_a_ledger_that_vanished_is_missed(home, now, new, how):
    """An empty ledger where there was one before stops; only `new` starts another, which then stands for itself."""
    home.filled(3)
    if how == "removed":
        home.remove()
    elif how == "emptied":
        home.empty()
    elif how == "tables dropped":
        home.execute("DROP TABLE ledger_records", "DROP TABLE ledger_version")
    else:
        home.execute("DELETE FROM ledger_records")

    for read_only in (True, False):
        with pytest.raises(LedgerError, match="is empty or gone, and held 3 records"):
            home.open(read_only=read_only)
    with home.open(new=True) as ledger:
        assert [1] == [one.sequence for one in ledger.append([new(1)], now)]
    with home.open() as ledger:
        assert 1 == ledger.verify().length


@BOTH
def test_new_throws_no_record_away(home):
    """`new` is refused where there are records, and changes nothing."""
    home.filled(3)

    with pytest.raises(LedgerError, match="holds 3 records"):
        home.open(new=True)
    with home.open() as ledger:
        assert 3 == ledger.verify().length


@BOTH
def test_a_writer_notices_that_its_ledger_began_anew(home, now, new):
    """Who still knows the ledger before does not write into the one after."""
    home.filled(3)
    with home.open() as ledger:
        home.remove()
        with home.open(new=True) as other:
            other.append([new(number) for number in range(10, 15)], now)
        with pytest.raises(LedgerError):
            ledger.append([new(4)], now)


@BOTH
def test_a_chain_longer_than_its_anchor_is_anchored_again(home):
    """A process that ended between its commit and its anchor loses nothing."""
    home.filled(3)
    anchor = home.anchor().read_bytes()
    home.filled(2)
    home.anchor().write_bytes(anchor)

    with home.open(read_only=True) as ledger:
        assert 5 == ledger.verify().length
    assert anchor == home.anchor().read_bytes()
    with home.open() as ledger:
        assert 5 == ledger.verify().length
    assert 5 == json.loads(home.anchor().read_bytes())["length"]


@BOTH
def test_the_anchor_says_how_far_which_ledger_reached(home):
    """The anchor lies beside the key, for its owner alone, and names its ledger."""
    home.filled(2)
    with home.open() as ledger:
        expected = {"length": 2, "head": ledger.verify().head, "ledger": home.name}

    assert expected == json.loads(home.anchor().read_bytes())
    assert 0o600 == stat.S_IMODE(home.anchor().stat().st_mode)


@BOTH
@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"length": -1}', b"[1]", b'{"length": "3", "head": "", "ledger": 1}', b"\xff"]
)
def test_an_anchor_that_cannot_be_read_stops(home, content):
    """An unreadable anchor is not taken for none."""
    home.filled(2)
    home.anchor().write_bytes(content)

    with pytest.raises(LedgerError, match=r"anchor .* cannot be read"):
        home.open()


@BOTH
def test_a_ledger_without_an_anchor_stops(home, now, new):
    """Without an anchor nobody knows what is missing at the end, neither at the start nor later."""
    home.filled(2)
    with home.open() as ledger:
        home.anchor().unlink()
        with pytest.raises(LedgerError, match=r"anchor .* is gone"):
            ledger.append([new(3)], now)
    for read_only in (True, False):
        with pytest.raises(LedgerError, match="what is missing cannot be known"):
            home.open(read_only=read_only)


def test_a_ledger_may_move(home, now, new):
    """A ledger that was moved keeps its history, and its anchor moves with it."""
    home.filled(3)
    before = home.anchor()
    home.path.parent.rename(home.root / "moved")
    home.path = home.root / "moved" / "ledger.sqlite"

    with home.open(read_only=True) as ledger:
        assert 3 == ledger.verify().length
    assert before == home.anchor()
    with home.open() as ledger:
        ledger.append([new(4)], now)
    assert before != home.anchor()
    assert 4 == json.loads(home.anchor().read_bytes())["length"]


@pytest.mark.parametrize("how", ["copied", "cut and moved"])
def test_a_copy_is_not_the_ledger(home, how):
    """What was copied while the original stays, or lost records on its way, has no anchor of its own."""
    home.filled(3)
    copied = home.path.with_name("copy.sqlite")
    home.copy(copied)
    if how == "cut and moved":
        home.remove()
        home.path = copied
        home.execute("DELETE FROM ledger_records WHERE sequence = 3")

    with pytest.raises(LedgerError, match="what is missing cannot be known"):
        Ledger.open(copied, key_file=home.key)


def test_one_ledger_has_one_anchor_whatever_it_is_called(home):
    """A link to the folder, a relative path and a URL name the same ledger."""
    home.filled(2)
    link = home.root / "link"
    link.symlink_to(home.path.parent)
    names = [link / home.path.name, os.path.relpath(home.path), f"sqlite:///{home.path}"]

    assert [2, 2, 2] == [_length(name, home.key) for name in names]


def _length(where, key):
    with Ledger.open(where, key_file=key) as ledger:
        return ledger.length


@BOTH
def test_without_its_key_a_ledger_is_not_trusted(home):
    """A missing key stops, and no other one is made in its place; with the right one back all goes on."""
    home.filled(2)
    key = home.key.read_bytes()
    home.key.unlink()

    for read_only in (True, False):
        with pytest.raises(LedgerError, match=r"key .* is missing") as refused:
            home.open(read_only=read_only)
        assert str(home.key) in refused.value.message
        assert not home.key.exists()
    home.key.write_bytes(key)
    home.key.chmod(0o600)
    with home.open() as ledger:
        assert 2 == ledger.verify().length


@BOTH
def test_with_another_key_nothing_fits(home):
    """A key of the right form that did not seal these records is refused at the first of them."""
    home.filled(2)
    home.key.write_bytes(bytes(32))

    with pytest.raises(LedgerError, match=r"Record 1 .* seal does not fit"):
        home.open()


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        pytest.param(bytes(32), 0o640, "may be read by others", id="the group may read"),
        pytest.param(bytes(32), 0o604, "may be read by others", id="all may read"),
        pytest.param(bytes(31), 0o600, "no key", id="too short"),
        pytest.param(bytes(33), 0o600, "no key", id="too long"),
        pytest.param(b"", 0o600, "no key", id="empty"),
    ],
)
def test_a_key_must_be_one_and_private(home, content, mode, sentence):
    """What is no key, or could have been read by others, seals nothing."""
    home.key.parent.mkdir()
    home.key.write_bytes(content)
    home.key.chmod(mode)

    with pytest.raises(LedgerError, match=sentence):
        home.open()
    assert not home.path.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a key to somebody else")
@pytest.mark.parametrize(
    ("owner", "mode", "expected"),
    [
        pytest.param(0, 0o440, "read", id="root's, mounted for our group"),
        pytest.param(0, 0o444, "refused", id="root's, for all"),
        pytest.param(0, 0o460, "refused", id="root's, and the group may write"),
        pytest.param(4000, 0o440, "refused", id="ours, and for our group"),
        pytest.param(4001, 0o440, "refused", id="another's"),
    ],
)
def test_a_mounted_key_is_read_through_the_group(home, owner, mode, expected):
    """A Secret's file belongs to root and to the pod's group; nobody else's key may be read by a group."""
    for folder in (home.root, home.key.parent):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)
    home.key.write_bytes(bytes(32))
    os.chown(home.key, owner, 4000)
    home.key.chmod(mode)
    child = os.fork()
    if not child:
        code = 1
        with contextlib.suppress(BaseException):
            os.setgroups([])
            os.setgid(4000)
            os.setuid(4000)
            try:
                code = 2 if bytes(32) == read_key(home.key) else 1
            except LedgerError as refused:
                code = 3 if "may be read by others" in refused.message else 1
        os._exit(code)
    _, status = os.waitpid(child, 0)

    assert {"read": 2, "refused": 3}[expected] == os.waitstatus_to_exitcode(status)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(lambda home: home.key.mkdir(parents=True), "key .* cannot be read: Is a directory", id="key"),
        pytest.param(lambda home: home.key.parent.touch(), "cannot be read|cannot be locked", id="folder of the key"),
        pytest.param(lambda home: home.path.mkdir(parents=True), "cannot be used: unable to open", id="ledger"),
        pytest.param(
            lambda home: home.path.parent.touch(), "cannot be read: Not a directory", id="folder of the ledger"
        ),
        pytest.param(
            lambda home: home.path.parent.symlink_to("/proc"), "cannot be (made|used)", id="where nothing is made"
        ),
    ],
)
def test_what_is_in_the_way_is_named(home, make, sentence):
    """A file where a folder must be, or the reverse, is a sentence and no accident."""
    make(home)

    with pytest.raises(LedgerError, match=sentence):
        home.open()


def test_the_key_is_made_once_and_for_its_owner(home):
    """32 random bytes, readable by nobody else, in a folder that nobody else enters; nothing else is left there."""
    home.filled(1)
    key = home.key.read_bytes()
    home.filled(1)

    assert 32 == len(key)
    assert key == home.key.read_bytes()
    assert (0o600, 0o700) == (stat.S_IMODE(home.key.stat().st_mode), stat.S_IMODE(home.key.parent.stat().st_mode))
    assert 0o600 == stat.S_IMODE(home.path.stat().st_mode)
    expected = {home.key, home.anchor(), home.anchor().with_suffix(".lock")}
    assert expected == set(home.key.parent.iterdir())


@BOTH
def test_the_key_is_nowhere_else(home):
    """No other file holds the key, and no sentence or repr shows it."""
    home.filled(3)
    key = home.key.read_bytes()
    others = [path for path in home.root.rglob("*") if path.is_file() and path != home.key]
    with home.open() as ledger:
        shown = repr(vars(ledger)) + repr(vars(ledger._store))

    assert [] == [path for path in others if key in path.read_bytes() or key.hex().encode() in path.read_bytes()]
    assert repr(key) not in shown
    assert key.hex() not in shown


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("/etc/x", "/etc/x/assent/ledger.key"),
        ("", "~/.config/assent/ledger.key"),
        ("rel", "~/.config/assent/ledger.key"),
    ],
)
def test_the_key_lies_in_the_configuration_folder(monkeypatch, variable, expected):
    """The user's configuration folder is where the environment says, when it says so in full."""
    monkeypatch.setenv("XDG_CONFIG_HOME", variable)

    assert Path(expected).expanduser() == default_key()


def test_a_reader_makes_nothing(home):
    """Where there never was a ledger, a reader says so and leaves no trace."""
    with pytest.raises(NotFoundError, match="There is no ledger at"):
        home.open(read_only=True)
    home.path.parent.mkdir()
    home.path.touch()
    with pytest.raises(NotFoundError):
        home.open(read_only=True)

    assert [home.path.parent, home.path] == sorted(home.root.rglob("*"))


def test_an_opened_and_never_written_ledger_may_vanish(home):
    """Where nothing was recorded nothing is missed."""
    home.filled(0)
    shutil.rmtree(home.path.parent)

    with home.open() as ledger:
        assert 0 == ledger.verify().length
