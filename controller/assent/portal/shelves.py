"""The catalogue as somebody looks through it: products, categories, and what may be asked for in each."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assent.core.gates import gate
from assent.core.holds import Hold
from assent.core.offers import Offer, subscribed_tiers
from assent.core.world import World

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Card:
    """One offer, in short."""

    name: str
    title: str
    description: str
    cost: str
    approval: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """One product, or everything else (an empty name), with its categories."""

    product: str
    categories: list[tuple[str, list[Card]]]


def shelves(world: World, offers: Sequence[Offer], _: Translate) -> list[Shelf]:
    """Every offer under each product that its organization has; those of no product come last."""
    places: dict[str, dict[str, list[Card]]] = {}
    for offer in offers:
        card = _card(world, offer, _)
        for product in sorted(subscribed_tiers(world, offer.organization, offer.service)) or [""]:
            places.setdefault(product, {}).setdefault(offer.service.spec.category, []).append(card)
    return [
        Shelf(product, [(name, sorted(cards, key=_title)) for name, cards in sorted(categories.items())])
        for product, categories in sorted(places.items(), key=lambda one: (not one[0], one[0]))
    ]


def searched(offers: Iterable[Offer], words: str) -> list[Offer]:
    """Those in whose texts all of these words stand, in any case and with any accents."""
    wanted = folded(words).split()
    return [one for one in offers if all(word in folded(_texts(one)) for word in wanted)]


def approval(world: World, offer: Offer, _: Translate) -> str:
    """Who approves it, in short: the flows that apply whatever is asked for."""
    found = gate(world, offer, {})
    varies = any(use.when and use.when.parameters for _owner, uses in offer.approvals for use in uses)
    if isinstance(found, Hold):
        return _("It depends on what is asked for.") if varies else _("It cannot be approved as things stand.")
    if not found.flows:
        return _("It depends on what is asked for.") if varies else _("No approval is needed.")
    names = ", ".join(flow.spec.display_name or ref.name for ref, flow in found.flows)
    text = _("%(flows)s; it may depend on what is asked for") if varies else "%(flows)s"
    return text % {"flows": names}


def _card(world: World, offer: Offer, _: Translate) -> Card:
    spec = offer.service.spec
    return Card(offer.name, spec.display_name, spec.description or "", spec.cost_note or "", approval(world, offer, _))


def _title(card: Card) -> tuple[str, str]:
    return folded(card.title), card.name


def _texts(offer: Offer) -> str:
    spec = offer.service.spec
    return " ".join((offer.name, spec.display_name, spec.description or "", spec.category, *spec.products))


def folded(text: str) -> str:
    """The text as it is searched: in one case, and without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if not unicodedata.combining(one))
