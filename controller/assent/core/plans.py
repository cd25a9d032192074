"""From a valid request to the plan that runs: every value is fixed here, and no document is read again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assent.api.base import seconds
from assent.api.canonical import canonical, sha256
from assent.api.plans import Execution, Plan, RunnerName
from assent.api.services import Argument
from assent.core.cases import Case
from assent.core.holds import Hold
from assent.core.validity import Valid

PREFERENCE: tuple[RunnerName, ...] = ("job", "http", "process", "manual")
"""A door takes the first of these that both it and the microservice have."""


def plan(case: Case, valid: Valid, runners: Sequence[RunnerName]) -> Plan | Hold:
    """What will run, or why this door cannot run it."""
    spec = valid.offer.service.spec
    runner = next((name for name in PREFERENCE if name in runners and getattr(spec.run, name) is not None), None)
    if runner is None:
        has = ", ".join(name for name in PREFERENCE if getattr(spec.run, name) is not None)
        return Hold(
            "RunnerNotAvailable", f"it runs by {has}, and this controller has {', '.join(runners) or 'no runner'}"
        )
    settings: dict[str, Any] = getattr(spec.run, runner).plain()
    arguments = getattr(getattr(spec.run, runner), "arguments", ())
    settings.pop("arguments", None)
    try:
        executions = _executions(case, valid.digest, arguments)
    except ValueError as refused:
        return Hold("ParametersRefused", str(refused))
    bare = _bare(case, valid, runner, settings)
    return replace(bare, executions=executions)


def _bare(case: Case, valid: Valid, runner: RunnerName, settings: dict[str, Any]) -> Plan:
    service = valid.offer.service
    return Plan(
        request=str(case.ref),
        organization=case.ref.namespace,
        digest=valid.digest,
        microservice=f"{valid.offer.owner}/{service.name}",
        owner=valid.offer.owner,
        requester=case.spec.requester,
        on_behalf_of=case.spec.on_behalf_of,
        runner=runner,
        settings=settings,
        parameters=dict(case.spec.parameters),
        secrets=_secrets(case.spec.parameters),
        timeout=seconds(service.spec.timeout),
        idempotent=service.spec.idempotent,
    )


def _secrets(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Parameters that name a secret, with its name."""
    return {
        name: value["secretRef"]
        for name, value in parameters.items()
        if isinstance(value, Mapping) and set(value) == {"secretRef"} and isinstance(value["secretRef"], str)
    }


def _executions(case: Case, digest: str, arguments: Sequence[Argument]) -> tuple[Execution, ...]:
    """One a target, or one in all; the id depends on request, digest and target alone."""
    targets: Sequence[str | None] = case.spec.targets or (None,)
    return tuple(
        Execution(
            id=sha256([str(case.ref), digest, target])[:32],
            target=target,
            arguments=argv(arguments, case.spec.parameters, target),
        )
        for target in targets
    )


def argv(arguments: Sequence[Argument], parameters: Mapping[str, Any], target: str | None) -> tuple[str, ...]:
    """The argument elements, byte for byte; an absent parameter drops its element, with its option.

    Raises ValueError for a value that begins with `-` where no earlier element is `--`, for a NUL, and for a secret.
    """
    elements: list[str] = []
    for argument in arguments:
        if argument.value is not None:
            elements.append(argument.value)
            continue
        values = [target] if argument.target else _elements(argument.parameter, parameters)
        if argument.option is not None and values:
            elements.append(argument.option)
        for value in values:
            _passable(value or "", argument.parameter or "target", after_dashes="--" in elements)
            elements.append(value or "")
    return tuple(elements)


def _elements(name: str | None, parameters: Mapping[str, Any]) -> list[str]:
    """A string as it is, an array as one element each, anything else as its canonical JSON."""
    if name is None or name not in parameters:
        return []
    value = parameters[name]
    values = value if isinstance(value, list | tuple) else [value]
    return [one if isinstance(one, str) else _text(name, one) for one in values]


def _text(name: str, value: Any) -> str:  # noqa: ANN401 -- any JSON value
    if isinstance(value, Mapping) and "secretRef" in value:
        raise ValueError(f"parameters.{name}: a secret is never an argument; the program reads it on standard input")
    return canonical(value).decode()


def _passable(value: str, name: str, *, after_dashes: bool) -> None:
    if "\x00" in value:
        raise ValueError(f"parameters.{name}: a NUL cannot be passed to a program")
    if value.startswith("-") and not after_dashes:
        raise ValueError(f"parameters.{name}: {value[:40]!r} begins with '-' and would be read as an option")
