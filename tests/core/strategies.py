"""Random worlds: organizations o0…, roles r0…, users u0…, modules m0…, sound for the most part."""

from hypothesis import strategies as st

from builders import module, organization, role, user

TYPES = ("Platform", "Partner", "Client", "Client", "SubOrganization", "SubOrganization")
PARENTS = {"Client": "Partner", "SubOrganization": "Client"}
LEVELS = ("A", "B", "C")
ROWS = ("Things View", "Things Write", "People View", "People Write")


@st.composite
def organizations(draw, most=7):
    """A forest, with a broken line here and there."""
    kinds = {}
    found = []
    for number in range(draw(st.integers(2, most))):
        name, kind = f"o{number}", draw(st.sampled_from(TYPES))
        fitting = [one for one, other in kinds.items() if other == PARENTS.get(kind)]
        wild = draw(st.integers(0, 9)) == 0
        parents = [*kinds, name, f"o{number + 1}", "ghost"] if wild else fitting
        if kind == "SubOrganization" and not parents:
            kind = "Client"
        free = kind not in PARENTS or (kind == "Client" and (not parents or draw(st.booleans())))
        parent = None if free else draw(st.sampled_from(parents))
        closed = {"partnerAccess": "Denied"} if kind == "Client" and draw(st.integers(0, 4)) == 0 else {}
        kinds[name] = kind
        found.append(organization(name, kind, parent, **closed))
    return found


@st.composite
def modules(draw, most=3):
    """Modules whose rows have conditions on each other."""
    names = [f"m{number}" for number in range(draw(st.integers(1, most)))]
    several = st.sets(st.sampled_from(LEVELS), min_size=1).map(sorted)
    conditional = st.tuples(st.sampled_from(LEVELS), st.sampled_from(names), several)
    grants = st.one_of(st.sampled_from(LEVELS), conditional)
    rows = st.dictionaries(st.sampled_from(ROWS), st.lists(grants, max_size=4), min_size=1)
    every = {"All Levels": list(LEVELS)}
    return [module(name, every | draw(rows)) for name in names]


def levels(names):
    """Levels by module, some of them of no meaning."""
    choices = st.sampled_from([*LEVELS, *LEVELS, "Unknown"])
    return st.fixed_dictionaries({names[0]: choices}, optional=dict.fromkeys([*names[1:], "m9"], choices)) | st.just({})


@st.composite
def roles(draw, places, names, most=5):
    """Roles of any owner, for any organization, within their reach or not."""
    found = []
    for number in range(draw(st.integers(1, most))):
        owner = draw(st.sampled_from(places))
        targets = draw(st.lists(st.sampled_from(["*", owner, *places, "ghost"]), unique=True, min_size=1, max_size=4))
        marks = {where: where + ("+" if where != "*" and draw(st.booleans()) else "") for where in targets}
        found.append(role(f"{owner}/r{number}", {marks[where]: draw(levels(names)) for where in targets}))
    return found


@st.composite
def users(draw, places, known, most=5, *, namesakes=True):
    """Users, most of whom have a role of their own organization."""
    found = []
    for number in range(draw(st.integers(1, most))):
        rare = draw(st.integers(0, 15))
        mine = draw(st.sampled_from(known))
        owner = draw(st.sampled_from(places)) if rare == 1 else mine.namespace
        alias = [f"u{draw(st.integers(0, most))}"] if namesakes and rare in (2, 3) else []
        given = {"username": f"u{number}", "aliases": [one for one in alias if one != f"u{number}"]}
        has = {4: None, 5: "r9"}.get(rare, mine.name)
        found.append(user(f"{owner}/u{number}", has, **given, suspended=rare == 6, signingKeys=[]))
    return found


@st.composite
def worlds(draw, *, namesakes=True):
    """All the documents of a random world."""
    places = draw(organizations())
    matrices = draw(modules())
    names = [one.name for one in places]
    found = draw(roles([*names, *names, "ghost"], [one.name for one in matrices]))
    return [*places, *matrices, *found, *draw(users([*names, "ghost"], found, namesakes=namesakes))]


KINDS = ("Roles", "Users", "Organizations")
VERBS = ("Create", "Modify", "Delete")
PORTAL = module(
    "portal",
    {f"{kind} {verb}": ["Admin", *(["Clerk"] if kind != "Organizations" else [])] for kind in KINDS for verb in VERBS}
    | {"Things View": ["Admin", "Clerk", ("Viewer", "automate", ["Manager"])]},
)
AUTOMATE = module("automate", {"Requests Create": ["Asker", "Manager"], "Requests Approve": ["Approver", "Manager"]})
EVERYTHING = {"portal": "Admin", "automate": "Manager"}
GOVERNED = [
    {},
    EVERYTHING,
    {"portal": "Admin"},
    {"portal": "Clerk", "automate": "Asker"},
    {"portal": "Clerk", "automate": "Approver"},
    {"portal": "Viewer"},
    {"portal": "Viewer", "automate": "Manager"},
    {"automate": "Asker"},
    {"automate": "Approver"},
]
"""Sets that contain each other, that are incomparable, and one that a condition makes larger."""

SHAPES = ("P-aab", "P-ab+d", "P-a-c")


def entry_maps(places):
    """Entries of a role for a few places, some with what depends on them."""
    marked = st.sampled_from([one + mark for one in places for mark in ("", "+")] + ["*", "*"])
    return st.dictionaries(marked, st.sampled_from(GOVERNED), min_size=1, max_size=3).filter(once)


def once(entries):
    names = [where.removesuffix("+") for where in entries]
    return len(set(names)) == len(names)
