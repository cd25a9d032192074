"""The rules of a large world on two cores: the same faults, found in half of the time."""

from collections.abc import Iterable, Sequence
from typing import Any

from assent.adapters.fork import cores_free, started
from assent.api.names import Ident
from assent.core.checks import Fault, one_by_one
from assent.core.checks.fault import Rule, View

LARGE = 1_000
"""Requests and people from which on a second process gains more than it costs."""

Parts = Sequence[Sequence[Rule]]


def judged(parts: Parts, view: View, *, cores: int | None = None) -> Iterable[Fault]:
    """What every rule finds; where there is a second core and much to judge, another process takes some of the parts.

    Raises RepositoryError where that process ends before its work does.
    """
    large = len(view.requests) + len(view.world.people.by_ref) > LARGE
    if not large or (cores_free() if cores is None else cores) < 2:  # noqa: PLR2004 -- this one and another
        return one_by_one(parts, view)
    return _in_two(parts, view)


def _in_two(parts: Parts, view: View) -> Iterable[Fault]:
    helper = started(lambda number: [_plain(fault) for fault in one_by_one([parts[number]], view)])
    if helper is None:
        return one_by_one(parts, view)
    try:
        for number in range(len(parts)):
            helper.give(number, number)
        helper.all_given()
        found = helper.finish(len(parts), lambda number: list(one_by_one([parts[number]], view)))
        return [one if isinstance(one, Fault) else _fault(*one) for _, faults in found for one in faults]
    finally:
        helper.end()


def _plain(one: Fault) -> tuple[Any, ...]:
    return (one.rule, tuple(one.ident), one.path, one.message, one.hint, one.mild)


def _fault(rule: str, ident: tuple[str, str, str], *rest: Any) -> Fault:  # noqa: ANN401 -- the fields of a Fault
    return Fault(rule, Ident(*ident), *rest)
