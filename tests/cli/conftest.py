"""Runs commands as people do: arguments in; exit code and both streams out."""

from typing import NamedTuple

import pytest

from assent.__main__ import main


class Ran(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


@pytest.fixture
def assent(capsys):
    """`assent("can", "maria", …)` in this process."""

    def run(*arguments):
        code = main([str(one) for one in arguments])
        return Ran(code, *capsys.readouterr())

    return run
