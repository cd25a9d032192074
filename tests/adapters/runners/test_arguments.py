"""Rule 31: what a person wrote arrives at the program byte for byte, and is never read by anything on the way."""

import random
import sys
from dataclasses import replace

import pytest

from assent.adapters.runners import ProcessRunner
from assent.api.plans import Execution
from assent.errors import RunnerError

COUNT, BATCH = 100_000, 4_000
PIECES = [
    *"$`'\"\\|&;<>(){}[]*?!#~%^=+-_.,:/@ \t\n\r\x01\x07\x08\x0b\x1b\x7f",
    *["$(id)", "`id`", "${IFS}", "$(VAR)", "%s%n", "{0.__globals__}", "--", "--help", "-rf", "/../", "\\x00", "%00"],
    *[
        "\r\n",
        "\u2028",
        "\u202e",
        "\ufeff",
        "é",
        "e\u0301",
        "ß",
        "日本",
        "\U0001f600",
        "\ufffd",
        "\uffff",
        "\x85",
        "\xa0",
    ],
    *["a", "B", "7", "word", "'; DROP TABLE x; --", "&&reboot", "<!--", "{{7*7}}", "\\\n", "*", "~root"],
]
REFUSED = ["\0", "a\0b", "\ud800", "\udcff", "x\udfff"]
ECHO = "import sys\nsys.stdout.buffer.write(open('/proc/self/cmdline', 'rb').read())"


def strings(source, count):
    """Random strings: of hostile pieces, of any characters, empty ones, and some that no program can be given."""
    for number in range(count):
        if number % 997 == 0:
            yield source.choice(REFUSED)
        elif number % 3:
            yield "".join(source.choices(PIECES, k=source.randrange(8)))
        else:
            yield "".join(map(_character, source.choices(range(1, 0x10F7FF), k=source.randrange(12))))


def _character(number):
    """Any character but NUL and the surrogates."""
    return chr(number if number < 0xD800 else number + 0x800)


def test_rule_31_every_string_arrives_byte_exact_or_is_refused(laid, plan):
    """Rule 31: each of 100,000 random strings arrives as it was, or its run is refused and nothing starts."""
    laid.python(ECHO)
    runner = ProcessRunner(laid.programs, output_limit=1 << 30)
    source = random.Random(31)
    delivered, refused, batch = 0, 0, ["--"]
    for text in strings(source, COUNT):
        if text in REFUSED:
            refused += _refused(runner, plan(), text)
            continue
        batch.append(text)
        if len(batch) > BATCH:
            delivered += _delivered(runner, plan(), batch)
            batch = ["--"]
    delivered += _delivered(runner, plan(), batch)

    assert (COUNT - refused, -(-COUNT // 997)) == (delivered, refused)


def _refused(runner, plan, text):
    hostile = replace(plan, executions=(Execution("ab" * 16, None, ("--", text)),))
    assert "Argument 2 holds" in runner.check(hostile)
    with pytest.raises(RunnerError, match="Argument 2 holds"):
        runner.act(hostile, hostile.executions[0])
    return 1


def _delivered(runner, plan, arguments):
    batch = replace(plan, executions=(Execution("ab" * 16, None, tuple(arguments)),))
    assert runner.check(batch) is None
    outcome = runner.act(batch, batch.executions[0])
    assert "Succeeded" == outcome.state
    received = outcome.output.removesuffix("\0").split("\0")
    # The interpreter's own words come first: its path, its options and the script's.
    assert arguments == received[-len(arguments) :]
    assert received[0].startswith(sys.executable[:4])
    return len(arguments) - 1


LONE = ["", "-", "--", "$(touch pwned)", "a\nb", "a b", "'", '"', "\\", "*", "\U0001f511", "\x7f", "-" * 100_000]


@pytest.mark.parametrize("text", LONE, ids=lambda text: repr(text[:20]))
def test_rule_31_a_lone_string_arrives(laid, plan, text):
    """Rule 31: the same for each of the classic strings on its own, and for one of 100,000 characters."""
    laid.python(ECHO)
    outcome = ProcessRunner(laid.programs, output_limit=1 << 20).act(plan(), Execution("ab" * 16, None, (text, "end")))

    assert outcome.output.endswith(f"program\0{text}\0end\0")
