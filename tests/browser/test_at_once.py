"""Two people at once, and the back button: what is sent counts once."""

import json

import pytest
from playwright.sync_api import Error, expect

from browser.filling import put
from browser.served import until

OMAR = "omar@acme.example"
ALBA, FINA = "alba@acme.example", "fina@acme.example"
INGRID, OLIVIA = "ingrid@platform.example", "olivia@platform.example"
LATER = "button => { setTimeout(() => button.click(), 100); }"


def at_once(ref, *people):
    """All of them have the request before them, and press the button in the same moment."""
    for one in people:
        one.goto(f"/requests/{ref}")
        expect(one.button("Approve")).to_be_visible()
    for one in people:
        one.button("Approve").evaluate(LATER)
    for one in people:
        expect(one.button("Approve")).to_have_count(0)
        one.see(f"({one.username}): approved")


def voices(decision):
    """The state of each stage, and who satisfies it."""
    return {
        one.seat.stage.name: (one.state, [voice.username for voice in one.decisions]) for one in decision.tally.stages
    }


def test_two_approvers_at_once(home, visit):
    """Both press, and each is told that it was taken: one vote each, one of them satisfies the stage, and one run."""
    ref = "acme/at-once"
    visit(OMAR).ask("at-once")
    home.until(ref, "PendingApproval")
    managers, platform = [visit(ALBA), visit(FINA)], [visit(INGRID), visit(OLIVIA)]
    at_once(ref, *managers)
    until(lambda: len(home.decision(ref).case.voices) == 2, "not both are judged")
    first = home.decision(ref)
    at_once(ref, *platform)
    home.until(ref, "Succeeded")
    last = [one.username for one in home.decision(ref).case.voices]
    history = json.loads((home.site.ground.root / "estate" / "acme.json").read_text())["history"]

    assert {ALBA, FINA} == {one.username for one in first.case.voices}
    assert [("Satisfied", 1), ("Open", 0)] == [(state, len(who)) for state, who in voices(first).values()]
    assert last[:2] == [one.username for one in first.case.voices]
    assert last[2] in (INGRID, OLIVIA)
    assert len(last) == len({*last})
    assert 1 == sum(one["request"] == ref for one in history)
    for one in (*managers, *platform):
        one.status("Succeeded")


def test_somebody_else_was_first(home, visit):
    """Whoever presses after somebody has rejected is told so, and decides nothing."""
    visit(OMAR).ask("rejected-first")
    home.until("acme/rejected-first", "PendingApproval")
    alba, fina = (visit(one, java_script_enabled=False) for one in (ALBA, FINA))
    for one in (alba, fina):
        one.goto("/requests/acme/rejected-first")
    alba.page.locator("#reject-reason").fill("too many")
    alba.press("Reject")
    home.until("acme/rejected-first", "Rejected")
    fina.press("Approve").heading("Nothing was decided").see("It has been decided already")

    assert [ALBA] == [one.username for one in home.decision("acme/rejected-first").case.voices]


def test_the_back_button_sends_nothing_again(home, visit):
    """Back from the request is the summary, whose button leads to that request; back from that the form as typed."""
    name = "going-back"
    omar = visit(OMAR).ask(
        name, **{"p.template": "win11-cad", "p.count": "7", "p.prefix": "cad", "reason": "Designers"}
    )
    omar.page.go_back()
    omar.heading("Is this what you ask for?").press("Send the request")
    expect(omar.page).to_have_url(f"{home.url}/requests/acme/{name}")
    omar.page.go_back()
    omar.page.go_back()
    omar.heading("Create a set of APPServers or VDIs")
    kept = omar.page.locator("form.form").evaluate("form => Object.fromEntries(new FormData(form))")
    omar.press("Go on to the summary").heading("Create a set of APPServers or VDIs").see("This one is free")
    put(omar.page, "name", "another")
    omar.press("Go on to the summary").press("Send the request")
    expect(omar.page).to_have_url(f"{home.url}/requests/acme/another")
    asked = [one.subject for one in home.site.door.records(kinds={"asked"})]

    typed = {"p.template": "win11-cad", "p.count": "7", "p.prefix": "cad", "reason": "Designers", "name": name}
    assert typed == {field: kept[field] for field in typed}
    assert ["acme/another", f"acme/{name}"] == sorted(one for one in asked if one in (f"acme/{name}", "acme/another"))
    assert 1 == asked.count(f"acme/{name}")


def test_who_signs_out_leaves_nothing_to_go_back_to(visit):
    """A summary is kept for the back button by the browser until its person signs out."""
    omar = visit(OMAR)
    omar.goto("/open/acme/create-workspaces")
    put(omar.page, "p.template", "win11-office")
    put(omar.page, "p.count", "3")
    omar.press("Go on to the summary").heading("Is this what you ask for?").press("Sign out")
    expect(omar.page).to_have_url(f"{omar.home.url}/signin")
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        omar.page.go_back()
