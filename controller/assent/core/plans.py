"""From a valid request to the plan that runs: every value is fixed here, and no document is read again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assent.api.base import seconds
from assent.api.canonical import canonical, sha256
from assent.api.plans import Execution, Plan, RunnerName
from assent.api.services import Argument, Http, Job, Manual, Process, Variable
from assent.core.cases import Case
from assent.core.holds import Hold
from assent.core.schemas import secret_parameters
from assent.core.validity import Valid

PREFERENCE: tuple[RunnerName, ...] = ("job", "http", "process", "manual")
"""A door takes the first of these that both it and the microservice have."""

AT_DOOR: Mapping[str, tuple[RunnerName, ...]] = {
    "Git": tuple(one for one in PREFERENCE if one != "job"),
    "Cluster": tuple(one for one in PREFERENCE if one != "process"),
}
"""What a controller at each door may have, in the order in which it takes them."""

_NUL = "a NUL cannot be passed to a program"


def plan(case: Case, valid: Valid, runners: Sequence[RunnerName]) -> Plan | Hold:
    """What will run, or why this door cannot run it."""
    spec = valid.offer.service.spec
    runner = next((name for name in PREFERENCE if name in runners and getattr(spec.run, name) is not None), None)
    if runner is None:
        has = ", ".join(name for name in PREFERENCE if getattr(spec.run, name) is not None)
        return Hold(
            "RunnerNotAvailable", f"it runs by {has}, and this controller has {', '.join(runners) or 'no runner'}"
        )
    bare = _bare(case, valid, runner)
    chosen = getattr(spec.run, runner)
    try:
        return replace(
            bare,
            settings=_settings(bare, chosen),
            executions=_executions(case, valid.digest, getattr(chosen, "arguments", ())),
        )
    except ValueError as refused:
        return Hold("ParametersRefused", str(refused))


def _settings(bare: Plan, chosen: Process | Job | Http | Manual) -> dict[str, Any]:
    """The runner's own part as it was written, without arguments, which each execution has, and with values set in."""
    settings = chosen.plain()
    settings.pop("arguments", None)
    if isinstance(chosen, Job):
        settings["environment"] = environment(chosen.environment, bare.parameters, bare.secrets)
    return settings


def _bare(case: Case, valid: Valid, runner: RunnerName) -> Plan:
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
        settings={},
        parameters=dict(case.spec.parameters),
        secrets=_secrets(service.spec.parameters, case.spec.parameters),
        timeout=seconds(service.spec.timeout),
        idempotent=service.spec.idempotent,
    )


def _secrets(schema: Mapping[str, Any] | None, parameters: Mapping[str, Any]) -> dict[str, str]:
    """Parameters that are declared secret, with the name of each one's secret.

    A parameter that only looks like a reference is none: whoever asks would choose which secrets a program reads.
    """
    return {name: parameters[name]["secretRef"] for name in sorted(secret_parameters(schema) & parameters.keys())}


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
    """The argument elements, byte for byte; an absent parameter or target drops its element, with its option.

    Raises ValueError for a text that begins with `-` where no earlier element is `--`, for a NUL, and for a secret.
    """
    elements: list[str] = []
    for argument in arguments:
        if argument.value is not None:
            elements.append(argument.value)
            continue
        values = _values(argument, parameters, target)
        if argument.option is not None and values:
            elements.append(argument.option)
        field = f"parameters.{argument.parameter}" if argument.parameter else "targets"
        for value in values:
            elements.append(_passable(value, field, after_dashes="--" in elements))
    return tuple(elements)


def environment(
    variables: Sequence[Variable], parameters: Mapping[str, Any], secrets: Collection[str]
) -> list[dict[str, str]]:
    """The variables as `{name, value}`, byte for byte; an absent parameter drops its variable.

    A text is passed as it is, anything else (an array too) as its canonical JSON. A secret parameter stays
    `{name, parameter}`: the runner knows how to hand it over without reading it.
    Raises ValueError for a NUL.
    """
    found: list[dict[str, str]] = []
    for one in variables:
        if one.parameter is None:
            found.append({"name": one.name, "value": one.value or ""})
        elif one.parameter in secrets:
            found.append({"name": one.name, "parameter": one.parameter})
        elif one.parameter in parameters:
            found.append({"name": one.name, "value": _variable(parameters[one.parameter], one.parameter)})
    return found


def _variable(value: Any, parameter: str) -> str:  # noqa: ANN401 -- any JSON value
    text = value if isinstance(value, str) else canonical(value).decode()
    if "\x00" in text:
        raise ValueError(f"parameters.{parameter}: {_NUL}")
    return text


def _values(argument: Argument, parameters: Mapping[str, Any], target: str | None) -> Sequence[Any]:
    """What the argument stands for: an array as one element each; nothing where it is absent."""
    if argument.parameter is None:
        return [target] if target is not None else []
    if argument.parameter not in parameters:
        return []
    value = parameters[argument.parameter]
    return value if isinstance(value, list | tuple) else [value]


def _passable(value: Any, field: str, *, after_dashes: bool) -> str:  # noqa: ANN401 -- any JSON value
    """A text as it is, anything else as its canonical JSON; a negative number is no option, whatever it begins with."""
    if not isinstance(value, str):
        return _text(value, field)
    if "\x00" in value:
        raise ValueError(f"{field}: {_NUL}")
    if value.startswith("-") and not after_dashes:
        raise ValueError(f"{field}: {value[:40]!r} begins with '-' and would be read as an option")
    return value


def _text(value: Any, field: str) -> str:  # noqa: ANN401 -- any JSON value
    if isinstance(value, Mapping) and "secretRef" in value:
        raise ValueError(f"{field}: a secret is never an argument; the program reads it on standard input")
    return canonical(value).decode()
