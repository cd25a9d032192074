"""The main job as people do it: a form, a mail, the panel, and the result."""

from playwright.sync_api import expect

from browser.visitor import links

JUAN, MARIA, INGRID = "juan@acme.example", "maria@acme.example", "ingrid@platform.example"
TITLE = "Create a set of APPServers or VDIs"


def from_form_to_result(home, visit):
    """Juan asks, Maria approves from her mail, Ingrid in the panel; Juan watches it come true without reloading."""
    juan = visit(JUAN, language="es").ask("finance")
    juan.page.evaluate("window.kept = true")
    juan.status("PendingApproval")

    maria = visit(MARIA, language="es", signed_in=False)
    maria.goto(links(home.mail(MARIA))[maria.says("Approve")])
    maria.prove().heading(TITLE)
    assert home.decision("acme/finance").case.voices == ()
    maria.press("Approve")
    expect(maria.page).to_have_url(f"{home.url}/requests/acme/finance")

    home.mail(INGRID)
    ingrid = visit(INGRID)
    ingrid.goto("/decide")
    ingrid.follow(TITLE).see("What you can do")
    ingrid.page.locator("form", has=ingrid.button("Approve")).locator("textarea").fill("there is room")
    ingrid.press("Approve")

    juan.status("Succeeded").see("there is room")
    ingrid.status("Succeeded")
    assert juan.page.evaluate("window.kept")


def test_a_request_with_two_stages_goes_from_the_form_to_its_result(home, visit):
    """In a repository: the panel's commit brings it in, and its requester hears of the end by mail."""
    from_form_to_result(home, visit)
    ended = home.mail(JUAN)
    decided = [(one.username, one.channel) for one in home.decision("acme/finance").case.voices]

    assert [(MARIA, "Mail"), (INGRID, "Panel")] == decided
    assert "acme/finance" in ended["Subject"]


def test_a_link_is_for_its_person_and_for_once(home, visit):
    """Forwarded to somebody else, and followed again once it has decided, it leads to the same page, which says so."""
    visit("omar@acme.example").ask("forwarded")
    link = links(home.mail("alba@acme.example", "acme/forwarded"))["Approve"]
    fina = visit("fina@acme.example")
    assert 404 == fina.goto(link).status
    fina.heading("This link is not for you, or not valid any more")
    alba = visit("alba@acme.example")
    alba.goto(link)
    alba.heading(TITLE).press("Approve")
    expect(alba.page).to_have_url(f"{home.url}/requests/acme/forwarded")

    assert 404 == alba.goto(link).status
