"""What reaches a program, and what stays out of everything else (rules 31 and 43)."""

import json
import os

import pytest

from assent.__main__ import main
from assent.adapters.documents import edit
from controller import declared, history, processes
from controller.deciding import ask
from controller.ground import acting

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

CANARY = "s3cr3t-CANARY-0123456789"
PARAMETERS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["password"],
    "properties": {"password": {"type": "object", "secret": True}, "text": {"type": "string"}},
}
LEAK = 'cat | tee "$here/told"; echo "again: $(cat "$here/told")" >&2; exit {code}'
"""A program that says aloud all that it was told, twice."""


@pytest.fixture
def leaking(ground):
    """Microservices whose programs repeat their secret; the secret lies in the operator's folder."""
    folder = ground.root / "secrets" / "acme"
    folder.mkdir(parents=True)
    (folder / "door").write_text(CANARY + "\n")
    for name, code in (("leak", 0), ("burst", 3)):
        ground.program(name, LEAK.format(code=code))
    services = [declared.service(name, program=name, parameters=PARAMETERS, arguments=[]) for name in ("leak", "burst")]
    ground.commit("olivia", *services)
    return ground


def secretly(name, microservice, where="door"):
    return declared.request(name, microservice, parameters={"password": {"secretRef": where}})


def holding(folder, *except_for):
    """The files below a folder that hold the canary anywhere."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix() for path in files if CANARY.encode() in path.read_bytes()} - set(
        except_for
    )


def test_rule_43_a_secret_is_nowhere_but_in_its_secret(leaking, capfd):
    """Rule 43: the program had it; ledger, repository, output, status, log and anchors do not, whatever it says."""
    root = leaking.head()
    leaking.commit("juan", secretly("good", "leak"), secretly("bad", "burst"), secretly("lost", "leak", "no-such"))
    ran = processes.controller(
        leaking, "--trust-root", root, "--secrets", leaking.root / "secrets", "--allow-secrets", "platform"
    ).wait()
    told = [ran.out, ran.err]
    for command in COMMANDS:
        with acting(leaking.environment("alba"), leaking.repository):
            assert 0 == main([*command, "--ledger-key", str(leaking.key)])
        told += capfd.readouterr()

    assert 0 == ran.code
    assert CANARY == json.loads((leaking.root / "told").read_text())["parameters"]["password"]
    assert set() == holding(leaking.root, "secrets/acme/door", "told")
    assert [] == [text for text in told if CANARY in text]
    results = [record.body["output"] for record in leaking.records() if record.kind == "recorded"]
    assert 2 == len(results)
    assert all("again: " in text and "door" in text for text in results)


COMMANDS = [
    ["get", "requests", "-n", "acme", "-o", "json"],
    ["get", "request", "good", "-n", "acme", "-o", "yaml"],
    ["explain", "request", "bad", "-n", "acme"],
    ["ledger", "show", "-o", "json"],
    ["ledger", "show"],
]


def test_rule_43_a_secret_that_is_missing_holds_and_names_it_alone(leaking):
    """Rule 43: what is not there is named, and the run waits for it."""
    root = leaking.head()
    leaking.commit("juan", secretly("lost", "leak", "no-such"))
    processes.controller(
        leaking, "--trust-root", root, "--secrets", leaking.root / "secrets", "--allow-secrets", "platform"
    ).wait()

    (held,) = [record.body for record in leaking.records() if record.kind == "held"]
    assert "no-such" in held["message"]
    assert [] == leaking.started()


def test_rule_43_a_value_in_a_secrets_place_is_refused(leaking, passing):
    """Rule 43: a secret is given by its name; a value there is refused, and not repeated by what refuses it."""
    value = declared.request("vdi", "leak", parameters={"password": CANARY})
    leaking.commit("juan", value)
    passing.rest()

    assert ("Submitted", "ParametersRefused") == (passing.phase("vdi"), passing.reason("vdi"))
    assert CANARY not in json.dumps(passing.explain("vdi"))


BYTES = {
    "shell": "$(touch /tmp/x); `id` | cat > y && $HOME",
    "quotes": "'\" \\' \\\\ \\n",
    "leading dash": "--option=value",
    "variables": "$(VAR) ${VAR} %PATH%",
    "globs": "* ? [a-z] ~ {a,b}",
    "unicode": "ñ 漢字 😀 é",
    "spaces": "  a   b  ",
    "nothing": "",
    "templates": "{{ .Values.x }} {% x %} #{x}",
}


@pytest.mark.parametrize("text", BYTES.values(), ids=BYTES)
def test_rule_31_a_parameter_reaches_the_program_byte_for_byte(ground, passing, text):
    """Rule 31: no shell and no template language stands between the request and the program's argv."""
    ground.program("echo-arguments", 'shift; printf "%s" "$1" > "$here/argument"')
    ground.commit("olivia", declared.service("exact", program="echo-arguments"))
    ask(ground, passing, "exact", parameters={"text": text})

    assert "Succeeded" == passing.phase("vdi"), passing.explain("vdi")
    assert text.encode() == (ground.root / "argument").read_bytes()


@pytest.mark.parametrize("text", ["one\\ntwo", "bell\\a", "left\\u202eright", "nul\\0"])
def test_rule_31_a_parameter_that_cannot_be_shown_is_refused(ground, passing, text):
    """Rule 31: control characters and bidirectional overrides reach no program; the document is refused."""
    file = edit.dump(declared.request("vdi", "note", parameters={"text": "here"}))
    ground.commit("juan", files={"requests/acme/vdi.yaml": file.replace(b"here", f'"{text}"'.encode())})
    passing.rest()

    assert [] == ground.started()
    assert history.ref("vdi") not in passing.state.cases


def test_rule_31_a_parameter_that_reads_as_an_option_is_refused(ground, passing):
    """Rule 31: without `--` in front, a value that begins with a dash never reaches the program."""
    arguments = [{"parameter": "text"}]
    ground.commit("olivia", declared.service("bare", arguments=arguments))
    ask(ground, passing, "bare", parameters={"text": "--force"})

    assert "ParametersRefused" == passing.reason("vdi")
    assert [] == ground.started()


def test_the_programs_environment_holds_nothing_of_the_controllers(ground):
    """Neither the controller's variables nor its open files reach a program."""
    ground.program("look", 'env > "$here/environment"; ls /proc/self/fd > "$here/open"')
    root = ground.head()
    ground.commit("olivia", declared.service("look", program="look"))
    ground.commit("juan", declared.request("vdi", "look"))
    processes.controller(
        ground, "--trust-root", root, prepare=lambda: os.environ.update(CANARY=CANARY, LD_PRELOAD="")
    ).wait()
    names = {text.partition("=")[0] for text in (ground.root / "environment").read_text().splitlines()}

    assert {"PATH", "LANG", "HOME", "TMPDIR", "ASSENT_EXECUTION", "ASSENT_REQUEST", "PWD"} >= names - {
        "_",
        "OLDPWD",
        "SHLVL",
    }
    assert {"0", "1", "2", "3"} >= {*(ground.root / "open").read_text().split()}
