"""What a request asks for, as its page shows it: whole, since nobody decides on what they did not see.

Whatever people wrote is shown with every character that would not be seen escaped (rule 44), and a secret parameter
says only which Secret is meant (rule 43).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assent.api.canonical import canonical
from assent.api.characters import visible
from assent.api.requests import RequestSpec
from assent.core import titles
from assent.core.decide import Decision
from assent.core.fields import Field
from assent.core.forms import fields
from assent.core.history import is_reference
from assent.core.offers import Offer
from assent.core.plans import AT_DOOR
from assent.core.world import World
from assent.portal.ahead import Reader, Said


@dataclass(frozen=True, slots=True)
class Way:
    """What is started, in words; `exact` is what they leave out: an image with its digest, or an address."""

    words: str
    exact: str


@dataclass(frozen=True)
class Wish:
    """What one request asks for, to one reader."""

    world: World
    decision: Decision
    reader: Reader

    @property
    def spec(self) -> RequestSpec:
        """As it was asked for."""
        return self.decision.case.spec

    @property
    def title(self) -> str:
        """What people call what is asked for."""
        return titles.request(self.world, self.decision)

    @cached_property
    def offer(self) -> Offer | None:
        """What is asked for, as the organization offers it now; an ended request's may be gone."""
        return titles.offer(self.world, self.decision)

    @property
    def facts(self) -> list[Said]:
        """All of it, line by line."""
        _, spec = self.reader.translate, self.spec
        found = {
            _("Microservice"): [self._service()],
            _("What it is for"): [self._description()],
            _("Organization"): [titles.organization(self.world, self.decision.case.ref.namespace)],
            _("Asked for by"): [titles.person(self.world, spec.requester)],
            _("On behalf of"): [titles.person(self.world, spec.on_behalf_of)] if spec.on_behalf_of else [],
            _("Reason"): [visible(spec.reason or "")],
            _("Cost"): [visible((self.offer.service.spec.cost_note if self.offer else None) or "")],
        }
        targets = [Said(_("Targets"), [visible(one) for one in spec.targets])] if spec.targets else []
        return [*(Said(label, lines) for label, lines in found.items() if any(lines)), *self._parameters(), *targets]

    def _description(self) -> str:
        return visible(" ".join((self.offer.service.spec.description or "").split())) if self.offer else ""

    def _service(self) -> str:
        name = f"{self.offer.owner}/{self.offer.service.name}" if self.offer else self.spec.microservice.name
        return f"{self.title} ({visible(name)})"

    def _parameters(self) -> Iterator[Said]:
        form = {one.path[0]: one for one in fields(self.offer) if len(one.path) == 1} if self.offer else {}
        for name, value in self.spec.parameters.items():
            field = form.get(name)
            titled = field is not None and field.label not in ("", name)
            label = f"{visible(field.label)} ({visible(name)})" if field and titled else visible(name)
            if name in self.secrets:
                yield Said(label, [self._secret(value)])
            else:
                lines = _lines(value, field)
                yield Said(label, lines, len(lines) > 1)

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The parameters whose value is shown to nobody; all of them where that cannot be known."""
        if self.offer:
            return self.offer.secrets
        # What has run held references in their place.
        return frozenset() if self.decision.case.claim else frozenset(self.spec.parameters)

    def _secret(self, value: Any) -> str:  # noqa: ANN401 -- a JSON value
        _ = self.reader.translate
        if is_reference(value):
            return _("the Secret “%(name)s”") % {"name": visible(value["secretRef"])}
        return _("a value that is not shown")

    @property
    def json(self) -> str:
        """As it was asked for, in canonical JSON, but for what may be secret and is no reference."""
        spec = self.spec.plain()
        for name, value in spec.get("parameters", {}).items():
            if name in self.secrets and not is_reference(value):
                spec["parameters"] = {**spec["parameters"], name: self._secret(value)}
        return visible(canonical(spec).decode())

    def ways(self, door: str) -> list[Way]:
        """What may be started at this door once it is approved, what its controller would take first before others."""
        _, settings = self.reader.translate, self.offer.service.spec.run.plain() if self.offer else {}
        words = {
            "job": _("a Kubernetes Job"),
            "http": _("a call to another service"),
            "process": _("the program “%(name)s”"),
            "manual": _("a person's hand"),
        }
        found = [(words[name], _program(settings[name])) for name in AT_DOOR[door] if name in settings]
        return [Way(text % {"name": exact}, "" if "%(name)s" in text else exact) for text, exact in found]


def lines_of(text: str) -> list[str]:
    """The text by lines, every character escaped that is not shown as it is; a tab is several blanks."""
    return [visible(line.expandtabs(4)) for line in text.replace("\r\n", "\n").split("\n")]


def _lines(value: Any, field: Field | None) -> list[str]:  # noqa: ANN401 -- a JSON value
    """A parameter's value; a choice by its label too."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    label = next((one.label for one in field.choices if one.text == value), "") if field else ""
    return [f"{visible(label)} ({visible(text)})"] if label not in ("", text) else lines_of(text)


def _program(settings: Mapping[str, Any]) -> str:
    """What a runner starts or calls."""
    return visible(str(settings.get("program") or settings.get("url") or settings.get("image") or ""))
