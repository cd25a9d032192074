"""No sequence of accepted writes raises anyone above what its authors held, by the account of the naive model.

Two machines write at random. In `AnyWrites` everybody writes everything; each write that is taken over is accounted
for, gain by gain, by what its author held there, or on a first day above. In `Conspiracy` a few people with less than
everything write roles and users among themselves for as long as they like; together they never come to hold anything
anywhere that none of them held there before.
"""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from assent.api.names import Ref
from assent.core.world import ident
from assent.core.writes import judge
from builders import organization, public_key, role, tree, user, world
from core.brute import facts, sound_lines
from core.strategies import AUTOMATE, EVERYTHING, GOVERNED, PORTAL, SHAPES, entry_maps

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
FOUNDING = ("portal", "Organizations", "Create")
GOVERNS = {("portal", kind, verb) for kind in ("Roles", "Users") for verb in ("Create", "Modify")}
accepted = Counter()


def specs(documents):
    """The organizations' specs as YAML has them."""
    return {key.name: one.plain()["spec"] for key, one in documents.items() if key.kind == "Organization"}


NOBODY = Ref("platform", "nobody")
"""Who writes where all have deleted each other."""


class Writes(RuleBasedStateMachine):
    """A world under change, and the people who change it."""

    def __init__(self):
        super().__init__()
        self.documents = {}
        self.held = set()

    def start(self, shape, people):
        """The tree, the modules, and these people: owner, name and entries of a role of their own."""
        made = [*tree(shape), PORTAL, AUTOMATE]
        for owner, name, entries in people:
            made += [role(f"{owner}/{name}", entries), user(f"{owner}/{name}", name)]
        self.documents = {ident(one): one for one in made}
        self.held = self.account(self.documents)

    def places(self):
        return sorted(one.name for one in self.documents if one.kind == "Organization")

    def named(self, kind):
        return sorted(one.ref for one in self.documents if one.kind == kind)

    def people(self):
        """Whom a write may come from: who may write users somewhere, for the most part."""
        able = {who for who, _, *what in self.held if tuple(what) == ("portal", "Users", "Create")}
        names = {key.ref: one.spec.username for key, one in self.documents.items() if key.kind == "User"}
        return [one for one, name in sorted(names.items()) if name in able] * 4 + sorted(names)

    def account(self, documents):
        """Who holds what, by the naive model."""
        return facts([one.plain() for one in documents.values()])

    def write(self, author, *documents, gone=()):
        """Tries one commit; where it is taken over, accounts for all that anybody gains by it."""
        change = {ident(one): one for one in documents} | dict.fromkeys(gone)
        before = world(*self.documents.values())
        refused = judge(before, change, author, at=AT)
        accepted["refused" if refused else "accepted"] += 1
        if refused:
            return
        old, new = self.documents, {key: one for key, one in (self.documents | change).items() if one is not None}
        between = {
            key: one
            for source, kinds in ((old, ("User", "AccessRole")), (new, ("Organization", "Module")))
            for key, one in source.items()
            if key.kind in kinds
        }
        held = self.account(new)
        self.accounted_for(author, old, new, held - self.account(between))
        self.documents, self.held = new, held

    def accounted_for(self, author, old, new, gained):
        """Every gain is something that the author held there before; or above, on a first day there."""
        accepted["gains"] += len(gained)
        name = next(one.spec.username for key, one in old.items() if key.kind == "User" and key.ref == author)
        for who, where, *what in gained:
            founder = self.founder(name, old, new, where)
            assert (name, where, *what) in self.held or (founder and (name, founder, *what) in self.held), (
                f"{author} gave {who} {what} in {where}"
            )

    def founder(self, name, old, new, where):
        """The organization in which the author holds the right to bring up `where`, on its first day; None if none."""
        by_name = {key.name: one.spec for key, one in (new | old).items() if key.kind == "Organization"}
        if where not in by_name or self.governed(old, where):
            return None
        spec = by_name[where]
        platform = next((one for one, other in by_name.items() if other.type == "Platform"), None)
        above = spec.parent or platform
        if above == where or (spec.type == "Client" and spec.parent and spec.partner_access == "Denied"):
            return None
        if not any(key.kind == "Organization" and key.name == above for key in old):
            return self.founder(name, old, new, above)
        return above if (name, above, *FOUNDING) in self.held else None

    def governed(self, old, where):
        """Whether somebody who can act governs it there."""
        able = [
            one.spec.username
            for key, one in old.items()
            if key.kind == "User" and one.spec.type == "Human" and one.spec.signing_keys
        ]
        return any({(name, where, *what) for what in GOVERNS} <= self.held for name in able)

    @invariant()
    def the_tree_stands(self):
        """Invariants 1 to 4 and rule 14: what is accepted leaves no line broken."""
        organizations = {
            key.name: one.plain()["spec"] for key, one in self.documents.items() if key.kind == "Organization"
        }
        assert set(organizations) == set(sound_lines(organizations))

    @invariant()
    def nothing_refers_to_nothing(self):
        """Every user's role, every entry's organization and every document's home is there."""
        for key, one in self.documents.items():
            assert key.kind in ("Organization", "Module") or key.namespace in self.places()
            if key.kind == "User" and one.spec.role:
                assert (key.namespace, one.spec.role.name) in self.named("AccessRole")
            if key.kind == "AccessRole":
                assert {entry.organization for entry in one.spec.entries} - {"*"} <= set(self.places())

    @invariant()
    def nobody_is_two(self):
        """Names and keys are one person's each."""
        people = [one.spec for key, one in self.documents.items() if key.kind == "User"]
        names = [name.casefold() for one in people for name in {name.casefold() for name in one.names}]
        keys = [key.fingerprint for one in people for key in one.signing_keys]
        assert len(names) == len(set(names))
        assert len(keys) == len(set(keys))

    @rule(data=st.data())
    def write_role(self, data):
        """Somebody writes a role, new or not."""
        author, owner = self.author_and_home(data)
        name = data.draw(st.sampled_from(["r1", "r2", *(one.name for one in self.named("AccessRole"))]))
        self.write(author, role(f"{owner}/{name}", self.entries(data, owner)))

    @rule(data=st.data())
    def write_user(self, data):
        """Somebody writes a user, new or not, with a role of that organization."""
        author, owner = self.author_and_home(data)
        self.write(author, self.drawn_user(data, owner))

    @rule(data=st.data())
    def write_both(self, data):
        """A role and a user who has it come in one commit."""
        author, owner = self.author_and_home(data)
        given = role(f"{owner}/r3", self.entries(data, owner))
        self.write(author, given, user(f"{owner}/u3", "r3", suspended=data.draw(st.booleans())))

    @rule(data=st.data())
    def take_away(self, data):
        """Somebody deletes something."""
        author, _ = self.author_and_home(data)
        self.write(author, gone=[data.draw(st.sampled_from(sorted(self.documents)))])

    def author_and_home(self, data):
        """An author, and an organization that they may have something to say in."""
        author = data.draw(st.sampled_from(self.people() or [NOBODY]))
        below = [one for one in self.places() if author.namespace in self.line(one)] or self.places()
        return author, data.draw(st.sampled_from(below * 4 + self.places()))

    def entries(self, data, owner):
        """Entries of a role of the owner, for what depends on it for the most part."""
        below = [one for one in self.places() if owner in self.line(one)] or self.places()
        return data.draw(entry_maps(self.places() if data.draw(st.integers(0, 5)) == 0 else below))

    def line(self, place):
        organizations = {
            key.name: one.plain()["spec"] for key, one in self.documents.items() if key.kind == "Organization"
        }
        return sound_lines(organizations).get(place, ())

    def drawn_user(self, data, owner):
        """A user of the owner, perhaps one who exists, perhaps with other names and keys than before."""
        members = [one.name for one in self.named("User") if one.namespace == owner]
        roles = [one.name for one in self.named("AccessRole") if one.namespace == owner]
        name = data.draw(st.sampled_from(["u1", "u2", *members]))
        has = data.draw(st.sampled_from([None, *roles, *roles]))
        other = {"aliases": [f"second-{name}@{owner}"]} if data.draw(st.integers(0, 4)) == 0 else {}
        key = (
            {"signingKeys": [{"publicKey": public_key(f"{owner}/{name}/2")}]}
            if data.draw(st.integers(0, 4)) == 0
            else {}
        )
        return user(f"{owner}/{name}", has, **other, **key, suspended=data.draw(st.integers(0, 4)) == 0)


class AnyWrites(Writes):
    """Everybody writes everything, organizations as well."""

    @initialize(shape=st.sampled_from(SHAPES), data=st.data())
    def begin(self, shape, data):
        """An administrator of everything here and there, and others with less."""
        names = [one.name for one in tree(shape)]
        people = [("platform", "p", {"*": EVERYTHING}), ("a", "q", {"*": data.draw(st.sampled_from(GOVERNED[1:3]))})]
        for number, owner in enumerate(names[2:]):
            people.append((owner, f"x{number}", data.draw(entry_maps([owner]))))
        self.start(shape, people)

    @rule(data=st.data())
    def write_organization(self, data):
        """Somebody makes, moves, opens or closes an organization, or renames it."""
        author = data.draw(st.sampled_from(self.people() or [NOBODY]))
        parent = data.draw(st.sampled_from([None, *self.places()]))
        name = data.draw(st.sampled_from(["n1", "n2", *self.places()]))
        kind = data.draw(st.sampled_from(["Partner", "Client", "Client", "SubOrganization"]))
        if (kind == "SubOrganization") != (parent is None) or kind == "Client":
            spec = {} if data.draw(st.booleans()) else {"partnerAccess": "Denied"}
            self.write(author, organization(name, kind, parent if kind != "Partner" else None, **spec))

    @rule(data=st.data())
    def turn(self, data):
        """A client's own member opens or closes it."""
        found = specs(self.documents)
        members = [one for one in self.people() if found.get(one.namespace, {}).get("type") == "Client"]
        if members:
            author = data.draw(st.sampled_from(members))
            access = data.draw(st.sampled_from(["Allowed", "Denied"]))
            parent = found[author.namespace].get("parent")
            self.write(author, organization(author.namespace, "Client", parent, partnerAccess=access))

    @rule(data=st.data())
    def found(self, data):
        """An organization and its first people come in one commit."""
        author, parent = self.author_and_home(data)
        kind = {"Partner": "Client", "Client": "SubOrganization"}.get(specs(self.documents)[parent]["type"])
        if kind:
            given = role("n3/r", data.draw(entry_maps(["n3"])))
            self.write(author, organization("n3", kind, parent), given, user("n3/u", "r"))


class Conspiracy(Writes):
    """A few people write roles and users; a guardian in every root holds everything and is left in peace."""

    @initialize(shape=st.sampled_from(SHAPES), data=st.data())
    def begin(self, shape, data):
        """Everybody but the guardians has less than everything."""
        names = [one.name for one in tree(shape)]
        roots = [one.name for one in tree(shape) if not one.spec.parent]
        less = st.sampled_from([one for one in GOVERNED if one != EVERYTHING])
        people = [(owner, "guard", {"*": EVERYTHING}) for owner in roots]
        own = st.sampled_from([{"portal": "Clerk"}, {"portal": "Admin"}])
        for number, owner in enumerate(names):
            people.append((owner, f"x{number}", {"*": data.draw(less), owner: data.draw(own)}))
        self.start(shape, people)
        self.guards = [one for one in self.named("User") if one.name == "guard"]
        self.first = set(self.held)
        self.bound = {fact[1:] for fact in self.held if not fact[0].startswith("guard@")}

    def people(self):
        """Guardians write nothing."""
        return [one for one in super().people() if one not in self.guards]

    def write(self, author, *documents, gone=()):
        """Stopping a guardian takes no power, and would open a first day: it is not what is tried here."""
        touched = [one.ref for one in (*map(ident, documents), *gone) if one.kind == "User"]
        if not set(touched) & set(self.guards):
            super().write(author, *documents, gone=gone)

    @precondition(lambda self: self.documents)
    @invariant()
    def together_they_hold_no_more_than_at_first(self):
        """Nobody holds anything anywhere but what they held at first, or some conspirator did."""
        for who, *fact in self.held:
            assert tuple(fact) in self.bound or (who, *fact) in self.first, f"{who} came to hold {fact}"


TestAnyWrites = AnyWrites.TestCase
TestAnyWrites.settings = settings(max_examples=60, stateful_step_count=30)
TestConspiracy = Conspiracy.TestCase
TestConspiracy.settings = settings(max_examples=60, stateful_step_count=30)
