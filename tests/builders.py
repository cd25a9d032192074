"""Worlds in one line, for tests.

Namespaced documents are named `organization/name`, levels are mappings `{"portal": "User"}`, and whatever else a `spec`
may hold is given by its YAML name: `user("acme/maria", "admins", suspended=True)`.

    world(*tree("P+a"), *modules(), role("a/admins", {"*": ALL}), user("a/maria", "admins"))

is the Platform, the client `a` with its suborganization `b`, the shipped modules, and one administrator who has
everything in both.
"""

import base64
import hashlib
from functools import cache
from itertools import product
from pathlib import Path

import yaml

from assent.api.kinds import parse
from assent.api.names import API_VERSION, Ident, Ref
from assent.core.access import allowed
from assent.core.permissions import Permission
from assent.core.world import world as world_of

MODULES = Path(__file__).parents[1] / "policies" / "modules"

ALL = {"portal": "OrganizationAdmin", "workspaces": "L2", "analyzer": "Access", "automate": "Manager"}
"""Levels of the shipped modules that hold every permission there is."""

ADMIN = {"portal": "OrganizationAdmin"}
"""An administrator of the portal: governs all kinds, may not open, approve or cancel requests."""


def document(kind, name, spec, namespace=None, **metadata):
    """Any document, read as if it stood in a file: what its kind refuses is an error of the test."""
    where = {"name": name} if namespace is None else {"name": name, "namespace": namespace}
    parsed, problems = parse({"apiVersion": API_VERSION, "kind": kind, "metadata": {**where, **metadata}, "spec": spec})
    assert parsed is not None, f"{kind} {namespace}/{name}: {problems}"
    return parsed


def owned(kind, path, spec):
    """A document named `organization/name`."""
    namespace, name = path.split("/")
    return document(kind, name, spec, namespace)


def ref(path):
    """`acme/maria` as a reference."""
    return Ref.parse(path)


def ident(path):
    """`User/acme/maria` or `Organization/acme` as an identity."""
    return Ident.parse(path)


def permission(text):
    """`portal: Users Create` or `automate: Requests Approve` as a permission; the last word is the action."""
    module, rest = text.split(": ")
    functionality, action = rest.rsplit(" ", 1)
    return Permission(module, functionality, action)


def organization(name, kind, parent=None, **spec):
    """An organization of type `kind`: Platform, Partner, Client or SubOrganization."""
    return document("Organization", name, {"type": kind, **({"parent": parent} if parent else {}), **spec})


def tree(shape):
    """Organizations from a picture of one character each.

    `P` is the Platform, named `platform`, with the product FlexxDesktop in its tiers Standard and Enterprise (managed).
    All others are named `a`, `b`, `c` … in order: `-` is a Partner, `+` a Client of no partner, and a letter a
    dependent of the organization with that letter (of a partner: a Client; of a client: a SubOrganization).
    So `P-aab` is the platform, the partner a, its clients b and c, and d, a suborganization of b.
    """
    kinds, found = {}, []
    for mark in shape:
        if mark == "P":
            found.append(organization("platform", "Platform", products=PRODUCTS))
            continue
        name = "abcdefghijklmnop"[len(kinds)]
        below = {"Partner": "Client", "Client": "SubOrganization"}
        kinds[name] = {"-": "Partner", "+": "Client"}.get(mark) or below[kinds[mark]]
        found.append(organization(name, kinds[name], mark if mark.isalpha() else None))
    return found


PRODUCTS = [{"name": "FlexxDesktop", "tiers": [{"name": "Standard"}, {"name": "Enterprise", "managed": True}]}]


@cache
def modules():
    """The shipped modules: portal, workspaces, analyzer and automate."""
    read = [one for path in sorted(MODULES.glob("*.yaml")) for one in yaml.safe_load_all(path.read_text())]
    return tuple(document("Module", one["metadata"]["name"], one["spec"]) for one in read if one["kind"] == "Module")


def module(name, rows):
    """A module from its rows: `{"Users Create": ["Admin", ("User", "other", ["L2"])]}`.

    A grant is a level, or a level with the module and the levels that its condition wants; the last word of a row is
    the action. The module has the levels that its rows name.
    """
    levels, permissions = {}, []
    for row, grants in rows.items():
        functionality, action = row.rsplit(" ", 1)
        written = [grant(*((one,) if isinstance(one, str) else one)) for one in grants]
        levels |= {one["level"]: None for one in written}
        permissions.append({"functionality": functionality, "action": action, "grants": written})
    spec = {"levels": [{"name": level} for level in levels], "permissions": permissions}
    return document("Module", name, spec)


def grant(level, other=None, levels=()):
    """One grant of a row, perhaps only with a level of another module."""
    return {"level": level} if other is None else {"level": level, "when": {"module": other, "levels": list(levels)}}


def role(path, entries, **spec):
    """A role from levels by organization: `a+` is an entry for a that includes its dependents, `*` is everywhere."""
    written = [
        {
            "organization": where.removesuffix("+"),
            "levels": levels,
            **({"includeDependents": True} if "+" in where else {}),
        }
        for where, levels in entries.items()
    ]
    return owned("AccessRole", path, {"entries": written, **spec})


def user(path, role=None, **spec):
    """A person who signs in as `name@organization`, with a role of their own organization and one signing key."""
    namespace, name = path.split("/")
    given = {"username": f"{name}@{namespace}", "signingKeys": [{"publicKey": public_key(path)}]}
    return owned("User", path, {**given, **({"role": {"name": role}} if role else {}), **spec})


def public_key(seed):
    """An SSH public key that nobody has the private half of; the same for the same seed."""
    blob = b"".join(
        len(part).to_bytes(4, "big") + part for part in (b"ssh-ed25519", hashlib.sha256(seed.encode()).digest())
    )
    return f"ssh-ed25519 {base64.b64encode(blob).decode()}"


def service(path, **spec):
    """A microservice that the whole world sees where the Platform owns it, its dependents where another does."""
    visibility = "Public" if path.startswith("platform/") else "Dependents"
    given = {"displayName": path, "category": "Workspace Management", "visibility": visibility}
    return owned("Microservice", path, {**given, "run": {"manual": {"instructions": "Do it."}}, **spec})


def enablement(path, service, **spec):
    """What one organization says about the microservice `organization/name`."""
    owner, name = service.split("/")
    return owned("EnabledMicroservice", path, {"microservice": {"organization": owner, "name": name}, **spec})


def flow(path, *stages, **spec):
    """A flow of these stages (of one stage, `manager`, where none is given)."""
    return owned("ApprovalFlow", path, {"stages": list(stages) or [stage("manager", "Requesting")], **spec})


def stage(name, *organizations, quorum=1, **approvers):
    """A stage with one approver entry: organizations, and beside them `users=[…]` or `roles=[…]`."""
    entry = {**({"organizations": list(organizations)} if organizations else {}), **approvers}
    return {"name": name, "quorum": quorum, "approvers": [entry]}


def use(path, **when):
    """The flow `organization/name` as `approvals` name it, perhaps under a condition."""
    owner, name = path.split("/")
    return {"flow": {"organization": owner, "name": name}, **({"when": when} if when else {})}


def request(path, service, requester, **spec):
    """A request for what its organization offers under the name `service`."""
    return owned("Request", path, {"microservice": {"name": service}, "requester": requester, **spec})


def world(*documents):
    """The world in which all of these are in force."""
    return world_of(documents)


def everything(documents):
    """All that is allowed in the world of these documents: (username, organization, module, functionality, action)."""
    made = world(*documents)
    names = [name for one in made.people.by_ref.values() for name in one.spec.names]
    asked = product(sorted(set(names)), made.organizations.by_name, made.matrices.rows)
    return {(name, place, *row) for name, place, row in asked if allowed(made, name, place, row).allowed}


def changes(*documents, gone=()):
    """What one commit brings in: these documents, and the identities `gone`, written like `User/acme/maria`."""
    brought = {Ident(one.kind, one.namespace, one.name): one for one in documents}
    return brought | {ident(path): None for path in gone}
