"""What a mail says of a request: plain words that show what they are, cut where they are long, and no secret.

A character that would not be shown as it is stands escaped, and every text is on one line (rule 44). A secret parameter
says only that a secret is given (rule 43).
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assent.api.characters import visible
from assent.core import titles
from assent.core.closings import Closing, closing
from assent.core.decide import Decision
from assent.core.offers import Offer
from assent.core.world import World

LONGEST = 200
"""Characters of one value; more are in the panel."""

MOST = 20
"""Parameters, and targets, of one mail; more are in the panel."""

CUT = " […]"
"""What stands where something was cut."""


@dataclass(frozen=True, slots=True)
class Given:
    """One parameter: `text` is empty where it is a secret."""

    name: str
    title: str
    text: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one target came to; `target` is empty where the request names none."""

    target: str
    state: str


@dataclass(frozen=True, slots=True)
class Matter:
    """A request as a mail tells of it: texts alone, each safe to be shown on one line.

    `title` is what people call the microservice, `microservice` its name with its owner, and `description` what it is
    for. `closing` says how it ended, and names whoever ended it as people read it. `more` is how many parameters
    and targets are left out, and `whole` says that nothing is, and nothing cut.
    """

    request: str
    title: str
    microservice: str
    organization: str
    requester: str
    beneficiary: str = ""
    reason: str = ""
    description: str = ""
    cost_note: str = ""
    parameters: tuple[Given, ...] = ()
    targets: tuple[str, ...] = ()
    more: int = 0
    whole: bool = True
    phase: str = ""
    closing: Closing | None = None
    outcomes: tuple[Outcome, ...] = ()


def matter(world: World, decision: Decision) -> Matter:
    """All that a mail about the request may say."""
    case, spec = decision.case, decision.case.spec
    offer = titles.offer(world, decision)
    given, targets = list(_parameters(offer, spec.parameters)), [_short(one) for one in spec.targets]
    texts = [*(one.text for one in given[:MOST]), *targets[:MOST]]
    end = case.end
    return Matter(
        request=str(case.ref),
        title=titles.service(offer, spec.microservice.name),
        microservice=f"{offer.owner}/{offer.service.name}" if offer else spec.microservice.name,
        organization=titles.organization(world, case.ref.namespace),
        requester=titles.person(world, spec.requester),
        beneficiary=titles.person(world, spec.on_behalf_of) if spec.on_behalf_of else "",
        reason=visible(spec.reason or ""),
        description=_short(" ".join((offer.service.spec.description or "").split())) if offer else "",
        cost_note=visible(offer.service.spec.cost_note or "") if offer else "",
        parameters=tuple(given[:MOST]),
        targets=tuple(targets[:MOST]),
        more=len(given[MOST:]) + len(targets[MOST:]),
        whole=len(given) <= MOST and len(targets) <= MOST and not any(one.endswith(CUT) for one in texts),
        phase=end.phase if end else "",
        closing=_closing(world, decision),
        outcomes=tuple(Outcome(_short(one.target or ""), one.state) for one in case.results.values())[:MOST],
    )


def _closing(world: World, decision: Decision) -> Closing | None:
    end = closing(decision)
    return replace(end, username=titles.person(world, end.username)) if end and end.username else end


def _short(text: str) -> str:
    """The text, cut with a mark where it is long."""
    shown = visible(text)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - len(CUT)] + CUT


def _parameters(offer: Offer | None, parameters: Mapping[str, Any]) -> Iterator[Given]:
    """Every parameter; none where nobody can say any more which of them are secret."""
    if offer is None:
        return
    secrets = offer.secrets
    titles = _titles(offer, parameters)
    for name, value in parameters.items():
        if name in secrets:
            yield Given(visible(name), titles[name], "", secret=True)
        else:
            yield Given(visible(name), titles[name], _short(value if isinstance(value, str) else _json(value)))


def _titles(offer: Offer, names: Collection[str]) -> dict[str, str]:
    """What the microservice calls each parameter for people; empty where it says nothing."""
    properties = (offer.service.spec.parameters or {}).get("properties", {})
    said = {name: properties[name].get("title") for name in names if isinstance(properties.get(name), Mapping)}
    return {name: _short(said[name]) if isinstance(said.get(name), str) else "" for name in names}


def _json(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    return json.dumps(value, ensure_ascii=False)
