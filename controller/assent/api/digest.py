"""The request's digest: SHA-256 over all that decides its effect, and nothing else.

Approvals, reason texts, labels, UIDs and commit ids are not in it, so that an approval changes nothing it approves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assent.api.canonical import sha256

FORMAT = 1
"""The digest's own version: a change of what goes in gives every request a new digest."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a request comes to; a change of any field gives a new digest.

    `path` are the organizations from the root down to the requesting one.
    `microservice` is `owner/name`; `enablement` is None where the microservice is enabled by default;
    `enablement_revision` has the Client's in it for a suborganization.
    `flows` are pairs of `owner/name` and revision, in the order in which they apply.
    `tier` is the subscription's tier by which the flows were chosen.
    """

    path: tuple[str, ...]
    namespace: str
    name: str
    requester: str
    on_behalf_of: str | None
    microservice: str
    microservice_revision: str
    enablement: str | None
    enablement_revision: str | None
    flows: tuple[tuple[str, str], ...]
    tier: str | None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    targets: tuple[str, ...] = ()


def digest(effect: Effect) -> str:
    """The 64 hex digits that an approval names; raises ValueError for a number that JSON cannot keep."""
    return sha256(
        {
            "format": FORMAT,
            "path": list(effect.path),
            "namespace": effect.namespace,
            "name": effect.name,
            "requester": effect.requester,
            "onBehalfOf": effect.on_behalf_of,
            "microservice": {"name": effect.microservice, "revision": effect.microservice_revision},
            "enablement": {"name": effect.enablement, "revision": effect.enablement_revision},
            "flows": [{"name": name, "revision": revision} for name, revision in effect.flows],
            "tier": effect.tier,
            "parameters": dict(effect.parameters),
            "targets": list(effect.targets),
        }
    )
