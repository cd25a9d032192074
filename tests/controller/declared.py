"""A small world, declared: a platform, the client acme with its people, and microservices that only leave a trace.

Documents are plain values by identity, so that a test changes one field and commits it.
"""

from pathlib import Path

from assent.adapters import documents

API = "assent.dev/v1alpha1"
POLICIES = Path(__file__).parents[2] / "policies"

ALL = {"portal": "OrganizationAdmin", "automate": "Manager"}
TEXT = {"type": "object", "additionalProperties": False, "properties": {"text": {"type": "string"}}}

PEOPLE = {
    "olivia": ("platform", "platform-admins"),
    "ingrid": ("platform", "platform-engineers"),
    "alba": ("acme", "acme-admins"),
    "maria": ("acme", "acme-managers"),
    "marc": ("acme", "acme-managers"),
    "juan": ("acme", "acme-requesters"),
    "ana": ("acme", "acme-viewers"),
}
"""Everybody, with organization and role: two admins, the platform's approver, acme's two, a requester, a viewer."""

ROLES = {
    "platform/platform-admins": {"platform": ALL},
    "platform/platform-engineers": {"platform": {"portal": "User", "automate": "Approver"}},
    "acme/acme-admins": {"*": ALL},
    "acme/acme-managers": {"*": {"portal": "User", "automate": "Approver"}},
    "acme/acme-requesters": {"acme": {"portal": "User", "automate": "Requester"}},
    "acme/acme-viewers": {"acme": {"portal": "User", "automate": "Viewer"}},
}

FLOWS = {
    "platform/manager": {"stages": [{"name": "manager", "approvers": [{"organizations": ["Requesting"]}]}]},
    "platform/manager-and-platform": {
        "stages": [
            {"name": "manager", "approvers": [{"organizations": ["Requesting"]}]},
            {"name": "platform", "approvers": [{"organizations": ["Platform"]}]},
        ]
    },
    "platform/two-managers": {
        "stages": [{"name": "managers", "quorum": 2, "approvers": [{"organizations": ["Requesting"]}]}]
    },
}


def document(kind, name, spec, namespace=None, **metadata):
    """A document's plain value."""
    where = {"name": name, **({"namespace": namespace} if namespace else {}), **metadata}
    return {"apiVersion": API, "kind": kind, "metadata": where, "spec": spec}


def role(path, entries):
    namespace, name = path.split("/")
    levels = [{"organization": organization, "levels": levels} for organization, levels in entries.items()]
    return document("AccessRole", name, {"entries": levels}, namespace)


def user(name, namespace, role_name, *keys, **spec):
    username = f"{name}@{namespace}.example"
    more = {"role": {"name": role_name}} if role_name else {}
    signing = [one if isinstance(one, dict) else {"publicKey": one} for one in keys]
    return document("User", name, {"username": username, **more, "signingKeys": signing, **spec}, namespace)


def service(name, *, program="note", arguments=None, flows=(), run=None, **spec):
    """A microservice of the platform's that everybody is offered; without flows it needs no approval."""
    arguments = [{"value": "--"}, {"parameter": "text"}] if arguments is None else arguments
    run = run or {"process": {"program": program, "arguments": arguments}}
    use = {"approvals": [{"flow": {"name": flow}} for flow in flows]} if flows else {}
    standard = {"displayName": name, "category": "Notes", "visibility": "Public", "enabledByDefault": True}
    return document("Microservice", name, {**standard, "parameters": TEXT, **use, "run": run, **spec}, "platform")


def request(name, microservice, requester="juan@acme.example", namespace="acme", **spec):
    spec = {"microservice": {"name": microservice}, "requester": requester, **spec}
    return document("Request", name, spec, namespace)


SERVICES = (
    service("note"),
    service("sweep", targetRules={"minItems": 1, "maxItems": 9}),
    service("break", program="break", targetRules={"minItems": 0, "maxItems": 9}),
    service("again", idempotent=True),
    service("hand", run={"manual": {"instructions": "Turn the key."}}),
    service("one", flows=["manager"]),
    service("two", flows=["manager-and-platform"]),
    service("pair", flows=["two-managers"]),
    service("slow", program="slow"),
    service("deadly", program="deadly"),
)
"""One microservice a way to run: at once, over targets, failing, repeatable, by hand, gated, slow, killing."""


def world(keys):
    """Every document of the first trusted commit; `keys` are public lines by person."""
    acme = {"type": "Client", "subscriptions": [{"product": "Desk", "tier": "Standard"}]}
    products = [{"name": "Desk", "tiers": [{"name": "Standard"}, {"name": "Enterprise", "managed": True}]}]
    found = [
        document("Organization", "platform", {"type": "Platform", "products": products}),
        document("Organization", "acme", acme),
    ]
    found += [role(path, entries) for path, entries in ROLES.items()]
    found += [document("ApprovalFlow", path.split("/")[1], spec, path.split("/")[0]) for path, spec in FLOWS.items()]
    found += [user(name, *place, keys[name]) for name, place in PEOPLE.items()]
    return [*found, *SERVICES, *modules()]


def modules():
    """The shipped modules that this world's roles name."""
    files = [(POLICIES / "modules" / f"{name}.yaml").read_bytes() for name in ("portal", "automate", "workspaces")]
    return [one.value for file in files for one in documents.load(file).documents]


def path_of(value):
    """Where this world keeps a document."""
    metadata = value["metadata"]
    folder = "requests" if value["kind"] == "Request" else value["kind"].lower()
    return f"{folder}/{metadata.get('namespace', '')}/{metadata['name']}.yaml".replace("//", "/")
