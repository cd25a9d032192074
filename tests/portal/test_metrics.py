"""What the panel measures: mails that wait, that went out and that came to nothing; nothing where none are sent."""

from assent.portal.mails.outbox import Figures
from assent.portal.metrics import Metrics


def measured(metrics):
    """The lines that say a number, by name."""
    lines = metrics.exposition().decode().splitlines()
    return {name: float(value) for name, value in (line.split(" ") for line in lines if not line.startswith("#"))}


def test_mails_are_measured_as_they_stand_at_the_moment():
    now = Figures(sent=2, failed=1, waiting=3)
    metrics = Metrics(lambda: now)
    assert {"assent_mails_sent": 2, "assent_mails_failed": 1, "assent_mails_waiting": 3} == measured(metrics)

    now = Figures(sent=5, failed=1)
    assert {"assent_mails_sent": 5, "assent_mails_failed": 1, "assent_mails_waiting": 0} == measured(metrics)


def test_where_no_mails_are_sent_there_is_nothing_to_measure():
    assert {} == measured(Metrics(None))
