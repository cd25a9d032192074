"""What no right alone allows: fields and deletions that belong to particular people, or to nobody."""

from collections.abc import Iterator

from assent.api.kinds import AnyKind
from assent.api.names import Ident, Ref
from assent.api.organizations import Organization
from assent.api.people import User
from assent.api.services import Microservice
from assent.core.offers import SHOWN_BY, may_show
from assent.core.proposals import Proposal, Refusal


def overstepped(proposal: Proposal) -> Iterator[Refusal]:
    """Everything in this change that is restricted, whatever rights the author holds."""
    for ident, new in proposal.documents.items():
        old = proposal.before.get(ident)
        yield from _modules_stay(ident, new)
        yield from _type_stays(ident, old, new)
        yield from _ones_own_type_stays(ident, old, new, proposal.author)
        yield from _partner_access_is_the_clients(ident, old, new, proposal.author)
        yield from _visibility_fits_the_owner(proposal, ident, new)


def _modules_stay(ident: Ident, new: AnyKind | None) -> Iterator[Refusal]:
    if ident.kind == "Module" and new is None:
        message = f"nobody deletes a Module: roles and microservices refer to what {ident.name} grants"
        yield Refusal(ident, "AuthorNotAllowed", message, "keep it; give its levels to no role if it is out of use")


def _type_stays(ident: Ident, old: AnyKind | None, new: AnyKind | None) -> Iterator[Refusal]:
    if isinstance(old, Organization) and isinstance(new, Organization) and old.spec.type != new.spec.type:
        message = f"{ident.name} is a {old.spec.type} and never becomes a {new.spec.type}"
        yield Refusal(ident, "TypeChanged", message, "make another organization of that type, under another name")


def _ones_own_type_stays(
    ident: Ident, old: AnyKind | None, new: AnyKind | None, author: Ref | None
) -> Iterator[Refusal]:
    """An Automation that makes a Human of itself would count as an approver."""
    if not isinstance(old, User) or not isinstance(new, User) or ident.ref != author:
        return
    if old.spec.type != new.spec.type:
        message = f"type of {ident} is {old.spec.type}, and nobody makes themselves a {new.spec.type}"
        yield Refusal(ident, "RestrictedField", message, "have it written by somebody else who holds all that it gives")


def _partner_access_is_the_clients(
    ident: Ident, old: AnyKind | None, new: AnyKind | None, author: Ref | None
) -> Iterator[Refusal]:
    if not isinstance(new, Organization) or new.spec.type in ("Platform", "Partner"):
        return
    standing = old if isinstance(old, Organization) else new
    before = "Allowed" if standing is new else standing.spec.partner_access
    client = standing.spec.parent if standing.spec.type == "SubOrganization" else ident.name
    if new.spec.partner_access != before and (author is None or author.namespace != client):
        message = f"partnerAccess of {ident.name} is changed by members of {client} alone, and {author} is none"
        hint = f"leave it {before}" if old else "make it with partnerAccess Allowed; its own members can close it later"
        yield Refusal(ident, "RestrictedField", message, hint)


def _visibility_fits_the_owner(proposal: Proposal, ident: Ident, new: AnyKind | None) -> Iterator[Refusal]:
    if not isinstance(new, Microservice):
        return
    owner = proposal.after.organizations.by_name.get(ident.namespace)
    if owner and not may_show(owner, new.spec.visibility):
        allowed = " or a ".join(SHOWN_BY[new.spec.visibility])
        message = f"visibility {new.spec.visibility} is for microservices of a {allowed}, not of a {owner.spec.type}"
        yield Refusal(ident, "RestrictedField", message, "write Private or Dependents")
