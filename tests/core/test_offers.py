"""What an organization offers: visible, active, subscribed, of its categories and enabled; else why it does not."""

import pytest

from assent.core.holds import Hold
from assent.core.offers import Offer, managed, offered, visible
from builders import enablement, flow, organization, service, tree, use, world

PLATFORM, PARTNER, CLIENT, SIBLING, SUB, FREE = "platform", "a", "b", "c", "d", "e"
"""The tree `P-aab+`: the partner a, its clients b and c, b's suborganization d, and the client e of no partner."""


def outcome(documents, place, name="vdi"):
    """The offer's enablements, or the reason of the hold."""
    found = offered(world(*documents), place, name)
    return found.reason if isinstance(found, Hold) else [str(one.namespace) for one in found.enablements]


def placed(*documents, **spec):
    """The tree, in which b is what `spec` says, and these documents."""
    others = [one for one in tree("P-aab+") if one.name != CLIENT]
    return [*others, organization(CLIENT, "Client", PARTNER, **spec), *documents]


@pytest.mark.parametrize(
    ("owner", "spec", "expected"),
    [
        pytest.param(PLATFORM, {"visibility": "Private"}, {PLATFORM}, id="private-is-the-owner's"),
        pytest.param(PARTNER, {"visibility": "Private"}, {PARTNER}, id="a-partner's-private-one"),
        pytest.param(PARTNER, {"visibility": "Dependents"}, {"a", "b", "c", "d"}, id="dependents-of-a-partner"),
        pytest.param(CLIENT, {"visibility": "Dependents"}, {"b", "d"}, id="dependents-of-a-client"),
        pytest.param(SUB, {"visibility": "Dependents"}, {"d"}, id="nobody-above-and-no-sibling"),
        pytest.param(PLATFORM, {"visibility": "Dependents"}, {PLATFORM}, id="nothing-depends-on-the-platform"),
        pytest.param(PLATFORM, {"visibility": "Public"}, {PLATFORM, *"abcde"}, id="public-is-everybody's"),
        pytest.param(PARTNER, {"visibility": "Public"}, {PARTNER}, id="only-the-platform's-are-public"),
        pytest.param(
            PARTNER,
            {"visibility": "Named", "visibleTo": ["e", "d"]},
            {"a", "d"},
            id="named-among-dependents-and-the-owner",
        ),
        pytest.param(
            PLATFORM, {"visibility": "Named", "visibleTo": ["c"]}, {PLATFORM, "c"}, id="named-by-the-platform"
        ),
        pytest.param(CLIENT, {"visibility": "Named", "visibleTo": ["c"]}, {"b"}, id="a-client-names-nobody"),
        pytest.param("ghost", {"visibility": "Named", "visibleTo": ["c"]}, set(), id="nor-does-an-owner-that-is-not"),
    ],
)
def test_visibility_says_who_may_see_it(owner, spec, expected):
    """A microservice is visible to its owner, and to others as its visibility says and its owner's type allows."""
    one = service(f"{owner}/vdi", **spec)
    made = world(*tree("P-aab+"), one)

    assert expected == {place for place in made.organizations.by_name if visible(made, one, place)}


@pytest.mark.parametrize(
    ("place", "documents", "expected"),
    [
        pytest.param(CLIENT, [service("platform/vdi", enabledByDefault=True)], [], id="by-default"),
        pytest.param(CLIENT, [service("platform/vdi")], "ReferenceNotFound", id="not-by-default-and-not-enabled"),
        pytest.param(CLIENT, [service("platform/vdi"), enablement("b/vdi", "platform/vdi")], ["b"], id="enabled-here"),
        pytest.param(
            CLIENT,
            [service("platform/vdi", enabledByDefault=True), enablement("b/vdi", "platform/vdi", state="Disabled")],
            "NotOffered",
            id="disabled-here",
        ),
        pytest.param(
            CLIENT,
            [service("platform/vdi", enabledByDefault=True), enablement("c/vdi", "platform/vdi", state="Disabled")],
            [],
            id="disabled-by-a-sibling",
        ),
        pytest.param(
            CLIENT, [enablement("b/vdi", "platform/vdi")], "ReferenceNotFound", id="the-microservice-is-not-there-yet"
        ),
        pytest.param(
            CLIENT,
            [service("platform/vdi", enabledByDefault=True, state="Archived")],
            "NotOffered",
            id="archived-invariant-17",
        ),
        pytest.param(
            CLIENT,
            [service("platform/vdi", state="Archived"), enablement("b/vdi", "platform/vdi")],
            "NotOffered",
            id="archived-although-enabled",
        ),
        pytest.param(
            SIBLING, [service("b/vdi", enabledByDefault=True)], "ReferenceNotFound", id="a-sibling's-is-not-even-named"
        ),
        pytest.param(
            SIBLING,
            [service("b/vdi"), enablement("c/vdi", "b/vdi")],
            "NotOffered",
            id="what-one-cannot-see-is-no-offer",
        ),
        pytest.param(PARTNER, [service("a/vdi", enabledByDefault=True)], [], id="the-owner's-own"),
        pytest.param("ghost", [service("platform/vdi", enabledByDefault=True)], "OrganizationBroken", id="nowhere"),
    ],
)
def test_an_offer_is_visible_active_and_enabled(place, documents, expected):
    """Invariant 17: offered is what is active and enabled there, by default or by name; else the word says why not."""
    assert expected == outcome([*tree("P-aab+"), *documents], place)


@pytest.mark.parametrize(
    ("products", "subscribed", "place", "expected"),
    [
        pytest.param([], [], CLIENT, [], id="of-no-product"),
        pytest.param(["FlexxDesktop"], ["FlexxDesktop"], CLIENT, [], id="subscribed"),
        pytest.param(["FlexxDesktop"], [], CLIENT, "NotOffered", id="not-subscribed-invariant-17"),
        pytest.param(["FlexxDesktop", "FlexxClient"], ["FlexxClient"], CLIENT, [], id="one-of-two"),
        pytest.param(["FlexxDesktop"], ["FlexxDesktop"], SUB, [], id="the-client's-subscription-invariant-5"),
        pytest.param(["FlexxDesktop"], [], SUB, "NotOffered", id="nor-has-the-client"),
        pytest.param(["FlexxDesktop"], ["FlexxDesktop"], SIBLING, "NotOffered", id="a-sibling's-subscription"),
        pytest.param(["FlexxDesktop"], ["FlexxDesktop"], PARTNER, "NotOffered", id="a-client's-subscription"),
    ],
)
def test_an_offer_is_of_a_subscribed_product(products, subscribed, place, expected):
    """A microservice of products is offered where one of them is subscribed; a suborganization uses its client's."""
    one = service("platform/vdi", enabledByDefault=True, products=products)
    documents = placed(one, subscriptions=[{"product": name} for name in subscribed])

    assert expected == outcome(documents, place)


@pytest.mark.parametrize(
    ("own", "clients", "place", "expected"),
    [
        pytest.param([], [], CLIENT, [], id="none-set"),
        pytest.param([], ["Session Management", "Workspace Management"], CLIENT, [], id="among-them"),
        pytest.param([], ["Session Management"], CLIENT, "NotOffered", id="not-among-them"),
        pytest.param([], ["Session Management"], SUB, "NotOffered", id="the-client's-hold-below-it"),
        pytest.param(["Session Management"], [], SUB, "NotOffered", id="its-own-as-well"),
        pytest.param(["Session Management"], [], CLIENT, [], id="and-not-above-it"),
    ],
)
def test_an_offer_is_of_the_organization_s_categories(own, clients, place, expected):
    """Where an organization sets categories, others are not offered there, nor in what depends on it."""
    others = [one for one in placed(categories=clients) if one.name != SUB]
    below = organization(SUB, "SubOrganization", CLIENT, categories=own)

    assert expected == outcome([*others, below, service("platform/vdi", enabledByDefault=True)], place)


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param([service("platform/vdi", enabledByDefault=True)], [], id="by-default"),
        pytest.param(
            [service("platform/vdi"), enablement("b/vdi", "platform/vdi")],
            "ReferenceNotFound",
            id="enabled-above-is-not-enabled-here",
        ),
        pytest.param(
            [service("platform/vdi"), enablement("d/vdi", "platform/vdi")],
            "NotOffered",
            id="enabled-here-and-not-above",
        ),
        pytest.param(
            [service("platform/vdi"), enablement("b/vms", "platform/vdi"), enablement("d/vdi", "platform/vdi")],
            ["b", "d"],
            id="the-client's-conditions-come-first",
        ),
        pytest.param(
            [service("platform/vdi", enabledByDefault=True), enablement("b/vdi", "platform/vdi", state="Disabled")],
            "NotOffered",
            id="disabled-above",
        ),
        pytest.param(
            [service("platform/vdi", enabledByDefault=True), enablement("b/vms", "platform/vdi")],
            ["b"],
            id="by-default-under-the-client's-conditions",
        ),
        pytest.param(
            [
                service("platform/vdi", visibility="Named", visibleTo=["d"]),
                enablement("b/vdi", "platform/vdi"),
                enablement("d/vdi", "platform/vdi"),
            ],
            "NotOffered",
            id="what-the-client-cannot-see",
        ),
        pytest.param(
            [
                service("platform/vdi", enabledByDefault=True),
                enablement("b/one", "platform/vdi", state="Disabled"),
                enablement("b/two", "platform/vdi"),
            ],
            "EnabledTwice",
            id="two-words-of-the-client's",
        ),
        pytest.param([service("d/vdi", enabledByDefault=True)], "NotOffered", id="its-own-is-not-its-client's"),
    ],
)
def test_a_suborganization_offers_only_what_its_client_offers(documents, expected):
    """A suborganization offers only what its client offers, and nothing of the client's can be dropped."""
    assert expected == outcome([*tree("P-aab+"), *documents], SUB)


def test_the_client_s_approvals_come_first():
    """The client's flows stand before the suborganization's, and both before the microservice's own."""
    documents = [
        service("platform/vdi", approvals=[use("platform/own")]),
        enablement("b/vdi", "platform/vdi", approvals=[use("b/finance")]),
        enablement("d/vdi", "platform/vdi", approvals=[use("d/lead")]),
        *(flow(path) for path in ("platform/own", "b/finance", "d/lead")),
    ]
    found = offered(world(*tree("P-aab+"), *documents), SUB, "vdi")

    assert isinstance(found, Offer)
    assert [("b", "finance"), ("d", "lead"), ("platform", "own")] == [
        (owner, one.flow.name) for owner, uses in found.approvals for one in uses
    ]


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param(
            [service("platform/vdi", enabledByDefault=True), service("a/vdi", enabledByDefault=True)],
            "AmbiguousOffer",
            id="two-by-default",
        ),
        pytest.param(
            [
                service("platform/vdi", enabledByDefault=True),
                service("a/other"),
                enablement("b/vdi", "a/other"),
            ],
            "AmbiguousOffer",
            id="one-by-default-and-one-by-name",
        ),
        pytest.param(
            [
                service("platform/vdi", enabledByDefault=True),
                service("a/vdi", enabledByDefault=True),
                enablement("b/partners", "a/vdi"),
            ],
            [],
            id="an-enablement-takes-its-name-from-the-default",
        ),
        pytest.param(
            [
                service("platform/vdi", enabledByDefault=True),
                service("a/vdi", enabledByDefault=True, state="Archived"),
            ],
            [],
            id="an-archived-one-is-no-offer",
        ),
        pytest.param(
            [
                service("platform/vdi", enabledByDefault=True),
                service("a/other"),
                enablement("b/vdi", "a/other", state="Disabled"),
            ],
            [],
            id="nor-is-a-disabled-one",
        ),
        pytest.param(
            [service("platform/vdi", enabledByDefault=True), enablement("b/vdi", "a/ghost")],
            "AmbiguousOffer",
            id="one-that-may-come-yet-is-not-nothing",
        ),
        pytest.param(
            [
                service("platform/vdi", state="Archived", enabledByDefault=True),
                service("a/vdi", enabledByDefault=True, state="Archived"),
            ],
            "NotOffered",
            id="two-that-are-none",
        ),
        pytest.param(
            [
                service("platform/vdi"),
                enablement("b/vdi", "platform/vdi"),
                enablement("b/vms", "platform/vdi", state="Disabled"),
            ],
            "EnabledTwice",
            id="one-microservice-under-two-names",
        ),
    ],
)
def test_two_offers_of_one_name_hold(documents, expected):
    """A name that could mean two things holds, and says which two; what is not offered is no second meaning."""
    assert expected == outcome([*tree("P-aab+"), *documents], CLIENT)


def test_an_enabled_one_is_offered_under_its_own_name_alone():
    """What an organization enables under a name of its own is not offered under the microservice's."""
    documents = [*tree("P-aab+"), service("platform/vdi", enabledByDefault=True), enablement("b/vms", "platform/vdi")]

    assert ["b"] == outcome(documents, CLIENT, "vms")
    assert "ReferenceNotFound" == outcome(documents, CLIENT, "vdi")
    assert [] == outcome(documents, SIBLING, "vdi")


@pytest.mark.parametrize(
    ("documents", "place", "words"),
    [
        pytest.param(
            [service("platform/vdi", enabledByDefault=True, products=["FlexxDesktop", "X"])],
            CLIENT,
            "b does not offer 'vdi': b has not subscribed to FlexxDesktop or X",
            id="not-subscribed",
        ),
        pytest.param(
            [service("platform/vdi", enabledByDefault=True), enablement("b/x", "platform/vdi", state="Disabled")],
            SUB,
            "d does not offer 'vdi': its client b does not offer it: it is disabled there",
            id="whose-doing-it-is",
        ),
        pytest.param(
            [service("platform/vdi", enabledByDefault=True), service("a/vdi", enabledByDefault=True)],
            CLIENT,
            "b has two offers of the name 'vdi': a/vdi and platform/vdi",
            id="which-two",
        ),
        pytest.param([], CLIENT, "b has no offer of the name 'vdi'", id="none"),
    ],
)
def test_the_sentence_says_what_is_missing(documents, place, words):
    """A hold says where, which microservice, and what stands in the way; the same problem in the same words."""
    made = world(*tree("P-aab+"), *documents)

    assert words == offered(made, place, "vdi").message == offered(made, place, "vdi").message


@pytest.mark.parametrize(
    ("product", "tier", "expected"),
    [
        pytest.param("FlexxDesktop", "Enterprise", True, id="managed"),
        pytest.param("FlexxDesktop", "Standard", False, id="not-managed"),
        pytest.param("FlexxDesktop", None, False, id="no-tier-is-not-managed"),
        pytest.param("FlexxDesktop", "Gold", None, id="a-tier-that-nobody-lists"),
        pytest.param("Ghost", "Enterprise", None, id="a-product-that-nobody-lists"),
    ],
)
def test_a_tier_is_managed_where_the_platform_says_so(product, tier, expected):
    """Managed is what the platform lists as such; what it does not list is unknown, and not `no`."""
    assert expected is managed(world(*tree("P-a")), product, tier)


def test_without_a_platform_nothing_is_known_of_tiers():
    """Nothing lists tiers where there is no platform, and where there are two nobody acts as it."""
    two = [*tree("P"), organization("other", "Platform", products=[])]

    assert managed(world(*tree("+")), "FlexxDesktop", "Enterprise") is None
    assert managed(world(*two), "FlexxDesktop", "Enterprise") is None
