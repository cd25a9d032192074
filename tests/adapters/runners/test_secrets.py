"""Rule 43: a secret's value is in the program's standard input or the call, and nowhere else."""

import base64
import hashlib
import json
from urllib.parse import quote

import pytest

from assent.adapters.runners import ProcessRunner
from assent.adapters.runners.vault import Hidden, Secret, Vault
from assent.api.plans import Execution
from assent.errors import RunnerError

CANARY = "canary-7f3a\"\\ü/+%&<'€"
SECRETS = {"parameters": {"password": {"secretRef": "admin"}}, "secrets": {"password": "admin"}}
SPY = """
import sys, json, hashlib
text = sys.stdin.read()
for name in ("cmdline", "environ"):
    open("{root}/" + name, "wb").write(open("/proc/self/" + name, "rb").read())
password = json.loads(text)["parameters"]["password"]
print(hashlib.sha256(password.encode()).hexdigest(), flush=True)
{say}
"""


def act(laid, plan, say="", **options):
    laid.python(SPY.format(root=laid.root, say=say))
    laid.secret("admin", CANARY + "\n")
    runner = ProcessRunner(laid.programs, laid.secrets, trusted=["platform"], **options)
    assert runner.check(plan(**SECRETS)) is None
    return runner.act(plan(**SECRETS), Execution("ab" * 16, "vdi-1", ("--", "argument")))


def pieces(value):
    """Forms of the value that must not be found."""
    raw = value.encode()
    return [raw, json.dumps(value)[1:-1].encode(), base64.b64encode(raw), quote(value).encode()]


def test_rule_43_a_secret_reaches_the_program_on_standard_input_alone(laid, plan):
    """Rule 43: the program has the very value, while its command line, its environment and all files are free of it."""
    outcome = act(laid, plan)
    files = [path for path in laid.root.rglob("*") if path.is_file() and not path.is_relative_to(laid.secrets)]

    assert hashlib.sha256(CANARY.encode()).hexdigest() == outcome.output.strip()
    assert {"cmdline", "environ"} < {path.name for path in files}
    assert [] == [(path, piece) for path in files for piece in pieces(CANARY) if piece in path.read_bytes()]


@pytest.mark.parametrize(
    ("say", "said"),
    [
        pytest.param("print('pw', password, 'x')", "pw [secret admin] x\n", id="as it is"),
        pytest.param("print(password * 3)", "[secret admin]" * 3 + "\n", id="three times on end"),
        pytest.param("print(json.dumps([password]))", '["[secret admin]"]\n', id="as JSON in ASCII"),
        pytest.param("print(json.dumps([password], ensure_ascii=False))", '["[secret admin]"]\n', id="as JSON"),
        pytest.param("print(password, file=sys.stderr)", "[secret admin]\n", id="on standard error"),
        pytest.param(
            "import base64; print(base64.b64encode(password.encode()).decode())", "[secret admin]\n", id="Base64"
        ),
        pytest.param("import urllib.parse as u; print(u.quote(password))", "[secret admin]\n", id="in a URL"),
        pytest.param("print(password[:-1], end='')", "[secret admin]", id="broken off"),
        pytest.param(
            "sys.stdout.flush(); import time, os\nfor c in password: os.write(1, c.encode()); time.sleep(0.01)",
            "[secret admin]",
            id="letter by letter",
        ),
    ],
)
def test_rule_43_a_secret_that_is_written_is_not_kept(laid, plan, say, said):
    """Rule 43: whatever way a program writes its secret, the output that is kept has its name instead."""
    outcome = act(laid, plan, say)

    assert said == outcome.output.partition("\n")[2]
    assert [] == [piece for piece in pieces(CANARY) if piece in repr(outcome).encode()]


@pytest.mark.parametrize("limit", range(1, 90, 4))
def test_rule_43_a_secret_at_the_edge_of_what_is_kept_is_not_halved(laid, limit):
    """Rule 43: where the tail begins within a secret, no part of that is kept."""
    from assent.adapters.runners.process import _Tail  # noqa: PLC0415

    tail = _Tail(limit, Hidden([Secret("admin", "0123456789abcdef")]))
    for byte in b"x" * 100 + b"0123456789abcdef" + b"y" * 40:
        tail.add(bytes([byte]))
    kept = tail.text().partition("\n")[2]

    assert set(kept.replace("[secret admin]", "")) <= set("xy")
    assert kept.endswith("y" * min(limit, 40))


def test_rule_43_every_secret_of_a_run_is_hidden(laid, plan):
    """Rule 43: several secrets, one of which holds another, leave nothing of any."""
    laid.secret("short", "hunter2")
    laid.secret("long", "prefix-hunter2-suffix")
    laid.secret("lines", "-----BEGIN-----\nfirst line of it\nsecond line of it\n-----END-----\n")
    laid.program("cat; echo; echo hunter2 prefix-hunter2-suffix; echo second line of it")
    names = {"a": "short", "b": "long", "c": "lines"}
    document = plan(secrets=names, parameters={name: {"secretRef": value} for name, value in names.items()})
    output = (
        ProcessRunner(laid.programs, laid.secrets, trusted=["platform"]).act(document, document.executions[0]).output
    )

    assert {"a": "[secret short]", "b": "[secret long]", "c": "[secret lines]"} == json.loads(output.split("\n")[0])[
        "parameters"
    ]
    assert ["[secret short] [secret long]", "[secret lines]", ""] == output.split("\n")[1:]


def test_rule_43_a_secret_after_the_time_is_over_is_not_kept(laid, plan):
    """Rule 43: a program that is killed while it writes its secret leaves no part of that either."""
    laid.secret("admin", CANARY)
    laid.python(
        "import sys, json, time\npassword = json.load(sys.stdin)['parameters']['password']\n"
        "sys.stdout.write('x' * 50 + password[:12]); sys.stdout.flush(); time.sleep(60)"
    )
    runner = ProcessRunner(laid.programs, laid.secrets, trusted=["platform"], grace=0.1)
    outcome = runner.act(plan(timeout=1, **SECRETS), plan().executions[0])

    assert ("Failed", "x" * 50 + "[secret admin]") == (outcome.state, outcome.output)


@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        pytest.param("admin", lambda laid: None, "There is no secret 'admin'", id="none"),
        pytest.param(
            "admin", lambda laid: laid.secret("admin", "x", owner="other"), "There is no secret", id="another's"
        ),
        pytest.param("admin", lambda laid: laid.secret("admin", "\n"), "is empty", id="empty"),
        pytest.param("admin", lambda laid: laid.secret("admin", CANARY * 5000), "is empty or longer", id="too long"),
        pytest.param(
            "admin", lambda laid: laid.secret("admin", "").write_bytes(b"canary\xff"), "as text", id="no text"
        ),
        pytest.param(
            "admin", lambda laid: (laid.secrets / "acme" / "admin").mkdir(parents=True), "no regular", id="folder"
        ),
        pytest.param("../other/admin", lambda laid: laid.secret("admin", "x", owner="other"), "plain", id="a path"),
        pytest.param(".hidden", lambda laid: laid.secret(".hidden", "x"), "plain file name", id="hidden"),
    ],
)
def test_rule_43_what_is_wrong_with_a_secret_is_said_without_it(laid, plan, name, make, sentence):
    """Rule 43: a secret that cannot be used is refused before the claim, by name; its content is in no sentence."""
    laid.program("exit 0")
    make(laid)
    runner = ProcessRunner(laid.programs, laid.secrets, trusted=["platform"])
    document = plan(secrets={"password": name}, parameters={})

    assert sentence in runner.check(document)
    with pytest.raises(RunnerError, match=sentence) as refused:
        runner.act(document, document.executions[0])
    assert "canary" not in f"{refused.value!r} {refused.value.__cause__!r} {runner.check(document)}"


def test_a_controller_without_secrets_says_so(laid, plan):
    """A plan that needs a secret is refused where no folder of secrets was named."""
    laid.program("exit 0")

    assert "was given no folder of secrets" in ProcessRunner(laid.programs, trusted=["platform"]).check(plan(**SECRETS))
    assert ProcessRunner(laid.programs).check(plan()) is None


@pytest.mark.parametrize(
    ("content", "value"),
    [("x", "x"), ("x\n", "x"), ("x\r\n", "x"), ("x\n\n", "x\n"), (" x ", " x "), ("a\nb\n", "a\nb"), ("ü\0", "ü\0")],
)
def test_one_line_feed_at_the_end_is_the_editors(laid, content, value):
    """A file's last line feed is no part of the secret; everything else is."""
    (laid.secrets / "acme").mkdir()
    (laid.secrets / "acme" / "name").write_bytes(content.encode())

    assert value == Vault(laid.secrets).secret("acme", "name").value


def test_no_repr_shows_a_value(laid):
    """What a traceback or a log might print of a secret is its name."""
    assert CANARY not in repr(Secret("admin", CANARY))
    assert "'admin'" in repr(Secret("admin", CANARY))


def test_a_long_secret_is_searched_for_in_little_time(laid, plan):
    """A secret of 60,000 equal characters, written over and over, costs no more than a moment."""
    laid.secret("admin", "a" * 60_000)
    laid.program("head -c 300000 /dev/zero | tr '\\0' a")
    document = plan(**SECRETS, timeout=10)
    outcome = ProcessRunner(laid.programs, laid.secrets, trusted=["platform"]).act(document, document.executions[0])

    assert "aaaa" not in outcome.output
