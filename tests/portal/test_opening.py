"""Opening a request in the panel: over a real repository, from the catalogue to a commit and a proven requester."""

import html
import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from assent.api.names import Ref
from assent.api.requests import RequestSpec
from assent.core.askable import askable
from assent.core.askable import offers as offers_of
from assent.core.previews import preview
from portal.house import house

SCENARIOS = Path(__file__).parents[2] / "policies" / "catalogue" / "scenarios.yaml"
DEFAULTS = {
    "reset-vm-account", "create-ad-user", "create-snapshot", "restore-snapshot", "backup-user-profile",
    "close-user-session", "close-all-user-sessions", "reset-user-profile", "restore-user-profile", "create-workspaces",
    "execute-workspace-action", "execute-group-action", "modify-vm-resources", "set-workspace-maintenance",
    "set-group-maintenance", "update-vm-set",
}  # fmt: skip
LEVEL_2 = {"create-snapshot", "restore-snapshot", "modify-vm-resources", "update-vm-set", "create-azure-subscription"}
SEALED = re.compile(r'name="sealed" value="([^"]+)"')
VDI = {"p.template": "win11-office", "p.count": "12", "p.prefix": "", "reason": "New hires in finance", "name": "vdi"}
EVIL = """"><script>alert('1')</script><img src=x onerror=alert(1)>{{ 1234*1000 }}"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One world for all that only look."""
    with house(tmp_path_factory.mktemp("world")) as home:
        yield home


@pytest.fixture
def home(tmp_path):
    with house(tmp_path) as home:
        yield home


def send(person, path, **fields):
    """Posts a form of this session, in which a value may be several."""
    token = re.search(r'name="csrf" value="([^"]+)"', person.get("/access").text).group(1)
    return person.post(path, data={"csrf": token, **fields})


def summary(person, offer="create-workspaces", organization="acme", **fields):
    answer = send(person, f"/open/{organization}/{offer}", **(fields or VDI))
    assert answer.status_code == 200, main(answer)
    return answer


def confirm(person, shown, offer="create-workspaces", organization="acme"):
    return send(person, f"/open/{organization}/{offer}/send", sealed=SEALED.search(shown.text).group(1))


def main(answer):
    return answer.text[answer.text.index("<main") : answer.text.index("</main>")]


def said(answer):
    """The text that a reader sees."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main(answer))).split())


def offers(person, organization="acme", query=""):
    return set(
        re.findall(rf'href="/open/{organization}/([a-z0-9-]+)"', person.get(f"/open/{organization}{query}").text)
    )


def commit(home, who, path, text):
    """Writes a file and commits it, signed by this person."""
    file = home.ground.repository / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    home.ground.git(who, "add", path)
    home.ground.git(who, "commit", "-q", "-S", "-m", "A change")
    home.tick()


def microservice(name, **spec):
    given = {"displayName": name, "category": "Others", "visibility": "Public", "enabledByDefault": True, **spec}
    value = {"apiVersion": "assent.dev/v1alpha1", "kind": "Microservice"}
    value |= {"metadata": {"name": name, "namespace": "platform"}, "spec": {"run": {"manual": {"instructions": "Do"}}}}
    value["spec"] |= given
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False)


def asked(home, name):
    return [record for record in home.door.records(kinds={"asked"}) if record.subject == f"acme/{name}"]


# What may be asked for.


def test_the_default_microservices_are_offered_to_those_who_may_ask_for_them(shared):
    """Level 2 asks for all sixteen, level 1 for what level 1 may do, and a manager for what asks for no level."""
    omar, juan, alba = (shared.signed_in(name) for name in ("omar", "juan", "alba"))

    assert offers(omar) >= DEFAULTS | LEVEL_2
    assert offers(juan) & (DEFAULTS | LEVEL_2) == DEFAULTS - LEVEL_2
    assert offers(alba) == offers(omar)
    assert offers(shared.signed_in("fina")) == {"create-ad-user"}


def test_what_one_may_not_ask_for_looks_like_what_does_not_exist(shared):
    """Organizations and offers without the right are answered byte by byte like those that nobody has."""
    juan, ana = shared.signed_in("juan"), shared.signed_in("ana")
    pairs = [
        (juan.get("/open/northwind"), juan.get("/open/nowhere")),
        (juan.get("/open/acme-labs"), juan.get("/open/nowhere")),
        (juan.get("/open/acme/update-vm-set"), juan.get("/open/acme/nothing")),
        (juan.get("/open/northwind/create-workspaces"), juan.get("/open/nowhere/create-workspaces")),
        (send(juan, "/open/acme/update-vm-set", **VDI), send(juan, "/open/acme/nothing", **VDI)),
        (send(juan, "/open/acme/update-vm-set/send", sealed="x"), send(juan, "/open/acme/nothing/send", sealed="x")),
        (ana.get("/open/acme"), ana.get("/open/nowhere")),
        (ana.get("/open/acme/create-workspaces"), ana.get("/open/acme/nothing")),
    ]

    for hidden, absent in pairs:
        assert 404 == hidden.status_code == absent.status_code
        assert hidden.content == absent.content
    assert 404 == ana.get("/open").status_code


def test_somebody_of_several_organizations_begins_at_the_one_they_look_at_and_may_choose_another(shared):
    omar, juan = shared.signed_in("omar"), shared.signed_in("juan")
    every = omar.get("/open")
    omar.cookies.set("assent-organization", "acme-labs")
    begun = omar.get("/open").headers["location"]
    another = re.search(r'<a[^>]* href="([^"]+)">Another organization<', omar.get(begun).text).group(1)

    assert ["acme", "acme-labs"] == re.findall(r'href="/open/([a-z-]+)"', main(every))
    assert "/open/acme-labs" == begun
    assert ["acme-labs", "acme"] == re.findall(r'href="/open/([a-z-]+)"', main(omar.get(another)))
    assert "/open/acme" == juan.get("/open").headers["location"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("?q=VDIs", {"create-workspaces"}),
        ("?q=sessions%20all", {"close-all-user-sessions"}),
        ("?q=ACTIVE+directóry", {"reset-vm-account", "create-ad-user"}),
        ("?q=nothing+of+the+kind", set()),
    ],
)
def test_the_search_finds_words_anywhere_and_in_any_case(shared, words, found):
    assert found == offers(shared.signed_in("juan"), query=words)


def test_an_offer_says_in_short_what_it_costs_and_who_approves_it(shared):
    """Products hold categories, categories hold offers, each with what one has to know before asking."""
    page = said(shared.signed_in("omar").get("/open/acme?q=create"))

    assert page.index("FlexxDesktop") < page.index("Workspace Management") < page.index("Create a set of APPServers")
    assert "about 40 EUR a month each" in page
    assert "Manager, then the platform" in page
    assert "Finance of Acme" in page


def test_an_offer_of_several_products_stands_under_each_and_one_of_none_under_everything_else(home):
    commit(home, "olivia", "policies/both.yaml", microservice("both", products=["FlexxClient", "FlexxDesktop"]))
    commit(home, "olivia", "policies/none.yaml", microservice("none"))
    page = main(home.signed_in("omar").get("/open/acme"))

    assert 2 == page.count('href="/open/acme/both"')
    assert 1 == page.count('href="/open/acme/none"')
    assert page.index(">FlexxDesktop<") < page.index('href="/open/acme/none"')


# The form.


def scenarios():
    """Every request of the catalogue's scenarios that names acme, with what it is expected to come to."""
    for scenario in yaml.safe_load_all(SCENARIOS.read_text()):
        steps = scenario["spec"]["steps"]
        for wish, then in pairwise(steps):
            if "request" in wish and "expect" in then:
                one = wish["request"]
                yield pytest.param(one, then["expect"].get("reason", "Sent"), id=one["name"])


def as_typed(name, value):
    if isinstance(value, dict):
        value = value["secretRef"]
    text = "\n".join(value) if isinstance(value, list) else str(value).lower() if value in (True, False) else str(value)
    return {f"p.{name}": text}


@pytest.mark.parametrize(("wish", "outcome"), [*scenarios()])
def test_every_default_microservice_is_asked_for_by_its_form(shared, wish, outcome):
    """What the catalogue's scenarios ask for is typed into the form, and comes to the same."""
    person = shared.signed_in(wish["requester"])
    path = f"/open/acme/{wish['microservice']}"
    fields = {"name": wish["name"], "targets": "\n".join(wish.get("targets", ()))}
    for name, value in wish.get("parameters", {}).items():
        fields |= as_typed(name, value)
    form, answer = person.get(path), send(person, path, **fields)

    expected = {"Sent": 200, "ParametersRefused": 422, "TargetsRefused": 422, "RequesterNotAllowed": 404}[outcome]
    assert expected == answer.status_code, said(answer)
    if expected != 404:
        named = set(re.findall(r'name="([^"]+)"', main(form)))
        assert {one for one in fields if fields[one]} <= named
        assert all(f'id="{one}"' in form.text for one in re.findall(r'<label for="([^"]+)"', form.text))


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(shared):
    """422; every problem is listed above with a link to its field, which is described by the problem."""
    omar = shared.signed_in("omar")
    typed = {"p.template": "win11-cad", "p.count": "many", "p.prefix": "V", "name": "Not a Name", "reason": "Why not"}
    answer = send(omar, "/open/acme/create-workspaces", **typed, onBehalfOf="stranger@nowhere.example")
    page = main(answer)

    assert 422 == answer.status_code
    assert 'value="win11-cad" checked' in page
    assert 'value="many"' in page
    assert 'value="V"' in page
    assert 'value="Not a Name"' in page
    assert "Why not" in page
    linked = re.findall(r'<li><a href="#([^"]+)"', page)
    assert 4 == len(linked)
    for ident in linked:
        field = re.search(rf'<input[^>]* id="{ident}"[^>]*>', page).group(0)
        assert 'aria-invalid="true"' in field
        assert f"{ident}-error" in re.search(r'aria-describedby="([^"]+)"', field).group(1).split()
        assert f'<p class="error" id="{ident}-error">' in page
    assert '<div class="summary" role="alert" tabindex="-1"' in page
    assert not [*shared.door.records(kinds={"asked"})]


def test_rule_43_what_is_typed_in_place_of_a_secrets_name_is_never_shown_again(shared):
    """A secret is asked for by name; a value that somebody typed all the same is in no answer and in no ledger."""
    fields = {"p.accountName": "w.tell", "p.givenName": "W", "p.surname": "T", "p.unit": "Employees", "name": "tell"}
    omar = shared.signed_in("omar")
    answer = send(omar, "/open/acme/create-ad-user", **fields, **{"p.initialPassword": "Canary!7 of the mine"})
    good = summary(omar, "create-ad-user", **fields, **{"p.initialPassword": "first-password"})

    assert 422 == answer.status_code
    assert "Canary" not in answer.text
    assert "never the secret itself" in said(answer)
    assert '"secretRef":"first-password"' in said(good)


CONDITIONAL = {
    "type": "object",
    "additionalProperties": False,
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "enum": ["disk", "network"]},
        "size": {"type": "integer", "multipleOf": 5},
        "public": {"type": "boolean", "default": True},
    },
    "if": {"properties": {"kind": {"const": "disk"}}},
    "then": {"required": ["size"]},
    "else": {"properties": {"size": False}},
}


def test_a_conditional_field_says_its_condition_in_words_and_for_the_script(home):
    """Without scripts it is shown with a sentence; what is typed against the condition is said at the field."""
    commit(home, "olivia", "policies/resize.yaml", microservice("resize", parameters=CONDITIONAL))
    omar = home.signed_in("omar")
    page = omar.get("/open/acme/resize")
    needless = send(omar, "/open/acme/resize", name="r", **{"p.kind": "network", "p.size": "5"})
    missing = send(omar, "/open/acme/resize", name="r", **{"p.kind": "disk"})
    good = summary(omar, "resize", name="r", **{"p.kind": "network"})

    assert "Size required Only if “Kind” is: disk." in said(page)
    assert 'data-conditions="[[&#34;p.kind&#34;, [&#34;disk&#34;, &#34;&#34;], false]]"' in page.text
    assert not re.search(r'<input[^>]* id="field-1"[^>]* required', page.text)
    assert [422, 422] == [needless.status_code, missing.status_code]
    assert '<li><a href="#field-1">Size: This is missing' in missing.text
    assert '"parameters":{"kind":"network"}' in said(good)


def test_texts_of_the_catalogue_and_of_the_reader_are_escaped_on_every_page(home):
    """Nothing that people wrote becomes a part of a page."""
    schema = {"type": "object", "required": ["a"], "properties": {EVIL: {"type": "string"}}}
    schema["properties"]["a"] = {"title": EVIL, "description": EVIL, "type": "string", "enum": [EVIL, "b"]}
    schema["properties"]["c"] = {"title": EVIL, "type": "string", "default": EVIL}
    spec = {"displayName": EVIL, "description": EVIL, "costNote": EVIL, "category": EVIL, "parameters": schema}
    commit(home, "olivia", "policies/evil.yaml", microservice("evil", targetRules={"maxItems": 9}, **spec))
    omar = home.signed_in("omar")
    named = html.unescape(re.search(r'name="(p\.[^"]*script[^"]*)"', omar.get("/open/acme/evil").text).group(1))
    fields = {"p.a": EVIL, named: EVIL, "p.c": EVIL, "targets": EVIL, "reason": EVIL, "name": "evil"}
    pages = [
        omar.get("/open/acme"),
        omar.get("/open/acme", params={"q": EVIL}),
        omar.get("/open/acme/evil"),
        summary(omar, "evil", **fields),
        send(omar, "/open/acme/evil", **dict.fromkeys([*fields, "onBehalfOf"], EVIL)),
        send(omar, "/open/acme/evil/send", sealed=EVIL),
    ]
    pages.append(send(omar, "/open/acme/evil/change", sealed=SEALED.search(pages[3].text).group(1)))

    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "1234000" not in page.text
    assert "<script>alert('1')</script>" in said(pages[3])


# From the summary to the request.


def test_a_request_goes_from_the_form_to_a_commit_and_is_its_requesters(home):
    """The summary says what, who decides, what it costs and the digest; what is sent is proven by the ledger alone."""
    omar = home.signed_in("omar")
    shown = summary(omar)
    text = said(shown)
    answer = confirm(omar, shown)
    home.tick()
    decision = home.decision("vdi")

    assert 303 == answer.status_code
    assert "/requests/acme/vdi" == answer.headers["location"]
    for expected in ("win11-office", "12", "New hires in finance", "about 40 EUR a month each", "Maria Lopez"):
        assert expected in text
    assert re.search(r"Alba Serra, .* Pedro Santos, .*platform", text)
    assert decision.digest in text
    assert "PendingApproval" == decision.phase
    assert Ref("acme", "omar") == decision.case.proven_by
    assert {"template": "win11-office", "count": 12} == decision.case.spec.parameters
    assert "panel" in home.ground.git("panel", "log", "-1", "--format=%ae %s")
    assert 1 == len(asked(home, "vdi"))


def test_a_request_on_behalf_of_somebody_names_them(home):
    """Whom one may see are listed and may be named, colleagues may be named too; others do not exist."""
    omar, alba = home.signed_in("omar"), home.signed_in("alba")
    shown = summary(alba, **VDI, onBehalfOf=" ana@acme.example ")
    confirm(alba, shown)
    home.tick()

    assert "Ana Ruiz (ana@acme.example)" in said(shown)
    assert Ref("acme", "ana") == home.decision("vdi").case.beneficiary
    assert "<datalist" not in omar.get("/open/acme/create-workspaces").text
    assert '<option value="ana@acme.example">Ana Ruiz' in alba.get("/open/acme/create-workspaces").text
    assert 200 == summary(omar, **VDI | {"name": "hers"}, onBehalfOf="ana@acme.example").status_code
    for stranger in ("ingrid@platform.example", "nobody@acme.example"):
        answer = send(omar, "/open/acme/create-workspaces", **VDI | {"name": "other"}, onBehalfOf=stranger)
        assert "Nobody whom you can ask for signs in by this name." in said(answer)


def test_somebody_may_ask_again_like_a_request_that_they_see(home):
    """The form is filled as the other was; a request that one does not see is one that does not exist."""
    omar = home.signed_in("omar")
    confirm(omar, summary(omar))
    home.tick()
    again = main(omar.get("/open/acme/create-workspaces?like=acme/vdi"))
    lena = home.signed_in("lena@labs.acme.example")
    hidden = lena.get("/open/acme-labs/create-workspaces?like=acme/vdi")
    absent = lena.get("/open/acme-labs/create-workspaces?like=acme/nothing")

    assert 'value="win11-office" id="field-0" checked' in again
    assert 'value="12"' in again
    assert "New hires in finance" in again
    assert 'value="create-workspaces-omar-1"' in again
    assert 404 == hidden.status_code
    assert hidden.content == absent.content


def test_a_summary_can_be_changed_before_it_is_sent(shared):
    omar = shared.signed_in("omar")
    sealed = SEALED.search(summary(omar).text).group(1)
    page = main(send(omar, "/open/acme/create-workspaces/change", sealed=sealed))

    assert 'value="12"' in page
    assert 'value="vdi"' in page


def test_what_was_not_shown_here_is_not_sent(home):
    """Tampered, another's, another offer's, an old one's, another session's: nothing is written for any of them."""
    juan, omar = home.signed_in("juan"), home.signed_in("omar")
    shown = summary(juan)
    sealed = SEALED.search(shown.text).group(1)
    path = "/open/acme/create-workspaces/send"
    half = len(sealed) // 2
    tampered = sealed[:half] + ("A" if sealed[half] != "A" else "B") + sealed[half + 1 :]
    elsewhere = send(juan, "/open/acme/close-all-user-sessions/send", sealed=sealed)
    anew = confirm(home.signed_in("juan"), shown)
    home.later += home.later.resolution * 3_600_000_000
    old = confirm(juan, shown)

    assert 400 == send(juan, path, sealed=tampered).status_code
    assert 400 == send(juan, path, sealed="").status_code
    assert 400 == send(omar, path, sealed=sealed).status_code
    assert 404 == elsewhere.status_code
    assert [409, 409] == [anew.status_code, old.status_code]
    assert not asked(home, "vdi")
    assert 303 == confirm(juan, old).status_code


def test_a_digest_that_changed_since_it_was_shown_is_shown_again(home):
    """Nothing is sent that comes to something else than the person saw."""
    omar = home.signed_in("omar")
    shown = summary(omar)
    path = "policies/approval-flows/manager-and-platform.yaml"
    text = (home.ground.repository / path).read_text()
    commit(home, "olivia", path, text.replace("displayName: Manager, then", "displayName: A manager, then"))
    answer = confirm(omar, shown)
    nothing = asked(home, "vdi")
    sent = confirm(omar, answer)
    home.tick()

    assert 409 == answer.status_code
    assert not nothing
    assert 303 == sent.status_code
    assert home.decision("vdi").digest in said(answer)
    assert home.decision("vdi").digest not in said(shown)


def test_whoever_sends_twice_has_sent_once(home):
    """A double click, at once and after the controller has looked; the name is the request's from then on."""
    omar = home.signed_in("omar")
    shown = summary(omar)
    answers = [confirm(omar, shown), confirm(omar, shown)]
    home.tick()
    answers.append(confirm(omar, shown))

    assert ["/requests/acme/vdi"] * 3 == [one.headers["location"] for one in answers]
    assert 1 == len(asked(home, "vdi"))
    assert 1 == len(home.ground.git("panel", "log", "--format=%H", "--", "requests").split())
    assert "PendingApproval" == home.phase("vdi")


def test_a_name_that_is_taken_is_said_at_the_name_with_a_free_one(home):
    """Seen by the controller, asked for by somebody else meanwhile, or a file that nobody has looked at yet."""
    juan, omar = home.signed_in("juan"), home.signed_in("omar")
    shown = summary(omar)
    confirm(juan, summary(juan))
    raced = confirm(omar, shown)
    home.tick()
    seen = send(omar, "/open/acme/create-workspaces", **VDI)
    file = home.ground.repository / "requests/acme/mine.yaml"
    file.write_text("{}")
    there = confirm(omar, summary(omar, **VDI | {"name": "mine"}))

    for answer in (raced, seen, there):
        assert 422 == answer.status_code
        assert '<li><a href="#request-name">' in answer.text
        assert "This one is free: create-workspaces-omar-1" in said(answer)
        assert 'value="12"' in answer.text
    assert "{}" == file.read_text()


def test_what_could_not_be_brought_in_is_tried_again_by_the_same_form(home):
    """The evidence is written once; the page says what went wrong, and its button sends the same again."""
    omar = home.signed_in("omar")
    shown = summary(omar)
    unfinished = home.ground.repository / ".git" / "MERGE_HEAD"
    unfinished.write_text("0" * 40)
    failed = confirm(omar, shown)
    written = asked(home, "vdi")
    unfinished.unlink()
    again = confirm(omar, failed)
    home.tick()

    assert 502 == failed.status_code
    assert "Traceback" not in failed.text
    assert 1 == len(written) == len(asked(home, "vdi"))
    assert 303 == again.status_code
    assert "PendingApproval" == home.phase("vdi")


def test_what_would_hold_a_request_is_said_before_it_is_sent(home):
    """It may be sent all the same: what holds it can be put right."""
    spec = {"products": ["FlexxDesktop"], "deploysResources": True, "approvals": [{"flow": {"name": "manager"}}]}
    commit(home, "olivia", "policies/held.yaml", microservice("held", **spec))
    omar = home.signed_in("omar")
    shown = summary(omar, "held", name="held")
    answer = confirm(omar, shown, "held")
    home.tick()

    assert "no stage is the Platform's. PlatformStageMissing" in said(shown)
    assert 303 == answer.status_code
    assert "Submitted" == home.phase("held")


def test_a_form_of_another_site_sends_nothing(shared):
    """Every step demands the session's own token."""
    omar = shared.signed_in("omar")
    for step in ("", "/send", "/change"):
        assert 403 == omar.post(f"/open/acme/create-workspaces{step}", data=VDI | {"csrf": "x"}).status_code


def test_exactly_what_would_not_be_held_for_want_of_rights_is_offered(shared):
    """The catalogue's rule is validity's own: for everybody and everywhere, a request says the same."""
    seen = shared.seen()
    world, count = seen.world, 0
    for person, user in world.people.by_ref.items():
        for organization in world.organizations.by_name:
            offered = {one.name for one in askable(world, user.spec.username, organization)}
            for offer in offers_of(world, organization):
                wish = {"microservice": {"name": offer.name}, "requester": user.spec.username}
                decision = preview(world, Ref(organization, "x"), RequestSpec.model_validate(wish), seen.now)
                held = decision.hold is not None and decision.hold.reason == "RequesterNotAllowed"
                assert (offer.name in offered) is not held, f"{person} {offer.name}"
                count += offer.name in offered
    assert count > 100
