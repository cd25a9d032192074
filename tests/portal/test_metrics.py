"""What the panel measures: mails that wait, that went out and that came to nothing; nothing where none are sent."""

from assent.portal.mails.outbox import Figures
from assent.portal.metrics import Metrics


def measured(metrics):
    """The lines that say a number, by name."""
    lines = metrics.exposition().decode().splitlines()
    return {name: float(value) for name, value in (line.split(" ") for line in lines if not line.startswith("#"))}


def mails(sent, failed, waiting):
    return {"assent_mails_sent_total": sent, "assent_mails_failed_total": failed, "assent_mails_waiting": waiting}


def test_mails_are_measured_as_they_stand_at_the_moment():
    now = Figures(sent=2, failed=1, waiting=3)
    metrics = Metrics(lambda: now)
    assert mails(2, 1, 3) == measured(metrics)

    now = Figures(sent=5, failed=1)
    assert mails(5, 1, 0) == measured(metrics)


def test_what_has_happened_is_counted_and_what_is_so_now_is_gauged():
    """So that Prometheus takes a new start for what it is, and rates mean something."""
    lines = Metrics(Figures).exposition().decode().splitlines()
    types = dict(line.split(" ")[2:] for line in lines if line.startswith("# TYPE"))

    assert {
        "assent_mails_waiting": "gauge",
        "assent_mails_sent_total": "counter",
        "assent_mails_failed_total": "counter",
    } == types


def test_where_no_mails_are_sent_there_is_nothing_to_measure():
    assert {} == measured(Metrics(None))
