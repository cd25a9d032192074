"""What an EnabledMicroservice asks for beside the microservice's own, and whether a change asks for less.

Only what is plainly as strict or stricter passes for such; all else counts as looser.
"""

from collections.abc import Callable, Sequence

from assent.api.services import EnabledMicroservice, EnabledMicroserviceSpec, FlowUse, TargetRules


def loosened(old: EnabledMicroservice, new: EnabledMicroservice | None) -> tuple[str, ...]:
    """The fields by which the new version (None: it is taken away) may ask for less than the old one."""
    if new is None or new.spec.microservice != old.spec.microservice:
        return tuple(name for name, (_, asks) in _RULES.items() if asks(old.spec))
    return tuple(name for name, (strict, _) in _RULES.items() if not strict(old.spec, new.spec))


def _approvals(old: EnabledMicroserviceSpec, new: EnabledMicroserviceSpec) -> bool:
    return _subsequence(old.approvals, new.approvals) and not _lets_more_through(old.approvals, new.approvals)


def _lets_more_through(old: Sequence[FlowUse], new: Sequence[FlowUse]) -> bool:
    """Whether flows may apply where none did: a request that no flow of the list applies to is held."""
    conditions = [use.when for use in old]
    return bool(old) and None not in conditions and any(use.when not in conditions for use in new)


def _subsequence(wanted: Sequence[FlowUse], found: Sequence[FlowUse]) -> bool:
    """Whether all that was asked for still is, word for word and in the same order."""
    rest = iter(found)
    return all(any(one == other for other in rest) for one in wanted)


def _roles(old: EnabledMicroserviceSpec, new: EnabledMicroserviceSpec) -> bool:
    """No roles is everyone."""
    kept = all(role in old.roles for role in new.roles)
    return not old.roles or (bool(new.roles) and kept)


def _parameters(old: EnabledMicroserviceSpec, new: EnabledMicroserviceSpec) -> bool:
    """Schemas are not compared: another one may let anything pass."""
    return not old.parameters or old.parameters == new.parameters


def _targets(old: EnabledMicroserviceSpec, new: EnabledMicroserviceSpec) -> bool:
    was, now = old.target_rules or TargetRules(), new.target_rules or TargetRules()
    enough = (now.min_items or 0) >= (was.min_items or 0)
    few = was.max_items is None or (now.max_items is not None and now.max_items <= was.max_items)
    return enough and few and was.pattern in (None, now.pattern)


_Rule = tuple[
    Callable[[EnabledMicroserviceSpec, EnabledMicroserviceSpec], bool], Callable[[EnabledMicroserviceSpec], bool]
]
_RULES: dict[str, _Rule] = {
    "approvals": (_approvals, lambda spec: bool(spec.approvals)),
    "roles": (_roles, lambda spec: bool(spec.roles)),
    "parameters": (_parameters, lambda spec: bool(spec.parameters)),
    "targetRules": (_targets, lambda spec: spec.target_rules not in (None, TargetRules())),
}
"""By field: whether a version is as strict as the one before, and whether it asks for anything at all."""
