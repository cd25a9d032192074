"""What is measured can be read by its fixed names, with its unit, and never with a label that anybody may make up."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from assent.cluster.metrics import STAGES, Metrics

NAMES = [
    "assent_oldest_pending_request_seconds",
    "assent_decision_seconds",
    "assent_requests",
    "assent_requests_held",
    "assent_pass_seconds",
    "assent_watch_age_seconds",
    "assent_world_documents",
    "assent_ledger_lag_records",
    "assent_executions",
    "assent_status_writes",
    "assent_api_errors",
    "assent_admission_trusted",
    "assent_leader",
    "assent_restarts",
]


def families(metrics):
    return {one.name: one for one in text_string_to_metric_families(metrics.exposition().decode())}


def value(metrics, name, **labels):
    """The one sample of this name and these labels."""
    samples = [sample for one in families(metrics).values() for sample in one.samples]
    (found,) = [sample.value for sample in samples if sample.name == name and sample.labels == labels]
    return found


def test_every_measure_has_its_name_and_a_sentence():
    """The names are fixed, and each says what it measures."""
    found = families(Metrics())

    assert set(NAMES) <= found.keys()
    assert all(found[name].documentation.endswith(".") for name in NAMES)
    assert all(name.startswith(("assent_", "process_")) for name in found)


@pytest.mark.parametrize(
    ("report", "name", "labels", "expected"),
    [
        (lambda m: m.oldest_pending(90), "assent_oldest_pending_request_seconds", {}, 90),
        (lambda m: m.decided("lead", 100), "assent_decision_seconds_sum", {"stage": "lead"}, 100),
        (lambda m: m.decided("lead", 100), "assent_decision_seconds_bucket", {"stage": "lead", "le": "300.0"}, 1),
        (lambda m: m.requests({"Running": 2}), "assent_requests", {"phase": "Running"}, 2),
        (lambda m: m.requests({"Running": 2}), "assent_requests", {"phase": "Approved"}, 0),
        (lambda m: m.requests({"made up": 3}), "assent_requests", {"phase": "other"}, 3),
        (lambda m: m.held({"NotOffered": 4}), "assent_requests_held", {"reason": "NotOffered"}, 4),
        (lambda m: m.passed(0.2), "assent_pass_seconds_count", {}, 1),
        (lambda m: m.watched({"User": 12}), "assent_watch_age_seconds", {"kind": "User"}, 12),
        (lambda m: m.watched({"made up": 12}), "assent_watch_age_seconds", {"kind": "other"}, 12),
        (lambda m: m.world({"User": 12}), "assent_world_documents", {"kind": "User"}, 12),
        (lambda m: m.world({"User": 12}), "assent_world_documents", {"kind": "AccessRole"}, 0),
        (lambda m: m.ledger_lag(5), "assent_ledger_lag_records", {}, 5),
        (lambda m: m.executed("Succeeded"), "assent_executions_total", {"outcome": "Succeeded"}, 1),
        (lambda m: m.executed("made up"), "assent_executions_total", {"outcome": "other"}, 1),
        (lambda m: m.status_written(), "assent_status_writes_total", {}, 1),
        (lambda m: m.api_error(503), "assent_api_errors_total", {"class": "5xx"}, 1),
        (lambda m: m.api_error(0), "assent_api_errors_total", {"class": "none"}, 1),
        (lambda m: m.trusted(proven=True), "assent_admission_trusted", {}, 1),
        (lambda _: None, "assent_admission_trusted", {}, 0),
        (lambda m: m.leads(leader=True), "assent_leader", {}, 1),
        (lambda m: m.restarted("kopf"), "assent_restarts_total", {"part": "kopf"}, 1),
    ],
)
def test_a_report_is_shown(report, name, labels, expected):
    """Each method moves its own measure."""
    metrics = Metrics()
    report(metrics)

    assert expected == value(metrics, name, **labels)


def test_a_phase_that_has_no_more_requests_says_none():
    """Counts are replaced as a whole: what is not named any more is zero, and does not stand as it was."""
    metrics = Metrics()
    metrics.requests({"Running": 2})
    metrics.requests({"Succeeded": 2})

    assert 0 == value(metrics, "assent_requests", phase="Running")


def test_rule_46_stages_that_people_make_up_are_bounded():
    """Beyond so many names of stages, all further ones are one."""
    metrics = Metrics()
    for number in range(STAGES + 20):
        metrics.decided(f"stage-{number}", 1)

    assert 20 == value(metrics, "assent_decision_seconds_count", stage="other")
    assert 1 == value(metrics, "assent_decision_seconds_count", stage="stage-0")


def test_two_processes_in_one_share_nothing():
    """Each object has a registry of its own, so that tests and restarts do not meet."""
    one, other = Metrics(), Metrics()
    one.status_written()

    assert 0 == value(other, "assent_status_writes_total")
