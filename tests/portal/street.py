"""The demo's world with neighbours: a sibling for the suborganization, another client of the partner, and their work.

Everything comes in as it would: commits that are signed, decisions that the panel was told, passes of the controller.
The words of NEIGHBOURS stand in nothing that the people of acme and acme-labs may see.
"""

from contextlib import contextmanager
from itertools import count

from assent.adapters.documents import edit
from assent.api.ledger import NewRecord
from assent.cli.demos import world
from portal.house import Person, house

SHOPS = ("acme-shops", "Shops of Acme", "sam@shops.acme.example", "shops-support", "till-wifi", "lap-0201")
GLOBEX = ("globex", "Globex Corporation", "gus@globex.example", "globex-users", "depot-wifi", "lap-0301")
NEIGHBOURS = {"acme-shops": SHOPS, "globex": GLOBEX}
IDS = count(1)


def files(organization, title, username, role, parent, key, **spec):
    """An organization with one role and one person."""
    name = username.partition("@")[0]
    spec = {"displayName": title, "parent": parent, **spec}
    user = {"username": username, "displayName": name.capitalize(), "role": {"name": role}}
    levels = {"portal": "User", "workspaces": "L1", "automate": "Requester"}
    made = [
        _document("Organization", organization, None, spec),
        _document("AccessRole", role, organization, {"entries": [{"organization": organization, "levels": levels}]}),
        _document("User", name, organization, {**user, "signingKeys": [{"publicKey": key}]}),
    ]
    return {f"organizations/{organization}/{one['kind'].lower()}.yaml": one for one in made}


def _document(kind, name, namespace, spec):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": "assent.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def commit(ground, person, made, subject="Change"):
    """What a person commits and signs: documents by path, None where a file goes."""
    for path, value in made.items():
        file = ground.repository / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(edit.dump(value)) if value else file.unlink()
    ground.git(person, "add", "-A")
    ground.git(person, "commit", "-q", "-S", "-m", subject)


def ask(home, person, name, microservice, organization="acme", **spec):
    """A request that its requester commits."""
    user = next(one.spec for ref, one in home.seen().world.people.by_ref.items() if ref.name == person)
    asked = {"microservice": {"name": microservice}, "requester": user.username, **spec}
    path = f"requests/{organization}/{name}.yaml"
    commit(home.ground, person, {path: _document("Request", name, organization, asked)}, f"Ask for {name}")


def tell(home, username, verb, name, organization="acme", because="it is right"):
    """What the panel is told by somebody who is signed in."""
    digest = home.decision(name, organization).digest
    text = f"{verb} as {username} for {digest} because {because}"
    body = {"request": f"{organization}/{name}", "channel": "Panel", "username": username, "text": text}
    home.panel.write(NewRecord("told", f"{next(IDS):032x}", {**body, "signedIn": True}, once=True))


def neighbours(ground):
    """The sibling of acme-labs, and another client of northwind, with one person each."""
    keys = {name: world._person(ground, name, f"{name}@x.example") for name in ("sam", "gus")}
    client = {"type": "Client", "subscriptions": [{"product": "FlexxClient"}]}
    shops = files(*SHOPS[:4], "acme", keys["sam"], type="SubOrganization")
    commit(ground, "olivia", shops | files(*GLOBEX[:4], "northwind", keys["gus"], **client), "Declare the neighbours")


@contextmanager
def street(folder, **settings):
    """A house with its neighbours; work has been done in each, and some waits."""
    with house(folder, before=neighbours, **settings) as home:
        ask(home, "juan", "vdi", "create-workspaces", parameters={"template": "win11-office", "count": 2})
        ask(home, "juan", "too-many", "create-workspaces", parameters={"template": "win11-office", "count": 9})
        ask(home, "juan", "hung", "close-user-session", parameters={"user": "ana"}, targets=["vdi-0001"])
        wifi = {"parameters": {"information": "Summary"}}
        ask(home, "lena", "lab-wifi", "get-wifi-information", "acme-labs", targets=["lap-0101"], **wifi)
        ask(home, "sam", SHOPS[4], "get-wifi-information", "acme-shops", targets=[SHOPS[5]], **wifi)
        ask(home, "gus", GLOBEX[4], "get-wifi-information", "globex", targets=[GLOBEX[5]], **wifi)
        home.tick()
        tell(home, "maria@acme.example", "reject", "too-many", because="twelve are enough")
        home.tick()
        yield home


def main(answer):
    """What is on the page, without what stands around it on every page."""
    return answer.text.partition("<main")[2].partition("</main>")[0]


def same(person, hidden, missing):
    """Whether both answers are the same, byte for byte but for the address that was asked for, and both say 404."""
    answers = [person.get(path) for path in (hidden, missing)]
    bodies = [
        answer.content.replace(path.partition("?")[0].encode(), b"")
        for answer, path in zip(answers, (hidden, missing), strict=True)
    ]
    heads = [{name: value for name, value in one.headers.items() if name != "content-length"} for one in answers]
    return [404, 404] == [one.status_code for one in answers] and bodies[0] == bodies[1] and heads[0] == heads[1]


def stranger(home, username="ghost@nowhere.example"):
    """A browser of somebody who signs in, but is no User."""
    person = Person(home.app)
    person.cookies.set(home.panel.settings.cookie, home.app.state.sessions.begin(username))
    return person
