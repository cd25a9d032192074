"""Which flows stand in front of a request, and what they ask together: the strictest of each rule."""

from itertools import permutations

import pytest

from assent.core.gates import Gate, gate
from assent.core.holds import Hold
from assent.core.offers import offered
from builders import enablement, flow, organization, service, stage, tree, use, world

PLATFORM_FLOW = flow("platform/platform", stage("platform", "Platform"))
PLAIN_FLOW = flow("platform/plain")
FLOWS = [PLATFORM_FLOW, PLAIN_FLOW, flow("a/partners"), flow("b/clients"), flow("c/subs")]


def gated(*documents, place="b", parameters=None, subscriptions=(("FlexxDesktop", "Enterprise"),), flows=FLOWS):
    """The gate in front of `vdi` in one organization of the tree `P-ab`, where b has these subscriptions."""
    listed = [{"product": product, **({"tier": tier} if tier else {})} for product, tier in subscriptions]
    places = [one for one in tree("P-ab") if one.name != "b"]
    made = world(*places, organization("b", "Client", "a", subscriptions=listed), *flows, *documents)
    offer = offered(made, place, "vdi")
    assert not isinstance(offer, Hold), offer
    return gate(made, offer, parameters or {})


def vdi(*uses, **spec):
    """The platform's microservice under these flows."""
    given = {"enabledByDefault": True, "products": ["FlexxDesktop"], **spec}
    return service("platform/vdi", approvals=list(uses), **given)


def names(found):
    """The flows of a gate, or the reason of a hold."""
    return found.reason if isinstance(found, Hold) else [str(ref) for ref, _ in found.flows]


ENTERPRISE, STANDARD, NONE = ("FlexxDesktop", "Enterprise"), ("FlexxDesktop", "Standard"), ("FlexxDesktop", None)
GOLD, OTHER = ("FlexxDesktop", "Gold"), ("Other", "Standard")


@pytest.mark.parametrize(
    ("when", "subscriptions", "applies"),
    [
        pytest.param({"managed": True}, [ENTERPRISE], True, id="managed"),
        pytest.param({"managed": True}, [STANDARD], False, id="not-managed"),
        pytest.param({"managed": False}, [ENTERPRISE], False, id="asks-for-not-managed"),
        pytest.param({"managed": False}, [STANDARD], True, id="is-not-managed"),
        pytest.param({"managed": True}, [NONE], False, id="no-tier-is-not-managed"),
        pytest.param({"managed": False}, [NONE], True, id="no-tier-is-asked-for"),
        pytest.param({"managed": True}, [GOLD], True, id="an-unlisted-tier-may-be-managed"),
        pytest.param({"managed": False}, [GOLD], True, id="an-unlisted-tier-may-be-not-managed"),
        pytest.param({"managed": True}, [("Other", "Enterprise"), STANDARD], False, id="another-product's-tier"),
        pytest.param({"tiers": ["Enterprise", "Edge"]}, [ENTERPRISE], True, id="one-of-the-tiers"),
        pytest.param({"tiers": ["Edge"]}, [ENTERPRISE], False, id="none-of-the-tiers"),
        pytest.param({"tiers": ["Edge"]}, [NONE], False, id="no-tier-is-none-of-them"),
        pytest.param({"tiers": ["Gold"]}, [GOLD], True, id="an-unlisted-tier-has-its-name"),
        pytest.param({"managed": True, "tiers": ["Edge"]}, [ENTERPRISE], False, id="all-that-is-written-must-hold"),
        pytest.param({"managed": True, "tiers": ["Enterprise"]}, [ENTERPRISE], True, id="and-does"),
        pytest.param({}, [STANDARD], True, id="an-empty-condition-holds"),
    ],
)
def test_a_condition_on_the_tier(when, subscriptions, applies):
    """A flow applies where the tier of the subscription is as it says; where nobody can tell, it applies."""
    found = gated(vdi(use("platform/plain"), use("platform/platform", **when)), subscriptions=subscriptions)

    assert ["platform/plain", *(["platform/platform"] if applies else [])] == names(found)


@pytest.mark.parametrize(
    ("managed", "expected"),
    [pytest.param(True, ["platform/platform"], id="managed"), pytest.param(False, ["platform/plain"], id="not")],
)
def test_two_subscriptions_of_different_tiers(managed, expected):
    """Where one of several subscriptions is managed and another is not, the flows for both apply."""
    both = [ENTERPRISE, OTHER]
    products = [{"name": "FlexxDesktop", "tiers": [{"name": "Enterprise", "managed": True}]}]
    products.append({"name": "Other", "tiers": [{"name": "Standard", "managed": managed}]})
    one = vdi(
        use("platform/platform", managed=True), use("platform/plain", managed=False), products=["FlexxDesktop", "Other"]
    )
    platform = organization("platform", "Platform", products=products)
    found = gated(one, platform, subscriptions=both)

    assert sorted({"platform/platform", *expected}) == sorted(names(found))
    assert "Enterprise, Standard" == found.tier


COUNT = {"type": "object", "properties": {"count": {"type": "integer", "minimum": 10}}, "required": ["count"]}


@pytest.mark.parametrize(
    ("schema", "parameters", "applies"),
    [
        pytest.param(COUNT, {"count": 12}, True, id="matches"),
        pytest.param(COUNT, {"count": 2}, False, id="does-not-match"),
        pytest.param(COUNT, {}, False, id="absent"),
        pytest.param(COUNT, {"count": None}, True, id="null-decides-nothing"),
        pytest.param({"type": "object", "properties": {"a": {"pattern": "("}}}, {"a": "x"}, True, id="broken-schema"),
        pytest.param({"$ref": "https://example.org/s"}, {}, True, id="a-schema-that-would-have-to-be-fetched"),
        pytest.param({"$ref": "#"}, {}, True, id="a-schema-in-a-circle"),
    ],
)
def test_a_condition_on_parameters(schema, parameters, applies):
    """A flow applies where the parameters match its schema; a condition that cannot be decided applies."""
    found = gated(
        vdi(use("platform/plain"), use("platform/platform", parameters=schema)),
        parameters=parameters,
    )

    assert ["platform/plain", *(["platform/platform"] if applies else [])] == names(found)


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param([vdi()], [], id="none-named"),
        pytest.param([vdi(use("platform/plain", managed=False))], "NoFlowApplies", id="named-and-none-holds"),
        pytest.param(
            [
                vdi(use("platform/plain")),
                enablement("b/vdi", "platform/vdi", approvals=[use("b/clients", tiers=["X"])]),
            ],
            "NoFlowApplies",
            id="every-list-by-itself",
        ),
        pytest.param(
            [
                vdi(use("platform/plain", managed=False)),
                enablement("b/vdi", "platform/vdi", approvals=[use("b/clients")]),
            ],
            "NoFlowApplies",
            id="another's-flow-does-not-stand-in",
        ),
        pytest.param(
            [vdi(use("platform/plain")), enablement("b/vdi", "platform/vdi", approvals=[use("b/clients")])],
            ["b/clients", "platform/plain"],
            id="the-enablement's-in-front",
        ),
        pytest.param([vdi(use("platform/ghost"))], "ReferenceNotFound", id="a-flow-that-is-not-there"),
        pytest.param([vdi(use("b/clients"))], "ReferenceNotFound", id="a-flow-from-below"),
        pytest.param(
            [vdi(), enablement("b/vdi", "platform/vdi", approvals=[use("c/subs")])],
            "ReferenceNotFound",
            id="a-client-s-use-of-a-flow-from-below",
        ),
        pytest.param(
            [vdi(), enablement("b/vdi", "platform/vdi", approvals=[use("a/partners")])], ["a/partners"], id="from-above"
        ),
        pytest.param(
            [vdi(use("platform/plain")), enablement("b/vdi", "platform/vdi", approvals=[use("platform/plain")])],
            ["platform/plain"],
            id="one-flow-named-twice",
        ),
    ],
)
def test_every_flow_whose_condition_holds_applies(documents, expected):
    """All flows that apply do, once each, in their order; a list of which none applies holds, as a broken one does."""
    assert expected == names(gated(*documents))


def test_a_flow_named_twice_asks_once():
    """Edge case 11: the same flow named above and below adds no second round, and stays where it comes first."""
    found = gated(
        vdi(use("platform/platform"), use("platform/plain")),
        enablement("b/vdi", "platform/vdi", approvals=[use("platform/plain")]),
    )

    assert ["platform/plain/manager", "platform/platform/platform"] == [seat.name for seat in found.seats]


def test_the_client_s_flow_cannot_be_dropped():
    """Edge case 11: what a suborganization says comes after what its client says, and in place of none of it."""
    documents = [
        vdi(use("platform/plain")),
        enablement("b/vdi", "platform/vdi", approvals=[use("b/clients")]),
        enablement("c/vdi", "platform/vdi", approvals=[use("c/subs")]),
    ]

    assert ["b/clients", "c/subs", "platform/plain"] == names(gated(*documents, place="c"))


DEPLOYS = {"deploysResources": True}


@pytest.mark.parametrize(
    ("stages", "tier", "expected"),
    [
        pytest.param([stage("platform", "Platform")], ENTERPRISE, ["platform/f"], id="a-stage-of-the-platform's"),
        pytest.param([stage("it", "platform")], ENTERPRISE, ["platform/f"], id="by-the-platform's-name"),
        pytest.param([stage("lead", "Requesting")], ENTERPRISE, "PlatformStageMissing", id="none"),
        pytest.param([stage("lead", "Requesting")], STANDARD, ["platform/f"], id="not-under-a-managed-tier"),
        pytest.param([stage("lead", "Requesting")], NONE, ["platform/f"], id="not-without-a-tier"),
        pytest.param([stage("lead", "Requesting")], GOLD, "PlatformStageMissing", id="a-tier-nobody-lists-may-be"),
        pytest.param([stage("any", "Platform", "Requesting")], ENTERPRISE, "PlatformStageMissing", id="or-others"),
        pytest.param(
            [stage("people", users=[{"name": "ingrid"}])], ENTERPRISE, ["platform/f"], id="people-of-the-platform"
        ),
        pytest.param(
            [stage("people", users=[{"name": "ingrid"}, {"organization": "b", "name": "bea"}])],
            ENTERPRISE,
            "PlatformStageMissing",
            id="or-somebody-else",
        ),
        pytest.param([stage("roles", roles=[{"name": "it"}])], ENTERPRISE, ["platform/f"], id="roles-of-the-platform"),
        pytest.param(
            [stage("lead", "Requesting"), stage("platform", "Platform")], ENTERPRISE, ["platform/f"], id="one-of-two"
        ),
    ],
)
def test_what_deploys_resources_under_a_managed_tier_needs_the_platform(stages, tier, expected):
    """Invariant 22: no flow that only others can satisfy lets resources be deployed where the platform runs them."""
    documents = [vdi(use("platform/f"), **DEPLOYS), flow("platform/f", *stages)]

    assert expected == names(gated(*documents, subscriptions=[tier]))


def test_two_entries_of_one_stage_are_alternatives():
    """A stage that somebody else may fill as well is not the platform's."""
    either = {"name": "any", "approvers": [{"organizations": ["Platform"]}, {"organizations": ["Client"]}]}
    found = gated(vdi(use("platform/f"), **DEPLOYS), flow("platform/f", either))

    assert "PlatformStageMissing" == names(found)


def test_without_approvals_the_platform_is_missing_as_well():
    """What deploys resources under a managed tier and names no flow at all holds too."""
    assert "PlatformStageMissing" == names(gated(vdi(**DEPLOYS)))
    assert [] == names(gated(vdi(**DEPLOYS), subscriptions=[STANDARD]))


STRICT = {
    "selfApproval": "Forbidden",
    "independentApprovers": True,
    "signInToDecide": True,
    "accepts": ["Panel", "Merge"],
    "decideWithin": "1d",
    "runWithin": "90s",
}
LAX = {
    "selfApproval": "Allowed",
    "independentApprovers": False,
    "signInToDecide": False,
    "accepts": ["Merge", "Annotation"],
    "decideWithin": "7d",
    "runWithin": "2m",
}


def asked(found):
    """What a gate asks, besides its stages."""
    return {
        "self": found.self_approval,
        "independent": found.independent,
        "sign in": found.sign_in,
        "accepts": set(found.accepts),
        "decide": found.decide_within,
        "run": found.run_within,
    }


@pytest.mark.parametrize("order", list(permutations(["platform/strict", "platform/lax", "platform/plain"])))
def test_the_strictest_of_several_flows_holds(order):
    """Of several flows the strictest of every rule holds for all of them, in whatever order they are named."""
    flows = [flow("platform/strict", **STRICT), flow("platform/lax", **LAX), PLAIN_FLOW]
    found = gated(vdi(*(use(path) for path in order)), flows=flows)

    expected = {"self": False, "independent": True, "sign in": True, "accepts": {"Merge"}, "decide": 86400, "run": 90}
    assert expected == asked(found)


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        pytest.param(
            [],
            {"self": False, "independent": False, "sign in": False, "decide": None, "run": None},
            id="no-flow",
        ),
        pytest.param(
            [{}],
            {"self": False, "independent": False, "sign in": True, "decide": None, "run": None},
            id="the-defaults",
        ),
        pytest.param(
            [LAX, LAX],
            {"self": True, "independent": False, "sign in": False, "decide": 7 * 86400, "run": 120},
            id="lax-ones",
        ),
        pytest.param([{"decideWithin": "1h"}, {}], {"decide": 3600, "run": None}, id="one-deadline"),
        pytest.param([{"selfApproval": "Allowed"}, {}], {"self": False}, id="one-that-allows"),
    ],
)
def test_what_the_flows_ask_together(flows, expected):
    """Each rule's default, and the strictest of what is written."""
    documents = [flow(f"platform/f{number}", **spec) for number, spec in enumerate(flows)]
    found = gated(vdi(*(use(f"platform/f{number}") for number in range(len(flows)))), flows=documents)

    assert expected == {name: one for name, one in asked(found).items() if name in expected}


def test_flows_that_share_no_channel_accept_none():
    """Where every flow accepts another channel, no decision counts: nothing is guessed."""
    flows = [flow("platform/f0", accepts=["Mail"]), flow("platform/f1", accepts=["Merge"])]

    assert frozenset() == gated(vdi(use("platform/f0"), use("platform/f1")), flows=flows).accepts


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param("Sequential", [["one"], ["two"], ["manager"]], id="one-after-the-other"),
        pytest.param("Parallel", [["one", "two"], ["manager"]], id="at-once-within-a-flow"),
    ],
)
def test_stages_open_in_groups(order, expected):
    """Stages of a parallel flow open together; flows always follow one another."""
    both = flow("platform/both", stage("one", "Client"), stage("two", "Partner"), order=order)
    found = gated(vdi(use("platform/both"), use("platform/plain")), flows=[both, PLAIN_FLOW])

    assert isinstance(found, Gate)
    assert expected == [[seat.stage.name for seat in group] for group in found.groups]


@pytest.mark.parametrize(
    ("subscriptions", "expected"),
    [
        pytest.param([ENTERPRISE], "Enterprise", id="the-subscription's"),
        pytest.param([NONE], None, id="none"),
        pytest.param([ENTERPRISE, OTHER], "Enterprise", id="of-the-microservice's-products-alone"),
    ],
)
def test_the_tier_that_the_flows_were_chosen_by(subscriptions, expected):
    """The gate keeps the tier that its conditions were asked about, for the digest."""
    assert expected == gated(vdi(use("platform/plain")), subscriptions=subscriptions).tier
