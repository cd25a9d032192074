"""Rule 13 as a law: nobody's own edits enlarge what they may do."""

from datetime import UTC, datetime

from hypothesis import event, given, settings
from hypothesis import strategies as st

from assent.core.world import ident
from assent.core.writes import judge
from builders import role, tree, user, world
from core.brute import facts
from core.strategies import AUTOMATE, EVERYTHING, GOVERNED, PORTAL, SHAPES, entry_maps

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@st.composite
def own_edits(draw):
    """A world with a guardian in every root, one of its people, and a commit of theirs that concerns themselves."""
    places = tree(draw(st.sampled_from(SHAPES)))
    names = [one.name for one in places]
    owner = draw(st.sampled_from(names))
    guards = [one.name for one in places if not one.spec.parent]
    mine = {
        "*": draw(st.sampled_from(GOVERNED)),
        owner: draw(st.sampled_from([{"portal": "Admin"}, {"portal": "Clerk"}])),
    }
    before = [
        *places,
        PORTAL,
        AUTOMATE,
        *(role(f"{one}/guards", {"*": EVERYTHING}) for one in guards),
        *(user(f"{one}/guard", "guards") for one in guards),
        role(f"{owner}/mine", mine),
        role(f"{owner}/other", draw(entry_maps(names))),
        user(f"{owner}/me", "mine"),
    ]
    written = draw(st.sampled_from(["mine", "new", None]))
    has = draw(st.sampled_from(["mine", "other", "new"] if written == "new" else ["mine", "other"]))
    commit = [] if written is None else [role(f"{owner}/{written}", draw(entry_maps(names)))]
    return before, [*commit, user(f"{owner}/me", has, language="en")], f"me@{owner}"


@settings(max_examples=300)
@given(own_edits())
def test_rule_13_own_edits_never_enlarge_ones_own_set(case):
    """Whatever somebody writes about their own user and roles: what is taken over gives them nothing new anywhere."""
    before, commit, me = case
    change = {ident(one): one for one in commit}
    refused = judge(world(*before), change, ident(commit[-1]).ref, at=AT)
    event("refused" if refused else "taken over")
    if refused:
        return
    after = {ident(one): one for one in before} | change

    gained = facts([one.plain() for one in after.values()]) - facts([one.plain() for one in before])
    assert not [fact for fact in gained if fact[0] == me]
