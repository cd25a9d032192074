"""Moments: by the reader's own clock where scripts run, also in what is sent later; else in UTC, which says so."""

import pytest
from playwright.sync_api import expect

OMAR, ALBA = "omar@acme.example", "alba@acme.example"
INDIA = {"timezone_id": "Asia/Kolkata"}
TIMES = "times => times.map(one => [one.textContent.trim(), one.title, one.dateTime])"


@pytest.fixture
def asked(home, visit):
    """The page of a request that waits, before its requester, who is in India."""
    omar = visit(OMAR, **INDIA).ask("clocked")
    home.until("acme/clocked", "PendingApproval")
    omar.status("PendingApproval")
    return omar


def test_moments_are_by_the_readers_clock_also_where_the_page_renews_itself(home, visit, asked):
    """What a live event brings is no exception; UTC stays beside each."""
    before = asked.page.locator("main time").evaluate_all(TIMES)
    alba = visit(ALBA)
    alba.goto("/requests/acme/clocked")
    alba.page.locator("#reject-reason").fill("not now")
    alba.press("Reject")
    asked.status("Rejected")
    expect(asked.page.locator("main time")).not_to_have_count(len(before))  # the timeline comes behind the status
    after = asked.page.locator("main time").evaluate_all(TIMES)

    assert before
    assert len(after) > len(before)
    assert [] == [one for one in before + after if not one[0].endswith("GMT+5:30") or not one[1].endswith(" UTC")]


def test_without_scripts_moments_are_in_utc(home, visit):
    omar = visit(OMAR, java_script_enabled=False, **INDIA).ask("plain-clock")
    home.until("acme/plain-clock", "PendingApproval")
    omar.page.reload()
    texts = omar.page.locator("main time").all_text_contents()  # also of what is folded away, such as its mails

    assert texts
    assert [] == [one for one in texts if not one.endswith(" UTC")]


def test_where_scripts_run_nobody_is_told_to_load_the_page_again(home, visit):
    omar = visit(OMAR).ask("renewed")
    home.until("acme/renewed", "PendingApproval")
    expect(omar.page.get_by_text(omar.says("Load this page again to see what has changed"))).to_be_hidden()
