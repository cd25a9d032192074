"""A second, naive answer to "who may do what where": it expands everything that is declared into a set of facts.

Written from the description of the domain alone and in another shape than the product's: it never looks one decision
up, never walks a line upward, and knows documents only as the plain mappings that YAML gives.
"""

from itertools import product

PARENTS = {"Client": "Partner", "SubOrganization": "Client"}


def facts(documents):
    """Every (username, organization, module, functionality, action) that is allowed in the world of these documents."""
    by_kind = {}
    for one in documents:
        by_kind.setdefault(one["kind"], []).append(one)
    lines = sound_lines({one["metadata"]["name"]: one["spec"] for one in by_kind.get("Organization", [])})
    barred = shut_out(by_kind.get("Organization", []), lines)
    powers = {
        (owner, role["metadata"]["name"]): [
            (organization, *permission)
            for organization, levels in role_levels(role, owner, lines, barred)
            for permission in expand(levels, by_kind.get("Module", []))
        ]
        for role in by_kind.get("AccessRole", [])
        for owner in [role["metadata"]["namespace"]]
    }
    users = by_kind.get("User", [])
    return {
        (name, *power)
        for user in users
        if not user["spec"].get("suspended", False) and "role" in user["spec"]
        for power in powers.get((user["metadata"]["namespace"], user["spec"]["role"]["name"]), [])
        for name in names(user)
        if sum(name in names(other) for other in users) == 1
    }


def names(user):
    """All names that a user signs in with."""
    return {user["spec"]["username"], *user["spec"].get("aliases", [])}


def sound_lines(organizations):
    """The line from the root down of every organization that hangs on a root by parents of the right types.

    It grows from the roots downward, so that a cycle, or what hangs on nothing, is never reached.
    """
    lines = {name: (name,) for name, spec in organizations.items() if "parent" not in spec}
    while True:
        grown = {
            name: (*lines[spec["parent"]], name)
            for name, spec in organizations.items()
            if name not in lines
            and spec.get("parent") in lines
            and organizations[spec["parent"]]["type"] == PARENTS[spec["type"]]
        }
        if not grown:
            return lines
        lines |= grown


def shut_out(organizations, lines):
    """Pairs of a partner and an organization in which its people hold nothing: a client that denies it, and below."""
    return {
        (client["spec"]["parent"], organization)
        for client, (organization, line) in product(organizations, lines.items())
        if client["spec"]["type"] == "Client"
        and client["spec"].get("partnerAccess") == "Denied"
        and "parent" in client["spec"]
        and client["metadata"]["name"] in line
    }


def role_levels(role, owner, lines, barred):
    """The levels that the role gives, by organization: the most particular entry, whole."""
    for organization, line in lines.items():
        if owner not in line or (owner, organization) in barred:
            continue
        fitting = [
            (particular(entry, owner, line), entry["levels"])
            for entry in role["spec"]["entries"]
            if particular(entry, owner, line) is not None
        ]
        if fitting:
            yield organization, max(fitting, key=lambda one: one[0])[1]


def particular(entry, owner, line):
    """How particular the entry is to the last organization of the line; None where it is not for it at all."""
    named = entry["organization"]
    if named == "*":
        return 0
    if named not in line[line.index(owner) :]:
        return None
    depth = line.index(named) + 1
    return depth if named == line[-1] or entry.get("includeDependents", False) else None


def expand(levels, modules):
    """Every (module, functionality, action) that these levels, held together, come to."""
    return {
        (module["metadata"]["name"], row["functionality"], row["action"])
        for module in modules
        for row in module["spec"]["permissions"]
        for given in row["grants"]
        if levels.get(module["metadata"]["name"]) == given["level"]
        and ("when" not in given or levels.get(given["when"]["module"]) in given["when"]["levels"])
    }
