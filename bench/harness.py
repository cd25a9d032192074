"""How it is measured: rounds in which every contender has its turn, and figures that are ratios within one run."""

import gc
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

OURS = "Assent"


class DisagreementError(Exception):
    """Contenders gave different answers, so there is nothing to compare."""


class Reach(NamedTuple):
    """What a ratio is to reach: so many times at least, or at most."""

    number: float
    at_most: bool = False

    def __str__(self) -> str:
        """`≥ 20 ×`."""
        return f"{'≤' if self.at_most else '≥'} {self.number:g} ×"

    def met(self, ratio: float) -> bool:
        """Whether it is reached."""
        return ratio <= self.number if self.at_most else ratio >= self.number


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured, of every contender in every round.

    `unit` is what the values are; where `rate` is set, more of it is better, else less. The ratio says how many times
    as fast Assent is as `against`; with `share` it says how much Assent takes of what the peer takes, as of memory or
    where a bar says how much longer it may take. Without `against` a figure stands for itself.
    """

    row: int
    what: str
    size: int
    unit: str
    values: Mapping[str, Sequence[float]]
    against: str = ""
    rate: bool = False
    share: bool = False
    reach: Reach | None = None

    def median(self, contender: str) -> float:
        """The middle of a contender's rounds."""
        return statistics.median(self.values[contender])

    @property
    def ratio(self) -> float | None:
        """Assent beside the peer, by their medians."""
        if not self.against:
            return None
        ours, theirs = self.median(OURS), self.median(self.against)
        return ours / theirs if self.rate or self.share else theirs / ours

    @property
    def noise(self) -> float:
        """Half of the rounds lie this near to their median, as a part of it, of the contender of whom that is worst."""
        spreads = [
            statistics.median(abs(one - self.median(name)) for one in values) / self.median(name)
            for name, values in self.values.items()
            if len(values) > 1
        ]
        return max(spreads, default=0.0)

    @property
    def met(self) -> bool | None:
        """Whether the bar is reached; None where there is none, or no peer."""
        return self.reach.met(self.ratio) if self.reach and self.ratio is not None else None


class Shared:
    """What takes long to put up and serves several rows, by name; all of it is taken down together."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._there: dict[object, Any] = {}

    def get(self, name: object, put_up: Callable[[], AbstractContextManager[Any]]) -> Any:  # noqa: ANN401 -- whatever it is
        """What has the name, put up where it is not there yet."""
        if name not in self._there:
            self._there[name] = self._stack.enter_context(put_up())
        return self._there[name]

    def close(self) -> None:
        """Takes it down; whoever asks again has it put up anew."""
        self._there.clear()
        self._stack.close()


@dataclass
class Run:
    """What a row is given: how large, how often, where to put things, and whom to tell what is going on."""

    size: int
    rounds: int
    folder: Path
    tell: Callable[[str], None] = lambda _what: None
    quick: bool = False
    notes: list[str] = field(default_factory=list)
    shared: Shared = field(default_factory=Shared)

    def note(self, what: str) -> None:
        """Something that whoever reads the figures should know, once."""
        if what not in self.notes:
            self.notes.append(what)


@dataclass(frozen=True)
class Row:
    """One row of the table.

    `measure` compares the answers, then measures; it may give several figures. `size` is that of the table, `growth`
    those of the plot, `small` one that proves in seconds that everything runs. `grows` is the figure that is plotted,
    `plotted` the contenders in it (all of them where nobody is named). `needs` says why it cannot be measured here.
    Rows that stand next to each other and name the same `ground` share what they put up.
    """

    number: int
    work: str
    against: str
    measure: Callable[[Run], Iterator[Figure]]
    size: int
    small: int
    growth: tuple[int, ...] = ()
    grows: str = ""
    plotted: tuple[str, ...] = ()
    over: str = "documents"
    unmeasured: tuple[str, ...] = ()
    needs: Callable[[], str] = lambda: ""
    ground: str = ""


Measure = Callable[[], float]


def rounds(run: Run, cases: Mapping[str, Measure], *, count: int | None = None) -> dict[str, list[float]]:
    """Every contender's measurements: in each round each has one turn, in an order of the round's own."""
    chance = random.Random(run.size)
    found: dict[str, list[float]] = {name: [] for name in cases}
    total = count or run.rounds
    for number in range(total):
        for name in chance.sample(list(cases), len(cases)):
            run.tell(f"round {number + 1} of {total}: {name}")
            gc.collect()
            found[name].append(cases[name]())
    return found


def timed(act: Callable[[], object]) -> float:
    """Seconds that something takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def agree(what: str, answers: Mapping[str, object]) -> None:
    """Raises DisagreementError where the contenders' answers are not all the same."""
    names = list(answers)
    first = answers[names[0]]
    others = [name for name in names if answers[name] != first]
    for name in others:
        one, other = first, answers[name]
        if isinstance(one, set | frozenset) and isinstance(other, set | frozenset):
            one, other = one - other, other - one
        raise DisagreementError(f"{what}: {names[0]} says {one!r:.300}, {name} says {other!r:.300}")


def process(command: Sequence[str], *, codes: Sequence[int] = (0,)) -> tuple[float, str]:
    """Seconds of a whole process, from its start to its end, and what it printed."""
    began = time.perf_counter()
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    took = time.perf_counter() - began
    if ran.returncode not in codes:
        raise RuntimeError(f"{' '.join(command)} ended with {ran.returncode}: {ran.stderr[-600:]}")
    return took, ran.stdout


def environment() -> dict[str, str]:
    """What every process is started with: the same for all of them."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "NO_COLOR": "1"}


def program(name: str) -> str:
    """A program that was installed beside this Python."""
    return str(Path(sys.executable).parent / name)
