"""What panel and mail were told, judged as any other decision is: in the world of the moment, once."""

from datetime import datetime

from assent.api.ledger import NewRecord
from assent.api.names import Ref
from assent.api.tellings import Told
from assent.core.hearing import Heard, Speaker
from assent.core.notebook import Notebook, asked_by
from assent.core.state import TOLD, State
from assent.core.world import World


def waiting(state: State, world: World) -> bool:
    """Whether something that was told waits to be judged."""
    return bool(state.told) or bool(proven(state, world))


def proven(state: State, world: World) -> dict[Ref, Ref]:
    """Open requests of which nothing else proves whose they are, each with the person who asked for it in the panel."""
    cases = [state.cases[ref] for ref in sorted(state.asked.keys() & state.cases.keys())]
    found = {
        case.ref: asked_by(state, world, case.ref, case.spec) for case in cases if case.open and not case.proven_by
    }
    return {ref: person for ref, person in found.items() if person}


def judge(notebook: Notebook, now: datetime) -> None:
    """Everything that waits, in the order in which it was told."""
    for ref, person in proven(notebook.state, notebook.world).items():
        notebook.note(NewRecord("proven", str(ref), {"provenBy": str(person), "commit": ""}), now)
    for told in sorted(notebook.state.told.values(), key=lambda one: one.sequence):
        notebook.hear(told.request, heard(told), speaker(notebook.world, told), now)


def heard(told: Told) -> Heard:
    """The decision before it is judged."""
    return Heard(told.text, told.channel, f"{TOLD}{told.id}", signed_in=told.signed_in)


def speaker(world: World, told: Told) -> Speaker:
    """Whose decision it is: the one User of the name that signed in, or that the link was sent to."""
    person = world.people.named(told.username)
    unproven = "" if person else f"no one user signs in as {told.username!r}"
    return Speaker(person, f"name:{told.username}", unproven, "UnknownSigner")
