"""docs/operations.md speaks of measures and values that there are, and of all measures."""

import re

import yaml

from assent.cluster.metrics import Metrics
from assent.portal.mails.outbox import Figures
from assent.portal.metrics import Metrics as Panels
from chart_files import CHART, ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text()


def test_every_measure_is_explained():
    """Whoever reads `/metrics` finds each of our measures on the page, and the page names no other."""
    there = {one.name for one in Metrics().registry.collect() if one.name.startswith("assent_")}
    there |= {one.name for one in Panels(Figures).collect()}
    told = {re.sub("_(bucket|total|sum|count)$", "", one) for one in re.findall(r"\bassent_[a-z_]+", PAGE)}

    assert there == told


def test_every_value_is_one_of_the_charts():
    """Each value that the page sets, in a command or in a sentence, is there."""
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    named = {*re.findall(r"--set ([a-zA-Z.]+)=", PAGE), *re.findall(r"`([a-zA-Z]+(?:\.[a-zA-Z]+)+)=", PAGE)}

    assert len(named) > 5
    assert [] == [one for one in named if not _has(values, one.split("."))]


def _has(values, path):
    for one in path:
        if one not in values:
            return False
        values = values[one]
    return True
