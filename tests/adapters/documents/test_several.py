"""Many files loaded by two processes say what each says by itself, and a process that dies is told of."""

import errno
import fcntl
import marshal
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.documents import bad_inputs
from assent.adapters import fork
from assent.adapters.documents import Reading, load, several
from assent.errors import RepositoryError

ORGANIZATION = (
    "apiVersion: assent.dev/v1alpha1\nkind: Organization\nmetadata: {{name: o{0}}}\nspec: {{x: [{0}, 0.5]}}\n"
)
ODD = {
    3: b"a: &x 1 # assent.dev\n",
    7: b"kind: ConfigMap\n",
    70: b"\xff assent.dev",
    71: (ORGANIZATION.format(1) + "---\n" + ORGANIZATION.format(2)).encode(),
    290: b"a: [ # assent.dev",
}


def files(count):
    return [(f"{at:03}.yaml", ODD.get(at, ORGANIZATION.format(at).encode())) for at in range(count)]


def alone(given):
    """What comes of the files where each is loaded by itself."""
    return [(at, one, load(one[1], one[0]) if b"assent.dev" in one[1] else None) for at, one in enumerate(given)]


@pytest.mark.parametrize("count", [0, 1, 64, 256, 257, 300, 400])
@pytest.mark.parametrize("cores", [1, 2])
def test_what_comes_out_is_what_each_file_says(count, cores):
    """On one core or two, and whoever took which files."""
    found = sorted(Reading(files(count), cores=cores).loaded(), key=lambda one: one[0])

    assert alone(files(count)) == found


def test_what_is_too_much_to_hand_over_is_loaded_all_the_same(monkeypatch):
    """Beyond as many jobs as a pipe has room for, this process does the rest."""
    monkeypatch.setattr(several, "MOST", 5)

    assert alone(files(400)) == sorted(Reading(files(400), cores=2).loaded(), key=lambda one: one[0])


def test_the_other_process_loads_as_this_one_does():
    """What it sends for a file: its documents, nothing for somebody else's file, and that something is wrong."""
    jobs, results = os.pipe(), os.pipe()
    inbox, outbox = os.memfd_create("in"), os.memfd_create("out")
    try:
        given = files(8)
        fork._post(4, marshal.dumps(given), inbox, 0, jobs[1])
        os.close(jobs[1])
        fork.answer(several._plain, (jobs[0], inbox), (results[1], outbox))
        number, start, length = fork._note(results[0])
        said = marshal.loads(os.pread(outbox, length, start))  # noqa: S302 -- written a line above
    finally:
        for one in (jobs[0], *results, inbox, outbox):
            os.close(one)

    assert 4 == number
    assert [several._loaded(*one) for one in zip(given, said, strict=True)] == [one for *_, one in alone(given)]
    assert (0, None) == (said[3], said[7])


def opened():
    return {one.name for one in Path("/proc/self/fd").iterdir()}


def children():
    """The processes that this one has started and not waited for; whoever ran tests here before may have left some."""
    return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


@pytest.mark.parametrize("taken", [0, 1, 400])
def test_nothing_is_left_behind(taken):
    """However far somebody reads, process and pipes are given back."""
    before = opened(), children()
    reading = Reading(files(400), cores=2)
    found = reading.loaded()
    for _ in range(taken):
        next(found)
    found.close()
    reading.end()

    assert before == (opened(), children())


def test_nothing_is_left_behind_where_the_files_cannot_be_read():
    """An error on the way through the folder ends the process that had begun to load."""
    before = opened(), children()

    def broken():
        yield from files(300)
        raise RepositoryError("a folder cannot be read")

    with pytest.raises(RepositoryError, match="a folder"):
        Reading(broken(), cores=2)
    assert before == (opened(), children())


@pytest.mark.parametrize("name", ["fork", "memfd_create"])
def test_a_machine_that_gives_no_process_is_enough(monkeypatch, name):
    """Where no second process can be had, the first does it all, and keeps nothing of the attempt."""

    def refused(*_):
        raise OSError(errno.EAGAIN, "no process")

    before = opened()
    monkeypatch.setattr(os, name, refused)

    assert alone(files(400)) == sorted(Reading(files(400), cores=2).loaded(), key=lambda one: one[0])
    assert before == opened()


def test_pipes_without_room_for_every_note_are_not_used(monkeypatch):
    """Linux gives one page to a user who has many: both processes would wait for ever for the other to read."""
    real = os.pipe

    def small():
        ends = real()
        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, 4096)
        return ends

    before = opened()
    monkeypatch.setattr(os, "pipe", small)

    assert fork.started(failed) is None
    assert before == opened()
    assert alone(files(400)) == sorted(Reading(files(400), cores=2).loaded(), key=lambda one: one[0])


IGNORING = """
import marshal, signal, sys
from assent.adapters import fork
from assent.adapters.documents import Reading

files = marshal.loads(sys.stdin.buffer.read())
assert fork.cores_free() == 1
assert len(files) == len(list(Reading(files).loaded()))
"""


def test_where_ended_processes_are_forgotten_there_is_none():
    """Whoever ignores SIGCHLD hands that down to what they start, and nobody could wait for a second process."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        code = [sys.executable, "-c", IGNORING]
        with subprocess.Popen(code, stdin=subprocess.PIPE, stderr=subprocess.PIPE, restore_signals=False) as started:
            _, said = started.communicate(marshal.dumps(files(400)))
    finally:
        signal.signal(signal.SIGCHLD, before)

    assert said == b""


def killed(_):
    os.kill(os.getpid(), signal.SIGKILL)


def failed(_):
    raise OSError(errno.EIO, "broken")


@pytest.mark.parametrize(
    ("work", "error", "text"),
    [(killed, RepositoryError, "ended by signal 9"), (failed, RuntimeError, "ended with 1")],
)
def test_a_process_that_ends_before_its_work_is_told_of(work, error, text):
    """Nothing is lost in silence: what was not loaded is an error, whoever ended the process."""
    before = opened()
    other = fork.Helper(work)
    other.give(0, [])
    while fork.select([other._jobs], [], [], 0)[0]:
        pass
    other.all_given()

    with pytest.raises(error, match=text):
        list(other.finish(1, lambda _: pytest.fail("it was taken")))
    other.end()
    assert before == opened()


GOOD = b"""\
plain: text
"quoted": 'single'
key with blanks: 1.25
block: |
  two
  lines
folded: >-
  one
  line
nested:
- [a, {b: c, 'd': "e\\u00e9"}]
- - deeper
  - {}
"""
LIGHT = """
import marshal, sys
from assent.adapters.documents import events, load
from yaml.events import ScalarEvent

texts = marshal.loads(sys.stdin.buffer.read())
stock = [load(data) for data in texts]
events.lighten()
assert events.Scalar is not ScalarEvent
assert stock[0].documents
assert stock == [load(data) for data in texts]
made = events.Scalar
events.lighten()
assert made is events.Scalar
"""


def test_light_events_say_what_stock_ones_say():
    """Every text, accepted or refused, means the same with the structs in place of PyYAML's events."""
    bad = [data for _, (data, _) in bad_inputs.cases() if len(data) < 10_000]
    texts = [GOOD, *(data for _, data in files(80)), *bad]

    subprocess.run([sys.executable, "-c", LIGHT], input=marshal.dumps(texts), check=True)
