"""What is held knows by what it differs from the moments before, and is compared whole with all others."""

from hypothesis import given
from hypothesis import strategies as st

from assent.api.evidence import Version
from assent.api.holdings import REMEMBERED, Holding, differing
from assent.api.sightings import Sighting
from builders import ident

NAMES = [ident(f"User/a/{name}") for name in "abcd"]
MOMENTS = st.lists(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["1", "2", None])), max_size=REMEMBERED + 3)


def seen(name, version):
    return Sighting(name, "uid", Version(version, "uid", 0), "", None) if version else None


@given(told=MOMENTS)
def test_nothing_that_differs_is_missed(told):
    """Between any two moments, in either direction, and the holdings of before stay as they were."""
    moments, plain = [Holding()], [{}]
    for news in told:
        sightings = {name: seen(name, version) for name, version in news.items()}
        moments.append(moments[-1].after(sightings))
        plain.append({name: one for name, one in {**plain[-1], **sightings}.items() if one})

    assert plain == moments
    for one in moments:
        for other in moments:
            really = {name for name in NAMES if one.get(name) != other.get(name)}
            assert really <= {*differing(one, other)}


def test_what_is_told_again_is_the_same_moment():
    """Whoever keeps what follows from a holding finds that nothing is to be done."""
    held = Holding().after({NAMES[0]: seen(NAMES[0], "1")})

    assert held is held.after({NAMES[0]: seen(NAMES[0], "1"), NAMES[1]: None})
    assert not differing(held, held)


def test_one_change_among_many_is_found_without_a_look_at_the_others():
    """Of what has not changed nothing is named, neither beside a moment before nor beside one some steps ago."""
    first = Holding({name: seen(name, "1") for name in NAMES})
    second = first.after({NAMES[0]: seen(NAMES[0], "2")})
    third = second.after({NAMES[1]: None})

    assert {NAMES[1]} == {*differing(second, third)}
    assert {*NAMES[:2]} == {*differing(first, third)}
    assert {NAMES[0]} == {*differing(dict(first), second)}
    assert {*NAMES[:2]} == {*third.since(first)}


def test_only_the_moments_right_before_are_remembered():
    """Beside an older one all is compared."""
    first = held = Holding()
    for number in range(REMEMBERED + 1):
        before, held = held, held.after({NAMES[0]: seen(NAMES[0], str(number))})

    assert ([NAMES[0]], None) == ([*held.since(before)], held.since(first))
    assert {NAMES[0]} == {*differing(first, held)}
