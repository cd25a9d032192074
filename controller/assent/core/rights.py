"""Who may write what: the right that governs each kind and verb, and in which organization it is held."""

from collections.abc import Iterator
from dataclasses import dataclass

from assent.api.kinds import AnyKind
from assent.api.names import Ident
from assent.api.organizations import Organization
from assent.api.people import User
from assent.api.services import EnabledMicroservice
from assent.core import loosening
from assent.core.access import allowed_to, held
from assent.core.authority import FOUNDING, Authority
from assent.core.permissions import APPROVE, Permission
from assent.core.proposals import Proposal, Refusal, fields
from assent.core.world import World

MODIFY_ORGANIZATION = Permission("portal", "Organizations", "Modify")
CONTRACTED = frozenset({"subscriptions", "products", "parent"})
"""Fields of an Organization that are changed by a right in the Platform, instead of one in the organization itself."""

GOVERNING: dict[str, tuple[str, dict[str, str]]] = {
    "Organization": ("Organizations", {"create": "Create", "change": "Modify", "delete": "Delete"}),
    "Module": ("Modules", {"create": "Create", "change": "Modify"}),
    "AccessRole": ("Roles", {"create": "Create", "change": "Modify", "delete": "Delete"}),
    "User": ("Users", {"create": "Create", "change": "Modify", "delete": "Delete"}),
    "Microservice": ("Microservices", {"create": "Create", "change": "Modify", "delete": "Delete"}),
    "EnabledMicroservice": (
        "Enabled microservices",
        {"create": "Modify", "change": "Modify", "delete": "Modify"},
    ),
    "ApprovalFlow": ("Flows", {"create": "Create", "change": "Modify", "delete": "Modify"}),
}
"""By kind: the functionality of the module `portal`, and the action of it that governs each verb."""


@dataclass(frozen=True, slots=True)
class Need:
    """A right that a change of a document needs.

    `organization` is None where the Platform is meant and there is none.
    Who acts for an organization on its first day has the rights that `govern`; the others must be theirs to give.
    """

    permission: Permission
    organization: str | None
    purpose: str
    reason: str = "AuthorNotAllowed"
    governs: bool = True


def lacking(proposal: Proposal, authority: Authority) -> Iterator[Refusal]:
    """Every right that the author lacks for this change."""
    for ident, new in proposal.documents.items():
        for need in _needs(proposal, ident, proposal.before.get(ident), new):
            if not _met(need, authority):
                yield _refusal(proposal.before, ident, need, authority)


def verb(old: AnyKind | None, new: AnyKind | None) -> str:
    """What is done to a document."""
    return "create" if old is None else "delete" if new is None else "change"


def _needs(proposal: Proposal, ident: Ident, old: AnyKind | None, new: AnyKind | None) -> Iterator[Need]:
    if ident.kind == "Organization":
        yield from _organization(proposal, ident, old, new)
        return
    where = proposal.before.organizations.platform if ident.kind == "Module" else ident.namespace
    functionality, actions = GOVERNING[ident.kind]
    action = actions.get(verb(old, new))
    own = proposal.author == ident.ref and _own_business(old, new)
    if action and not own:
        yield Need(Permission("portal", functionality, action), where, f"{verb(old, new)} {ident}")
    if ident.kind == "ApprovalFlow":
        yield Need(APPROVE, where, f"write {ident}, which says who approves", governs=False)
    if isinstance(old, EnabledMicroservice):
        looser = ", ".join(loosening.loosened(old, new if isinstance(new, EnabledMicroservice) else None))
        if looser:
            yield Need(APPROVE, where, f"remove or loosen {looser} of {ident}", "RestrictedField", governs=False)


def _organization(proposal: Proposal, ident: Ident, old: AnyKind | None, new: AnyKind | None) -> Iterator[Need]:
    """Creation and deletion are acts on the parent, what is contracted is the Platform's, the rest its own."""
    platform = proposal.before.organizations.platform
    parent = next((one.spec.parent for one in (old, new) if isinstance(one, Organization)), None)
    purpose = f"{verb(old, new)} {ident}"
    if not isinstance(new, Organization):
        yield Need(Permission("portal", "Organizations", "Delete"), parent or platform, purpose)
        return
    written = fields(old, new) if old else _contracted_at_birth(new)
    contracted = written & CONTRACTED
    if contracted:
        yield Need(MODIFY_ORGANIZATION, platform, f"write {_listed(contracted)} of {ident}", "RestrictedField")
    if old is None and not contracted:
        yield Need(FOUNDING, parent or platform, purpose)
    if old is not None and (written - CONTRACTED or not written):
        yield Need(MODIFY_ORGANIZATION, ident.name, f"write {_listed(written - CONTRACTED)} of {ident}")


def _contracted_at_birth(new: Organization) -> frozenset[str]:
    """Naming a parent is part of making an organization, naming what it has contracted is not."""
    return frozenset(name for name in ("subscriptions", "products") if getattr(new.spec, name))


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "metadata"


def _own_business(old: AnyKind | None, new: AnyKind | None) -> bool:
    """Whether only one's language changes, or a further key is added: what everybody may do for themselves."""
    if not isinstance(old, User) or not isinstance(new, User) or old.spec.suspended:
        return False
    written = fields(old, new)
    kept = set(old.spec.signing_keys) <= set(new.spec.signing_keys)
    return kept and bool(written) and written <= {"language", "signingKeys"}


def _met(need: Need, authority: Authority) -> bool:
    if need.organization is None:
        return False
    if need.governs:
        return authority.may(need.permission, need.organization)
    return need.permission in authority.ceiling(need.organization)


def _refusal(world: World, ident: Ident, need: Need, authority: Authority) -> Refusal:
    if need.organization is None:
        message = f"to {need.purpose} one needs {need.permission} in the Platform, and there is no Platform"
        return Refusal(ident, need.reason, message, "declare one Organization of type Platform")
    answer = allowed_to(world, authority.author, need.organization, need.permission)
    message = (
        f"to {need.purpose} one needs {need.permission} in {need.organization}, "
        f"which {authority.author} lacks: {answer.because}"
    )
    return Refusal(ident, need.reason, message, who_can(world, need.permission, need.organization), answer.chain)


def who_can(world: World, permission: Permission, organization: str) -> str:
    """A hint with up to three people who hold the permission there."""
    owners = world.organizations.path(organization)
    members = (one for owner in owners for one in world.people.members.get(owner, ()))
    able = [world.people.by_ref[one].spec.username for one in members if permission in held(world, one, organization)]
    if not able:
        return f"nobody holds {permission} in {organization} today; have it given to somebody there"
    shown = ", ".join(able[:3]) + (f" and {len(able) - 3} more" if len(able) > 3 else "")  # noqa: PLR2004 -- a line's worth
    return f"have it written by somebody who holds it: {shown}"
