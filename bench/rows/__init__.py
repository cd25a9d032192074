"""A row is one comparison: what is done, by whom, and that all come to the same; `ROWS` lists all there are."""

from bench.harness import Row
from bench.rows import approving, bursts, changing, checking, passing, rights, starting

ROWS: tuple[Row, ...] = (
    checking.ROW,
    changing.ROW,
    rights.DECISIONS,
    rights.WORLD,
    rights.EVERYTHING,
    starting.ROW,
    bursts.ROW,
    approving.ROW,
    passing.ROW,
)
"""In the order of the table."""
