"""Every rule of the world that `check` knows, with its meaning: the ids of its findings, alphabetical."""

RULES: dict[str, str] = {
    "approval-look-alike": "Two approval entries of a request have keys that differ in case or Unicode form alone.",
    "approval-malformed": "An approval entry of a request is no decision, so it can never count.",
    "approver-out-of-reach": "An approval flow names an organization, or people of one, not of its owner's own line.",
    "approvers-missing": "Today there are too few people to fill every stage that a request would need.",
    "argument-dash": "A value that may begin with `-` is an argument with no `--` before it, and would be refused.",
    "argument-secret": "A secret parameter is an argument; programs read secrets elsewhere.",
    "enablement-not-offered": "A microservice is enabled where it is not offered: not subscribed, another category, …",
    "enablement-not-visible": "A microservice is enabled by an organization that may not see it.",
    "enablement-twice": "An organization has two enablements of one microservice, so neither counts.",
    "flow-impossible": "A flow asks for more people than there are, whoever they are.",
    "flow-out-of-reach": "An approval flow is used by an organization that does not depend on the flow's owner.",
    "key-twice": "Two users have one signing key, so it proves nobody.",
    "level-unknown": "A level is named that its module does not have.",
    "no-flow-applies": "A microservice names approval flows, and the condition of none of them can hold there.",
    "offer-ambiguous": "An organization has two offers of one name, so neither can be requested.",
    "organization-cycle": "An organization's parents lead back to it: nothing is allowed there or below.",
    "organization-missing": "A document is in the namespace of an organization that does not exist.",
    "organization-parent-type": "An organization's parent is of a type that cannot be its parent.",
    "parameter-undeclared": "A parameter is used that the microservice's schema does not declare.",
    "parent-missing": "An organization's parent does not exist: nothing is allowed there or below.",
    "pattern-invalid": "A pattern for targets is no RE2, or grows too large.",
    "permission-unknown": "A permission is named that no row of its module grants.",
    "platform-missing": "There is no Organization of type Platform.",
    "platform-stage-missing": "What deploys resources under a managed tier has no stage of the Platform's.",
    "platform-twice": "There is more than one Organization of type Platform, so nobody acts as it.",
    "product-unknown": "A product is named that the Platform does not list.",
    "reference-missing": "Something is named that does not exist.",
    "request-held": "A request could not be approved as it stands.",
    "request-not-allowed": "A request's requester lacks a right that it needs.",
    "request-not-offered": "A request asks for what its organization does not offer.",
    "request-parameters": "A request's parameters are not what its microservice asks for.",
    "request-person-unknown": "A request names a person that no user is.",
    "request-targets": "A request's targets are not what its microservice asks for.",
    "role-out-of-reach": "An enablement names a role that is neither its organization's nor one's above.",
    "role-target-out-of-reach": "A role has an entry for an organization that does not depend on the role's owner.",
    "schema-invalid": "A JSON Schema for parameters is wrong, so that no request could be judged by it.",
    "schema-open": "A microservice accepts parameters that it does not declare.",
    "tier-unknown": "A tier is named that its product does not have.",
    "username-look-alike": "Two people have names that differ in case or Unicode form (NFKC) alone.",
    "username-twice": "Two people sign in with one name, so that it is nobody's.",
    "visibility-not-allowed": "A microservice is visible further than its owner may make it.",
    "visible-to-out-of-reach": "A partner shows a microservice to an organization that does not depend on it.",
}

WARNINGS = frozenset(
    {
        "approvers-missing",
        "argument-dash",
        "enablement-not-offered",
        "no-flow-applies",
        "platform-missing",
        "request-held",
        "request-not-allowed",
        "request-not-offered",
        "request-parameters",
        "request-person-unknown",
        "request-targets",
        "schema-open",
    }
)
"""The rules whose breach may come right by itself, or does no harm.

A request that was fine when it ran stays in the tree, and a file does not say that it ended, so what holds a request is
a warning here; `check --base` refuses a new one that would be held. `platform-stage-missing` is one of them only until
somebody has subscribed to the tier."""
