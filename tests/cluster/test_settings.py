"""kopf is set up so that it neither floods, nor freezes, nor dies of a fault that passes."""

from itertools import islice

import kopf
import pytest

from assent.cluster.settings import configure


@pytest.fixture
def settings():
    found = kopf.OperatorSettings()
    configure(found)
    return found


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("posting.loggers", False),
        ("peering.standalone", True),
        ("scanning.disabled", True),
        ("admission.managed", None),
        ("watching.server_timeout", 240),
        ("watching.client_timeout", 300),
        ("watching.inactivity_timeout", 70),
        ("watching.connect_timeout", 10),
        ("watching.chunk_size", None),
        ("networking.request_timeout", 30),
        ("networking.connect_timeout", 10),
        ("networking.enforce_retry_after", True),
        ("queueing.worker_limit", None),
        ("queueing.idle_timeout", 1.0),
        ("queueing.error_delays", (1, 2, 5, 10, 30, 60)),
        ("persistence.finalizer", "assent.dev/finalizer"),
        ("persistence.consistency_timeout", 10),
        ("execution.default_backoff", 15),
        ("process.ultimate_exiting_timeout", 20),
    ],
)
def test_a_setting_is_what_it_must_be(settings, place, value):
    """Each is set where kopf has it, and kopf's own default has not come back."""
    room, name = place.split(".")

    assert hasattr(getattr(kopf.OperatorSettings(), room), name)
    assert value == getattr(getattr(settings, room), name)


def test_no_setting_is_made_up(settings):
    """Every attribute that is set is one that kopf knows: a misspelt one would change nothing."""
    plain = kopf.OperatorSettings()

    for room, found in vars(settings).items():
        assert vars(getattr(plain, room)).keys() == vars(found).keys(), room


def test_kopf_keeps_nothing_under_names_of_its_own(settings):
    """What it would remember on an object stands under our prefix."""
    kept = (settings.persistence.progress_storage, settings.persistence.diffbase_storage)

    assert ["assent.dev", "assent.dev"] == [storage.prefix for storage in kept]
    assert not any("kopf" in str(storage.prefix) for storage in kept)


def test_rule_27_kopf_never_stops_trying(settings):
    """The waits between tries have no end and no common rhythm, and can be walked by many calls at once."""
    waits = settings.networking.error_backoffs
    first = list(islice(waits, 1000))

    assert max(first) <= 30
    assert first != list(islice(waits, 1000))
