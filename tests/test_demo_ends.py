"""However the demo is ended, all of it ends, and says so."""

import os
import signal
import time

import pytest

from assent.__main__ import main
from assent.cli.demos import asked, children
from demos import CTRL_C, PATIENCE, SOON, UNTOLD, at_a_terminal, running


@pytest.mark.slow
def test_whoever_presses_twice_is_not_heard_twice(tmp_path):
    """Somebody who is impatient leaves nothing behind."""
    with at_a_terminal(tmp_path, UNTOLD) as demo:
        demo.address("Mailbox")
        demo.types(CTRL_C)
        code, seconds = demo.end(demo.types, CTRL_C * 3)

    assert (0, True) == (code, seconds < SOON), demo.printed
    assert [] == demo.left


@pytest.mark.slow
def test_closing_its_terminal_ends_all_of_it(tmp_path):
    """Nothing goes on where nobody sees it any more."""
    with at_a_terminal(tmp_path, UNTOLD) as demo:
        demo.address("Mailbox")
        demo.process.kill()
        _gone(lambda: demo.left)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_all_of_it(tmp_path, number):
    """Whoever asks it alone to end has asked all that it started."""
    with running(tmp_path, UNTOLD) as demo:
        demo.address("Mailbox")
        code, seconds = demo.end(os.kill, demo.process.pid, number)

    assert (0, True) == (code, seconds < SOON), demo.printed
    assert [] == demo.left


@pytest.mark.slow
def test_nothing_outlives_a_killed_demo(tmp_path):
    """What it started ends although nobody could ask it to; the folder stays."""
    with running(tmp_path, UNTOLD) as demo:
        demo.address("Mailbox")
        assert 2 <= len(demo.processes())
        demo.process.kill()
        _gone(demo.processes)


@pytest.mark.slow
def test_one_that_ends_by_itself_is_told(tmp_path):
    """Which one, how, and the last lines of its log; the others end too."""
    with running(tmp_path, UNTOLD) as demo:
        demo.address("Mailbox")
        os.kill(demo.processes("portal")[0], signal.SIGKILL)
        code = demo.process.wait(PATIENCE)

    assert "assent: the demo's panel has ended by itself, with -9; the end of its log:\n  2" in demo.printed
    assert 1 == code
    assert [] == demo.left


def test_a_log_is_quoted_by_whole_lines(tmp_path):
    """Its last ones, however long each is."""
    log = tmp_path / "panel.log"
    lines = [f"line {number} " + "x" * 200 for number in range(40)]
    log.write_text("\n".join(lines) + "\n")

    told = children.Child("panel", None, log).broken("did not start").message.splitlines()

    assert [f"  {line}" for line in lines[-children.LINES :]] == told[1:]


def test_a_signal_that_a_command_takes_is_heard_all_the_same():
    """A pass of the controller ends in order and says nothing of it; the story still ends."""
    with asked.heard() as ending:
        signal.signal(signal.SIGINT, lambda *_: None)
        os.kill(os.getpid(), signal.SIGINT)
        heard = [ending(), ending()]

    assert [True, False] == heard


def test_only_the_first_one_is_listened_to():
    """A second one, however soon, does not break off what the first one has begun to clear up."""
    with asked.heard() as ending:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        for number in asked.ENDING:
            os.kill(os.getpid(), number)

        assert ending()


def test_one_that_was_lost_is_heard_at_the_next_look():
    """An exception that somebody's finalizer swallows would otherwise be the last that is listened to."""
    with asked.heard() as ending:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            children.watch([], ending)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("kept", "kept is not empty: each demo is a world of its own\nhint: name a new folder\n"),
        ("kept/file", "kept/file is a file, or lies below one\nhint: name a new folder\n"),
        ("kept/file/below", "below is a file, or lies below one\nhint: name a new folder\n"),
    ],
    ids=["taken", "file", "below a file"],
)
def test_a_world_is_kept_in_a_new_folder_alone(tmp_path, capsys, place, said):
    """A second time under the same name is wrong usage, and nothing there is touched."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("mine")

    assert 2 == main(["demo", "--once", "--keep", str(tmp_path / place)])
    assert capsys.readouterr().err.endswith(said)
    assert ["file"] == [path.name for path in (tmp_path / "kept").iterdir()]


def _gone(what):
    """Until nothing of it is there any more."""
    end = time.monotonic() + 3 * SOON
    while found := what():
        assert time.monotonic() < end, found
        time.sleep(0.1)
