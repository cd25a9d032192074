"""The numbers of the overview: tables worked out by hand, and sums that hold whatever happened."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.api.mailings import Mailing
from assent.api.names import Ref
from assent.api.requests import RequestSpec
from assent.core import figures
from assent.core.cases import Case, Claim, End, Voice
from builders import flow, stage, use
from core.lives import NOW, Life, company, offering

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEAD, PARTNER = stage("lead", "Requesting"), stage("partner", "Partner")
SPEC = RequestSpec.model_validate({"microservice": {"name": "vdi"}, "requester": "rita@b"})


def asking(**rules):
    """A request that waits for a lead of b's and then for its partner."""
    one = offering(approvals=[use("platform/f")], parameters={"type": "object"}, run={"process": {"program": "p"}})
    return Life(*company(), one, flow("platform/f", LEAD, PARTNER, **rules)).validate()


def case(name="r", *, seen=NOW, end=None, at=NOW, claim=False, said=(), mails=()):
    """A case as if the ledger had told it: `said` are verb and moment of decisions, with the word why not if any."""
    voices = tuple(
        Voice(number, when, verb, "x", Ref("b", "x"), "Panel", "", because=because)
        for number, (verb, when, because) in enumerate(said)
    )
    return Case(
        ref=Ref("b", name),
        spec=SPEC,
        seen=1,
        seen_at=seen,
        approvers={},
        voices=voices,
        claim=Claim(at, "d", {}) if claim else None,
        end=End(at, end, "x", "x") if end else None,
        mails={one.key: one for one in mails},
    )


def mail(key, state="Sent", message="", at=NOW):
    return Mailing(key, Ref("b", "r"), "x", "Opened", "s", "d", state, message, at)


def test_what_waits_is_counted_by_stage_and_age():
    fresh, older, second = asking(), asking(), asking()
    second.wait(hours=2).say("b/bea")
    later = NOW + DAY + 30 * timedelta(minutes=1)
    older_one = older.decision
    fresh_case = replace(fresh.case, seen_at=later - HOUR / 2, digest_at=later - HOUR / 2)
    fresh_one = replace(fresh.decision, case=fresh_case)
    found = figures.waiting([fresh_one, older_one, second.decision], later)
    assert {"lead": (1, 0, 1, 0, 0), "partner": (0, 1, 0, 0, 0)} == found


def test_a_stage_waits_since_the_one_before_it_was_satisfied():
    life = asking()
    assert NOW == figures.waits_since(life.decision)
    life.wait(hours=5).say("b/bea")
    assert NOW + 5 * HOUR == figures.waits_since(life.decision)
    assert ["partner"] == [one.seat.stage.name for one in figures.open_stages(life.decision)]


def test_stages_that_are_open_side_by_side_are_both_waited_for():
    found = figures.waiting([asking(order="Parallel").decision], NOW)
    assert {"lead": (1, 0, 0, 0, 0), "partner": (1, 0, 0, 0, 0)} == found


def test_what_has_ended_or_runs_waits_for_nobody():
    life = asking()
    for who in ("b/bea", "a/alba"):
        life.say(who)
    approved = life.decision
    life.claim()
    withdrawn = asking()
    withdrawn.say("b/rita", "withdraw")
    assert {} == figures.waiting([approved, life.decision, withdrawn.decision], NOW)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param({}, None, id="nobody has decided"),
        pytest.param({"said": [("approve", NOW + HOUR, "")]}, None, id="not all have decided"),
        pytest.param({"claim": True}, None, id="nobody had to decide"),
        pytest.param({"claim": True, "said": [("approve", NOW + HOUR, "")]}, HOUR, id="approved"),
        pytest.param(
            {"claim": True, "said": [("approve", NOW + DAY, ""), ("approve", NOW + HOUR, "")]}, DAY, id="the last one"
        ),
        pytest.param(
            {"claim": True, "said": [("approve", NOW + HOUR, ""), ("approve", NOW + DAY, "SelfApproval")]},
            HOUR,
            id="what did not count took no time",
        ),
        pytest.param(
            {"claim": True, "said": [("approve", NOW + HOUR, ""), ("settle-failed", NOW + DAY, "")]},
            HOUR,
            id="to settle is not to decide",
        ),
        pytest.param({"end": "Rejected", "said": [("reject", NOW + DAY, "")]}, DAY, id="rejected"),
        pytest.param({"end": "Expired", "said": [("approve", NOW + DAY, "")]}, None, id="expired undecided"),
        pytest.param({"end": "Withdrawn", "said": [("withdraw", NOW + DAY, "")]}, None, id="withdrawn"),
        pytest.param({"claim": True, "said": [("approve", NOW - HOUR, "")]}, 0 * HOUR, id="a clock was set back"),
    ],
)
def test_the_time_to_decide(made, expected):
    assert expected == figures.time_to_decide(case(**made))


def test_the_time_to_decide_of_a_whole_life():
    life = asking()
    for who in ("b/bea", "a/alba"):
        life.wait(minutes=20).say(who)
    life.validate().claim()
    assert timedelta(minutes=40) == figures.time_to_decide(life.case)


def test_times_lie_in_buckets_with_median_and_percentile():
    times = [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=4), HOUR, 2 * DAY, 40 * DAY]
    found = figures.spread(times)
    assert (1, 2, 0, 0, 1, 0, 0, 1, 0, 0, 1) == found.counts
    assert (timedelta(minutes=4), 40 * DAY, 6) == (found.median, found.p90, found.number)
    assert (None, None, 0) == (figures.spread([]).median, figures.spread([]).p90, figures.spread([]).number)
    ten = figures.spread([one * HOUR for one in range(10, 0, -1)])
    assert (5 * HOUR, 9 * HOUR) == (ten.median, ten.p90)


def test_outcomes_are_counted_by_day_within_the_window():
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    ended = [
        case("a", end="Succeeded", at=now),
        case("b", end="Succeeded", at=datetime(2026, 1, 31, 0, 0, tzinfo=UTC)),
        case("c", end="Failed", at=datetime(2026, 1, 30, 23, 59, tzinfo=UTC)),
        case("d", end="Rejected", at=datetime(2026, 1, 2, 0, 0, tzinfo=UTC)),
        case("e", end="Expired", at=datetime(2026, 1, 1, 23, 59, tzinfo=UTC)),
        case("f", end="Expired", at=now + DAY),
        case("g"),
    ]
    found = figures.outcomes(ended, now)
    assert [date(2026, 1, 2) + at * DAY for at in range(30)] == list(found)
    assert {"Succeeded": 2} == found[date(2026, 1, 31)]
    assert {"Failed": 1} == found[date(2026, 1, 30)]
    assert {"Rejected": 1} == found[date(2026, 1, 2)]
    assert 4 == sum(sum(day.values()) for day in found.values())


def test_mails_are_counted_by_day_and_what_they_came_to():
    sent = case("a", mails=[mail("1"), mail("2", "Failed", "no"), mail("3", at=NOW - DAY)])
    found = figures.figures([sent, case("b", mails=[mail("4")])], [], NOW).mails
    assert {"Sent": 2, "Failed": 1} == found[NOW.date()]
    assert {"Sent": 1} == found[NOW.date() - DAY]


def test_faults_of_mail_are_named_once_the_most_frequent_first():
    refused = [mail(str(at), "Failed", f"the server mx refused it: 550 {at}") for at in range(3)]
    silent = mail("s", "Failed", "the server mx does not answer")
    found = figures.faults([case("a", mails=refused[:2]), case("b", mails=[refused[2], silent, mail("t")])])
    assert (("the server mx refused it", 3), ("the server mx does not answer", 1)) == found


def test_only_so_many_faults_are_named():
    many = [mail(str(at), "Failed", f"fault {at:02}") for at in range(40)]
    assert [f"fault {at:02}" for at in range(10)] == [text for text, _ in figures.faults([case(mails=many)])]


MOMENTS = st.integers(0, 59 * 24 * 3600).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
ENDS = st.sampled_from([None, *figures.OUTCOMES])
SAID = st.lists(
    st.tuples(st.sampled_from(["approve", "reject", "withdraw"]), MOMENTS, st.sampled_from(["", "TooLate"])), max_size=3
)


@st.composite
def cases(draw):
    seen = draw(MOMENTS)
    states = draw(st.lists(st.sampled_from(["Sent", "Failed"]), max_size=3))
    mails = [mail(str(at), state, draw(st.sampled_from("xy")), draw(MOMENTS)) for at, state in enumerate(states)]
    return case(seen=seen, end=draw(ENDS), at=draw(MOMENTS), claim=draw(st.booleans()), said=draw(SAID), mails=mails)


@given(st.lists(cases(), max_size=8), MOMENTS)
def test_sums_match_whatever_happened(made, now):
    found = figures.figures(made, [], now)
    first = now.date() - timedelta(days=figures.DAYS - 1)
    ended = [one for one in made if one.end and first <= one.end.at.date() <= now.date()]
    assert len(ended) == sum(sum(day.values()) for day in found.outcomes.values())
    assert found.deciding.number == len([one for one in made if figures.time_to_decide(one) is not None])
    mails = [one for each in made for one in each.mails.values()]
    assert len([one for one in mails if first <= one.at.date() <= now.date()]) == sum(
        sum(day.values()) for day in found.mails.values()
    )
    assert len([one for one in mails if one.state == "Failed"]) == sum(count for _, count in found.faults)
    assert figures.DAYS == len(found.outcomes) == len(found.mails)


@given(st.lists(st.timedeltas(min_value=timedelta(), max_value=60 * DAY), min_size=1, max_size=30))
def test_half_and_nine_tenths_do_not_pass_median_and_percentile(times):
    found = figures.spread(times)
    assert found.median in times
    assert found.p90 in times
    assert 2 * len([one for one in times if one <= found.median]) >= len(times)
    assert 10 * len([one for one in times if one <= found.p90]) >= 9 * len(times)
    assert 2 * len([one for one in times if one < found.median]) < len(times)


@given(st.timedeltas(min_value=timedelta(), max_value=60 * DAY))
def test_every_time_lies_between_the_bounds_of_its_bucket(time):
    at = figures.bucket(time, figures.TIMES)
    assert at == len(figures.TIMES) or time < figures.TIMES[at]
    assert at == 0 or time >= figures.TIMES[at - 1]
