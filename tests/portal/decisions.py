"""What people do at a request's page: they take a form from it and send it, as a browser would."""

import html
import re
from contextlib import contextmanager

from portal.house import house
from portal.street import _document, ask, commit, tell

FORM = re.compile(r'<form class="card" method="post"[^>]*>.*?</form>', re.DOTALL)
FIELD = re.compile(r'<(?:input|button)[^>]* name="(\w+)" value="([^"]*)"')
TEMPLATE = {"template": "win11-office", "count": 2}


def forms(page):
    """Every form of a page to decide, by its verb: what it carries."""
    found = {}
    for form in FORM.findall(page):
        fields = [(name, html.unescape(value)) for name, value in FIELD.findall(form)]
        kept = {name: value for name, value in fields if name != "verb"}
        found |= {verb: {**kept, "verb": verb} for name, verb in fields if name == "verb"}
    return found


def form(person, name, verb, organization="acme"):
    """The form for that, as it stands on the request's page for this person."""
    return forms(person.get(f"/requests/{organization}/{name}").text)[verb]


def send(person, name, fields, organization="acme"):
    """The answer to a form, whatever it carries."""
    return person.post(f"/requests/{organization}/{name}/decide", data=fields)


def decide(person, name, verb, reason="", organization="acme", **changed):
    """Takes the form and sends it."""
    fields = form(person, name, verb, organization)
    return send(person, name, {**fields, "reason": reason, **changed}, organization)


def told(home):
    """How many decisions were ever written by panel or mail."""
    return len([*home.ledger.records(kinds={"told"})])


def words(answer):
    """A page as people read it."""
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", text))


def world(ground):
    """More to ask for than the demo's catalogue has: by hand, loud, with a secret, decided by mail's links, in time."""
    program = ground.programs / "platform" / "shout"
    program.write_text(
        "#!/usr/bin/env python3\nprint('<script>alert(1)</script>', chr(0x202E) + 'gnp.exe', end='\\n\\n')\n"
    )
    program.chmod(0o755)
    shout = {"process": {"program": "shout"}}
    text = {"type": "object", "properties": {"text": {"title": "Text", "type": "string"}}}
    secret = {"type": "object", "properties": {"key": {"title": "Key", "type": "object", "secret": True}}}
    services = {
        "by-hand": {"run": {"manual": {"instructions": "Carry it over."}}},
        "loud": {"run": shout, "parameters": text},
        "secretive": {"run": {"manual": {"instructions": "Use the key."}}, "parameters": secret},
        "by-mail": {"run": shout, "approvals": [{"flow": {"name": "by-mail"}}]},
        "in-time": {"run": shout, "parameters": text, "approvals": [{"flow": {"name": "in-time"}}]},
    }
    manager = {"name": "manager", "approvers": [{"organizations": ["Requesting"]}]}
    flows = {
        "by-mail": {"signInToDecide": False, "decideWithin": "1d", "stages": [manager]},
        "in-time": {"decideWithin": "4h", "stages": [manager]},
    }
    made = [_service(name, spec) for name, spec in services.items()]
    made += [_document("ApprovalFlow", name, "platform", spec) for name, spec in flows.items()]
    commit(ground, "olivia", {f"extra/{one['kind']}-{one['metadata']['name']}.yaml": one for one in made}, "Offer more")


def _service(name, spec):
    common = {"displayName": f"Service {name}", "category": "Devices", "visibility": "Public", "enabledByDefault": True}
    return _document("Microservice", name, "platform", {**common, **spec})


def reprice(home):
    """The platform changes what the request would run."""
    path = home.ground.repository / "policies" / "catalogue" / "workspace-management.yaml"
    path.write_text(path.read_text().replace("about 40 EUR a month each", "about 50 EUR a month each", 1))
    home.ground.git("olivia", "commit", "-qaS", "-m", "Raise the price")


@contextmanager
def busy(folder):
    """A house with requests in every state."""
    with house(folder, before=world) as home:
        ask(
            home,
            "juan",
            "vdi",
            "create-workspaces",
            parameters=TEMPLATE,
            onBehalfOf="ana@acme.example",
            reason="New hires",
        )
        ask(home, "juan", "loud", "loud", parameters={"text": "<b>bold</b> {{ 7*7 }}"})
        ask(home, "juan", "hand", "by-hand")
        ask(home, "juan", "secret", "secretive", parameters={"key": {"secretRef": "the-key"}})
        ask(home, "juan", "leaked", "secretive", parameters={"key": {"value": "c4nary"}})
        ask(home, "juan", "gone", "nothing-of-this-name", parameters={"key": "c4nary"})
        ask(home, "lena", "lab", "loud", "acme-labs")
        home.tick()
        tell(home, "ana@acme.example", "approve", "vdi", because="I want it")
        tell(home, "alba@acme.example", "reject", "gone")
        home.tick()
        yield home
