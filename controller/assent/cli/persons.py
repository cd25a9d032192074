"""Who is at the keyboard: the user whose signing key the repository's own Git configuration names."""

from dataclasses import dataclass
from pathlib import Path

from assent.adapters import documents
from assent.adapters.git import workspace
from assent.api.kinds import identify
from assent.api.names import Ident, Ref
from assent.core.world import World
from assent.errors import NotFoundError


@dataclass(frozen=True)
class Person:
    """A user, and their own work tree."""

    ref: Ref
    username: str
    workspace: workspace.Workspace


def me(place: str, world: World) -> Person:
    """The user to whom the signing key belongs; NotFoundError where it is nobody's in force."""
    here = workspace.find(Path(place))
    found = world.people.signer(here.fingerprint)
    if found is None:
        raise NotFoundError(
            f"the signing key {here.fingerprint} is no user's",
            "put the public key among your User's signingKeys, or set user.signingkey to the right key",
        )
    ref = found[0]
    return Person(ref, world.people.by_ref[ref].spec.username, here)


def request_file(person: Person, ref: Ref) -> tuple[str, int, bytes]:
    """The work tree's file that holds the request: its path, the document's position there, and the file's text."""
    wanted = Ident("Request", *ref)
    for path, data in documents.scan(person.workspace.root):
        found = documents.load(data, path)
        for document in found.documents:
            if identify(document.value) == wanted:
                return path, document.index, data
    raise NotFoundError(f"no file of {person.workspace.root} holds the request {ref}", "pull the branch that has it")
