"""Contenders in processes of their own: built once, then asked in turns, so that none has another's memory or cache.

A worker is a class that is named as `module:Class` and made with its arguments. Where it has `prepare`, that is called
before `build`; both are timed, and how much the process grew by then is told.
"""

import gc
import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

ROOT = Path(__file__).parents[1]


class WorkerError(Exception):
    """A worker ended, or could not be built."""


class Worker:
    """One contender's process. `built` is how it came to be: seconds of `prepare` and `build`, and MiB of growth."""

    def __init__(self, target: str, **given: Any) -> None:  # noqa: ANN401 -- JSON
        self.target = target
        command = [sys.executable, "-m", "bench.workers", target, json.dumps(given)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.built: dict[str, float] = self._answer()

    def ask(self, method: str, *given: Any) -> Any:  # noqa: ANN401 -- JSON
        """What the worker's method gives."""
        if self._process.stdin:
            self._process.stdin.write(json.dumps([method, given]) + "\n")
            self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:  # noqa: ANN401 -- JSON
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise WorkerError(f"{self.target} ended with {self._process.wait()}; what it said stands above")
        return json.loads(line)

    def close(self) -> None:
        """Ends the process."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def mebibytes() -> float:
    """What this process holds in memory."""
    return float(psutil.Process().memory_info().rss) / (1 << 20)


def _serve(target: str, given: dict[str, Any]) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    module, _, name = target.partition(":")
    worker = getattr(importlib.import_module(module), name)(**given)
    gc.collect()
    gc.disable()  # nothing that is built is dropped
    before = mebibytes()
    began = time.perf_counter()
    if hasattr(worker, "prepare"):
        worker.prepare()
    prepared = time.perf_counter()
    worker.build()
    built = time.perf_counter()
    gc.enable()
    gc.collect()
    told = {"prepare": prepared - began, "build": built - prepared, "mebibytes": mebibytes() - before}
    print(json.dumps(told), file=answers, flush=True)
    gc.freeze()
    for line in sys.stdin:
        method, arguments = json.loads(line)
        print(json.dumps(getattr(worker, method)(*arguments)), file=answers, flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1], json.loads(sys.argv[2]))
