"""Microservices: how far they are visible, and where they are enabled."""

from collections.abc import Iterator

from assent.api.names import Ident, Ref
from assent.core.checks.fault import Fault, View, some
from assent.core.holds import Hold
from assent.core.offers import SHOWN_BY, may_show, offered, visible


def visibility_is_the_owners_to_give(view: View) -> Iterator[Fault]:
    """Only the Platform shows what it has to all, and only it and partners to whom they name."""
    organizations = view.world.organizations.by_name
    for ref, service in sorted(view.world.microservices.items()):
        owner = organizations.get(ref.namespace)
        if owner and not may_show(owner, service.spec.visibility):
            may = " or a ".join(SHOWN_BY[service.spec.visibility])
            text = f"is {service.spec.visibility}, and {ref.namespace} is a {owner.spec.type}: only a {may} may"
            hint = "write Private or Dependents"
            yield Fault("visibility-not-allowed", Ident("Microservice", *ref), ("spec", "visibility"), text, hint)


def enablements_stand_once(view: View) -> Iterator[Fault]:
    """An organization says of a microservice one thing."""
    for (organization, service), refs in sorted(view.world.enabled.items()):
        for ref in refs if len(refs) > 1 else ():
            others = some([one.name for one in refs if one != ref])
            text = f"names {service}, which {organization} enables as {others} too: neither counts"
            yield Fault(
                "enablement-twice", Ident("EnabledMicroservice", *ref), ("spec", "microservice"), text, "keep one"
            )


def enablements_are_of_what_is_offered(view: View) -> Iterator[Fault]:
    """What an organization enables it may see, has subscribed to, and lists the category of."""
    world = view.world
    for (organization, name), refs in sorted(world.enabled.items()):
        service = world.microservices.get(name)
        ref = refs[0]
        if service is None or len(refs) > 1 or world.organizations.broken(organization):
            continue
        if not visible(world, service, organization):
            text = f"names {name}, which {organization} may not see (visibility {service.spec.visibility})"
            yield _of(
                ref, "enablement-not-visible", text, "ask its owner to make it visible, or take this document out"
            )
            continue
        disabled = world.enablements[ref].spec.state == "Disabled"
        found = offered(world, organization, ref.name)
        if isinstance(found, Hold) and found.reason == "NotOffered" and not disabled:
            hint = "subscribe, add its category, or take this document out"
            yield _of(ref, "enablement-not-offered", found.message, hint)


def _of(ref: Ref, rule: str, text: str, hint: str) -> Fault:
    return Fault(rule, Ident("EnabledMicroservice", *ref), ("spec", "microservice"), text, hint)


def offers_have_names_of_their_own(view: View) -> Iterator[Fault]:
    """A request names one offer."""
    world = view.world
    defaults: dict[str, list[Ref]] = {}
    for ref, service in sorted(world.microservices.items()):
        if service.spec.enabled_by_default:
            defaults.setdefault(ref.name, []).append(ref)
    doubtful = {name for name, refs in defaults.items() if len(refs) > 1}
    named = {(ref.namespace, ref.name) for ref in world.enablements if ref.name in defaults}
    named |= {(organization, name) for organization in world.organizations.by_name for name in doubtful}
    for organization, name in sorted(named):
        found = offered(world, organization, name)
        if isinstance(found, Hold) and found.reason == "AmbiguousOffer":
            own = Ref(organization, name) in world.enablements
            ident = Ident("EnabledMicroservice", organization, name) if own else Ident("Organization", "", organization)
            yield Fault("offer-ambiguous", ident, (), found.message, "enable one of them under another name")
