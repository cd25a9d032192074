"""What a person may do in an organization, and why: the answers of `assent can`, row by row."""

from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from assent.api.modules import Module
from assent.api.names import Ref
from assent.core.access import Answer, allowed_to, held
from assent.core.permissions import Permission
from assent.core.seeing import USERS, Sight
from assent.core.world import World
from assent.portal.choosing import begins, sight_of
from assent.portal.panel import panel_of
from assent.portal.refusals import MissingError
from assent.portal.rendering import render, translator
from assent.portal.sentences import chains
from assent.portal.signing import Me

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Matrix:
    """One module for one person and organization: rows by functionality, and whether each action is allowed.

    None stands where the module has no such row.
    """

    name: str
    title: str
    level: str
    actions: tuple[str, ...]
    rows: tuple[tuple[str, tuple[bool | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class Someone:
    """A person who may be asked about."""

    ref: Ref
    username: str
    title: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, with its answer."""

    permission: Permission
    answer: Answer


@router.get("/access", name="access")
def access(request: Request, me: Me) -> Response:
    """The permissions of one person in one organization; the chain of one of them, where it is asked for."""
    sight = sight_of(panel_of(request).seen(), me)
    world, people = sight.world, whom(sight)
    person = _person(request.query_params.get("person", ""), sight, people)
    place = _place(request, sight, person)
    return render(
        request,
        "access.html",
        people=people,
        person=next(one for one in people if one.ref == person),
        mine=person == sight.person,
        places=sight.reach,
        place=place,
        matrices=matrices(world, person, place),
        asked=_asked(request, world, person, place),
        link=partial(chains.link, _=translator(request)),
    )


def whom(sight: Sight) -> list[Someone]:
    """Oneself, and everybody of the organizations whose users the person sees."""
    members = (ref for name in sight.where(USERS) for ref in sight.world.people.members.get(name, ()))
    refs = [sight.person, *(ref for ref in members if ref != sight.person)]
    users = ((ref, sight.world.people.by_ref[ref].spec) for ref in refs)
    return [Someone(ref, spec.username, spec.display_name or spec.username) for ref, spec in users]


def matrices(world: World, person: Ref, place: str) -> list[Matrix]:
    """Every module's rows, each allowed or not."""
    may = held(world, person, place)
    return [_matrix(module, may, _level(world, person, place, name)) for name, module in _modules(world)]


def _modules(world: World) -> list[tuple[str, Module]]:
    return sorted(world.matrices.by_name.items())


def _level(world: World, person: Ref, place: str, module: str) -> str:
    """The level of the module that the person has there, as the chain of any of its rows finds it."""
    row = world.matrices.by_name[module].spec.permissions[0]
    chain = allowed_to(world, person, place, Permission(module, row.functionality, row.action)).chain
    return next((step.value for step in chain if step.step == "level"), "")


def _matrix(module: Module, may: frozenset[Permission], level: str) -> Matrix:
    rows = module.spec.permissions
    actions = tuple(dict.fromkeys(row.action for row in rows))
    there = {(row.functionality, row.action) for row in rows}

    def cell(functionality: str, action: str) -> bool | None:
        return Permission(module.name, functionality, action) in may if (functionality, action) in there else None

    functionalities = dict.fromkeys(row.functionality for row in rows)
    cells = tuple((one, tuple(cell(one, action) for action in actions)) for one in functionalities)
    return Matrix(module.name, module.spec.display_name or module.name, level, actions, cells)


def _person(asked: str, sight: Sight, people: list[Someone]) -> Ref:
    """Who is asked about: oneself where nobody is named; raises MissingError for whoever is not to be seen."""
    if not asked:
        return sight.person
    found = next((one.ref for one in people if asked in (str(one.ref), one.username)), None)
    if found is None:
        raise MissingError
    return found


def _place(request: Request, sight: Sight, person: Ref) -> str:
    """The organization that is asked about: one that I reach; the chosen one or their own where none is named."""
    asked = request.query_params.get("organization", "")
    if asked and asked not in sight.reach:
        raise MissingError
    return asked or begins(request, sight, person.namespace, sight.reach)


def _asked(request: Request, world: World, person: Ref, place: str) -> Asked | None:
    """The question about one row; None where none is asked."""
    words = [request.query_params.get(name, "") for name in Permission._fields]
    if not all(words):
        return None
    permission = Permission(*words)
    return Asked(permission, allowed_to(world, person, place, permission))
