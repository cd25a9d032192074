"""A small load, so that the large one can be made whenever somebody wants to: every page answers, nothing is lost."""

from argparse import Namespace

import pytest

from load import report
from load.__main__ import load

SMALL = Namespace(requests=30, users=10, seconds=6, decisions=200, many=10)


@pytest.mark.slow
def test_people_and_scripts_at_once_are_answered_and_every_decision_counts_once():
    """No error on any page, and the ledger agrees with every answer; how long it takes is not asked here."""
    rows, few, many = load(SMALL)

    assert [] == [row["Name"] for row in rows if int(row["Failure Count"])]
    assert {"/", "/requests", "/access"} <= {row["Name"] for row in rows}
    assert [] == [*few.wrong, *many.wrong]
    assert {200, 2 * SMALL.many} == {few.posted, many.posted}
    assert 2 * SMALL.many == many.counted
    assert report.HEADING in report.text(rows, few, many, SMALL)
