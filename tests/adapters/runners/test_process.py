"""A program is started with nothing of the controller's own, and ends with all that it began."""

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from assent.adapters.runners import ProcessRunner
from assent.api.plans import Execution, Outcome
from assent.errors import RunnerError


def act(laid, plan, execution=None, **options):
    runner = ProcessRunner(laid.programs, laid.secrets, **options)
    assert runner.check(plan) is None
    return runner.act(plan, execution or plan.executions[0])


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        pytest.param("exit 0", Outcome("Succeeded", "The program 'program' ended with 0.", 0), id="success"),
        pytest.param("exit 3", Outcome("Failed", "The program 'program' ended with 3.", 3), id="failure"),
        pytest.param(
            "kill -9 $$", Outcome("Failed", "The program 'program' was ended by signal SIGKILL.", 137), id="signal"
        ),
        pytest.param(
            "echo out; echo err >&2; exit 1",
            Outcome("Failed", "The program 'program' ended with 1.", 1, "out\nerr\n"),
            id="both outputs in order",
        ),
        pytest.param(
            r"printf 'a\377b'", Outcome("Succeeded", "The program 'program' ended with 0.", 0, "a\ufffdb"), id="no text"
        ),
    ],
)
def test_the_exit_code_decides(laid, plan, script, outcome):
    """0 is success, anything else failure, and what was written is kept."""
    laid.program(script)

    assert outcome == act(laid, plan())


def test_the_run_arrives_as_json(laid, plan):
    """Standard input holds who asked for what, parameters of every type as they were given."""
    laid.program("cat")
    parameters = {"text": "ü\n\"'$(id)\0\u2028", "number": 1.5, "list": [1, None, True], "object": {"a": {}}}
    outcome = act(laid, plan(parameters=parameters), Execution("cd" * 16, "vdi-7"))

    assert json.loads(outcome.output) == {
        "request": "acme/vdi",
        "organization": "acme",
        "microservice": "platform/create-workspaces",
        "requester": "juan@acme.example",
        "onBehalfOf": "ana@acme.example",
        "digest": "4c" * 32,
        "execution": "cd" * 16,
        "target": "vdi-7",
        "parameters": parameters,
    }


def test_the_environment_is_made_from_nothing(laid, plan, monkeypatch):
    """No variable of the controller's reaches the program; its home is a fresh folder, gone at the end."""
    for name in ("LD_PRELOAD", "PYTHONPATH", "GIT_DIR", "HTTP_PROXY", "SECRET"):
        monkeypatch.setenv(name, "/canary")
    laid.python(
        "import os, json; print(json.dumps([dict(os.environ), os.getcwd(), os.listdir(), os.getsid(0) == os.getpid()]))"
    )
    environment, folder, content, leads = json.loads(act(laid, plan(), Execution("cd" * 16, "vdi 7 ü")).output)
    environment.pop("LC_CTYPE", None)  # Python's own

    assert {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
        "ASSENT_EXECUTION": "cd" * 16,
        "ASSENT_REQUEST": "acme/vdi",
        "ASSENT_TARGET": "vdi 7 ü",
    } == environment
    assert ([], True) == (content, leads)
    assert not Path(folder).exists()


def test_no_descriptor_is_inherited(laid, plan):
    """Files and sockets that the controller has open stay its own."""
    laid.program("ls /proc/self/fd | wc -l")
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    try:
        assert "4\n" == act(laid, plan()).output  # its own three, and the folder that it lists
    finally:
        os.close(reader)
        os.close(writer)


HOSTILE = [
    "",
    ".",
    "..",
    "../other/program",
    "sub/program",
    "/bin/sh",
    ".hidden",
    "-rf",
    "pro gram",
    "pro\ngram",
    "a\0b",
]
HOSTILE += ["ü", 7, None, "x" * 256, "program;id", "$(id)", "~", "\\program", "program\n"]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: repr(name)[:20])
def test_only_a_plain_name_names_a_program(laid, plan, name):
    """What could be a path, an option or a trick is refused before anything is looked up."""
    laid.program("exit 0")
    laid.program("exit 0", name=".hidden")
    laid.program("exit 0", owner="other")
    runner = ProcessRunner(laid.programs)
    hostile = plan(settings={"program": name})

    assert "is not named by a plain file name" in runner.check(hostile)
    with pytest.raises(RunnerError):
        runner.act(hostile, hostile.executions[0])


@pytest.mark.parametrize("owner", ["..", ".", "", "platform/../other", "/", "-x", "a\0b"])
def test_only_a_plain_name_names_an_owner(laid, plan, owner):
    """An owner's name never leads to another folder."""
    laid.program("exit 0", owner="other")

    assert "no plain one" in ProcessRunner(laid.programs).check(plan(owner=owner))


def _folder(laid):
    (laid.programs / "platform" / "program").mkdir(parents=True)


def _fifo(laid):
    (laid.programs / "platform").mkdir()
    os.mkfifo(laid.programs / "platform" / "program")


def _link(target):
    def make(laid):
        laid.program("exit 0", owner="other")
        (laid.programs / "platform").mkdir()
        (laid.programs / "platform" / "program").symlink_to(target)

    return make


def _folder_link(laid):
    laid.program("exit 0", owner="other")
    (laid.programs / "platform").symlink_to("other")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(lambda laid: None, "There is no program", id="nothing"),
        pytest.param(lambda laid: laid.program("exit 0", owner="other"), "There is no program", id="another owner's"),
        pytest.param(lambda laid: laid.program("exit 0").chmod(0o644), "is not executable", id="not executable"),
        pytest.param(_folder, "no regular file", id="a folder"),
        pytest.param(_fifo, "no regular file", id="a pipe"),
        pytest.param(_link("/bin/true"), "leads out", id="a link to the system"),
        pytest.param(_link("../other/program"), "leads out", id="a link to another owner's"),
        pytest.param(_link("program"), "There is no program", id="a link to itself"),
        pytest.param(_link("nowhere"), "There is no program", id="a link to nothing"),
        pytest.param(_folder_link, "leads out", id="an owner's folder that is another's"),
    ],
)
def test_a_program_is_a_file_of_its_owners(laid, plan, make, sentence):
    """Only a regular, executable file in the owner's own folder is started; the sentence says what is wrong."""
    make(laid)
    runner = ProcessRunner(laid.programs)

    assert sentence in runner.check(plan())
    with pytest.raises(RunnerError, match=sentence):
        runner.act(plan(), plan().executions[0])


def test_a_link_within_the_owners_folder_is_followed(laid, plan):
    """A mounted volume links its files to a folder beside them."""
    laid.program("echo $0", name="v2")
    (laid.programs / "platform" / "program").symlink_to("v2")

    assert "Succeeded" == act(laid, plan()).state


def test_what_cannot_be_executed_was_not_started(laid, plan):
    """A file that the system refuses to execute is no failed run."""
    laid.program("exit 0").write_text("#!/no/such/interpreter\n")
    runner = ProcessRunner(laid.programs)

    with pytest.raises(RunnerError, match="could not be started"):
        runner.act(plan(), plan().executions[0])


def test_who_is_interrupted_leaves_nothing_running(laid, plan):
    """When something stops the controller while a program runs, the program is ended and the error goes on."""
    pid = laid.root / "pid"
    laid.program(f"echo $$ > {pid}; sleep 60")

    def interrupt(_number, _frame):
        if pid.exists() and pid.read_text().strip():
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt):
            ProcessRunner(laid.programs).act(plan(), plan().executions[0])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not _lives_on(pid)


def _wait_for(path):
    end = time.monotonic() + 10
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < end, f"{path.name} was never written"
        time.sleep(0.01)
    return int(path.read_text())


def _lives_on(path):
    """Whether the process whose number is in `path` still runs, well after it was killed.

    A killed process ends when the kernel next gives it a moment, which on a busy machine is not at once.
    """
    end = time.monotonic() + 10
    while _runs(path):
        if time.monotonic() > end:
            return True
        time.sleep(0.01)
    return False


def _runs(path):
    """Whether that process is there; one that waits to be reaped is not."""
    try:
        return Path(f"/proc/{_wait_for(path)}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


FAMILY = """
import os, signal, time, sys
def note(name): open("{root}/" + name, "w").write(str(os.getpid()))
if not os.fork():
    if not os.fork():          # forked twice: nobody waits for it
        {deaf}
        note("grandchild")
        time.sleep(60)
    note("child")
    time.sleep(60)
{deaf}
note("program")
{then}
"""
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


@pytest.mark.parametrize("deaf", ["pass", DEAF], ids=["obedient", "deaf to SIGTERM"])
def test_after_its_time_the_whole_group_is_killed(laid, plan, deaf):
    """A program that does not end in time is ended with all that it forked, and has failed."""
    laid.python(FAMILY.format(root=laid.root, deaf=deaf, then="print('so far', flush=True); time.sleep(60)"))
    start = time.monotonic()
    outcome = act(laid, plan(timeout=1), grace=0.3)

    assert "Failed" == outcome.state
    assert "did not end within 1 s and was killed" in outcome.message
    assert ("so far\n", None) == (outcome.output, outcome.exit_code)
    assert time.monotonic() - start < 30
    assert not any(_lives_on(laid.root / name) for name in ("program", "child", "grandchild"))


def test_a_program_may_clean_up_in_its_last_seconds(laid, plan):
    """A program is asked to end before it is killed; what it says then is kept, and it has failed all the same."""
    laid.python(
        "import signal, sys\n"
        "def clean(*_): print('cleaned'); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, clean)\nprint('ready', flush=True)\nsignal.pause()"
    )
    outcome = act(laid, plan(timeout=1))

    assert ("Failed", "ready\ncleaned\n") == (outcome.state, outcome.output)


def test_what_a_program_leaves_behind_is_ended(laid, plan):
    """A run ends when its program ends: what it left in its group is ended too, and does not hold the run up."""
    wait = f"\nwhile not os.path.exists('{laid.root}/grandchild'): time.sleep(0.01)"
    laid.python(FAMILY.format(root=laid.root, deaf=DEAF, then=wait))
    start = time.monotonic()

    assert "Succeeded" == act(laid, plan()).state
    assert time.monotonic() - start < 30
    assert not any(_lives_on(laid.root / name) for name in ("child", "grandchild"))


def test_a_child_that_escaped_holds_nobody_up(laid, plan):
    """A child in a session of its own may live on with the output open; the run ends with its program."""
    laid.python(
        "import os, time\n"
        f"if not os.fork():\n    os.setsid(); open('{laid.root}/pid', 'w').write(str(os.getpid())); time.sleep(60)\n"
        f"while not os.path.exists('{laid.root}/pid'): time.sleep(0.01)\n"
        "print('done')"
    )
    start = time.monotonic()
    outcome = act(laid, plan())
    os.kill(_wait_for(laid.root / "pid"), signal.SIGKILL)

    assert ("Succeeded", "done\n") == (outcome.state, outcome.output)
    assert time.monotonic() - start < 30


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_flood_is_drained_and_its_end_kept(laid, plan, stream):
    """Who writes without end neither blocks nor fills the memory: the last bytes are kept, the rest counted."""
    laid.python(
        f"import sys\nfor n in range(3000): sys.{stream}.write('x' * 9999 + '\\n')\nsys.{stream}.write('the end\\n')"
    )
    outcome = act(laid, plan(), output_limit=100)
    note, _, kept = outcome.output.partition("\n")

    assert "Succeeded" == outcome.state
    assert f"[{3000 * 10_000 + 8 - 100} bytes left out]" == note
    assert ("x" * 91 + "\nthe end\n") == kept


def test_output_of_just_the_limit_is_kept_whole(laid, plan):
    """Nothing is said to be left out where nothing is."""
    laid.program("printf 1234567890")

    assert "1234567890" == act(laid, plan(), output_limit=10).output
    assert "[1 bytes left out]\n234567890" == act(laid, plan(), output_limit=9).output


@pytest.mark.parametrize(
    "script",
    ["exec <&-; exit 0", "exit 0", "head -c 10 >/dev/null", "sleep 0.2; cat | wc -c >/dev/null"],
    ids=["closes it", "ignores it", "reads a part", "reads it late"],
)
def test_what_a_program_does_with_its_input_is_its_own_matter(laid, plan, script):
    """A megabyte of parameters that nobody reads neither fails nor blocks the run."""
    laid.program(script)

    assert "Succeeded" == act(laid, plan(parameters={"text": "x" * 1_000_000})).state


def test_the_input_is_closed_behind_the_run(laid, plan):
    """A program that reads to the end finds one."""
    laid.program("wc -c")
    size = len("x" * 300_000)

    assert int(act(laid, plan(parameters={"text": "x" * size})).output) > size


def test_a_program_that_closed_its_output_is_waited_for(laid, plan):
    """The end of the output is not the end of the program."""
    laid.program("exec >&- 2>&-; sleep 0.3; exit 7")

    assert 7 == act(laid, plan()).exit_code


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(("ok", "a\0b"), "Argument 2 holds a NUL", id="NUL"),
        pytest.param(("\ud800",), "Argument 1 holds half of a character", id="surrogate"),
        pytest.param(("x" * (128 * 1024),), "longer than 131071 bytes", id="one too long"),
        pytest.param(("x" * 100_000,) * 11, "longer than 1048576 bytes together", id="all too long"),
    ],
)
def test_rule_31_what_cannot_arrive_is_refused_before_the_claim(laid, plan, arguments, sentence):
    """Rule 31: an argument that no program can be given is refused by `check` and by `act`, and nothing is started."""
    laid.program(f"touch {laid.root}/ran")
    runner = ProcessRunner(laid.programs)
    hostile = plan(executions=(Execution("ab" * 16, None, arguments),))

    assert sentence in runner.check(hostile)
    with pytest.raises(RunnerError, match=sentence):
        runner.act(hostile, hostile.executions[0])
    assert not (laid.root / "ran").exists()


@pytest.mark.parametrize("target", ["a\0b", "\udcff"])
def test_rule_31_a_target_that_cannot_arrive_is_refused(laid, plan, target):
    """Rule 31: targets are in the environment, where a NUL would end them early."""
    laid.program("exit 0")

    assert "The target holds" in ProcessRunner(laid.programs).check(plan(executions=(Execution("ab" * 16, target),)))


def test_a_check_starts_and_changes_nothing(laid, plan):
    """`check` leaves no trace, whatever it finds."""
    laid.program(f"touch {laid.root}/ran")
    before = sorted(laid.root.rglob("*"))
    runner = ProcessRunner(laid.programs, laid.secrets)

    assert runner.check(plan()) is None
    assert runner.check(plan(owner="nobody")) is not None
    assert before == sorted(laid.root.rglob("*"))


def test_programs_may_lie_nowhere(laid, plan):
    """A controller whose folder of programs is missing says so."""
    assert "There is no program 'program' in" in ProcessRunner(laid.root / "missing").check(plan())


def test_a_relative_folder_of_programs_is_found(laid, plan, monkeypatch):
    """The program runs in a folder of its own, and is found from the controller's."""
    laid.program("pwd")
    monkeypatch.chdir(laid.root)
    outcome = ProcessRunner(Path("programs")).act(plan(), replace(plan().executions[0]))

    assert "Succeeded" == outcome.state
    assert str(laid.root) not in outcome.output
