"""What microservices declare of their parameters and targets, and how they use them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assent.api.names import Ident, Ref
from assent.api.services import Argument, EnabledMicroservice, FlowUse, Microservice, TargetRules
from assent.core.checks.fault import Fault, Path, View, nearest
from assent.core.parameters import declared, secret_parameters
from assent.core.patterns import compile_pattern

UNDECLARED = "parameter-undeclared"


def schemas_are_sound(view: View) -> Iterator[Fault]:
    """Every schema and pattern can judge, so that no request meets one that cannot."""
    for ident, one in _services(view):
        for path, schema in _schemas(one):
            for problem in view.schema_problems(schema):
                yield Fault("schema-invalid", ident, (*path, *problem.path), problem.message, problem.hint)
        yield from _target_pattern(ident, one.spec.target_rules)


def _services(view: View) -> Iterator[tuple[Ident, Microservice | EnabledMicroservice]]:
    for ref, service in sorted(view.world.microservices.items()):
        yield Ident("Microservice", *ref), service
    for ref, enablement in sorted(view.world.enablements.items()):
        yield Ident("EnabledMicroservice", *ref), enablement


def _schemas(one: Microservice | EnabledMicroservice) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if one.spec.parameters is not None:
        yield ("spec", "parameters"), one.spec.parameters
    yield from _conditions(one.spec.approvals)


def _conditions(approvals: Sequence[FlowUse]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for at, use in enumerate(approvals):
        if use.when and use.when.parameters is not None:
            yield ("spec", "approvals", at, "when", "parameters"), use.when.parameters


def _target_pattern(ident: Ident, rules: TargetRules | None) -> Iterator[Fault]:
    if rules and rules.pattern is not None:
        try:
            compile_pattern(rules.pattern)
        except ValueError as refused:
            yield Fault("pattern-invalid", ident, ("spec", "targetRules", "pattern"), str(refused))


def schemas_are_closed(view: View) -> Iterator[Fault]:
    """Parameters that nobody declared would reach the program; whoever wants that says so."""
    says = {"additionalProperties", "patternProperties", "$ref", "allOf", "anyOf", "oneOf"}
    for ref, service in sorted(view.world.microservices.items()):
        schema = service.spec.parameters
        if schema is not None and says.isdisjoint(schema):
            text = "accepts parameters that it does not declare, and the program gets them"
            path = ("spec", "parameters")
            yield Fault("schema-open", Ident("Microservice", *ref), path, text, "add `additionalProperties: false`")


def parameters_used_are_declared(view: View) -> Iterator[Fault]:
    """Arguments, variables, conditions and enablements name parameters that the microservice declares."""
    known = {ref: _declared(view, service) for ref, service in view.world.microservices.items()}
    for ident, one in _services(view):
        ref = _service(one)
        names = known.get(ref)
        if names is None:
            continue
        for path, name in _used(one):
            if name not in names:
                text = f"names the parameter {name!a}, which {ref} does not declare"
                yield Fault(UNDECLARED, ident, path, text, nearest(name, sorted(names), "declare it in `parameters`"))


def _declared(view: View, service: Microservice) -> frozenset[str] | None:
    """What the microservice's schema declares; None where it is wrong, so that nobody can say."""
    schema = service.spec.parameters
    return None if schema is not None and view.schema_problems(schema) else declared(schema)


def _service(one: Microservice | EnabledMicroservice) -> Ref:
    """The microservice whose parameters are meant."""
    if isinstance(one, EnabledMicroservice):
        named = one.spec.microservice
        return Ref(named.owner(one.namespace), named.name)
    return Ref(one.namespace, one.name)


def _used(one: Microservice | EnabledMicroservice) -> Iterator[tuple[Path, str]]:
    """Every parameter that is named outside of the microservice's own `properties`."""
    for path, schema in _conditions(one.spec.approvals):
        yield from ((path, name) for name in sorted(_named(schema)))
    if isinstance(one, EnabledMicroservice):
        yield from ((("spec", "parameters"), name) for name in sorted(_named(one.spec.parameters)))
        return
    required = (one.spec.parameters or {}).get("required", ())
    yield from ((("spec", "parameters", "required", at), name) for at, name in enumerate(_texts(required)))
    for path, argument in _arguments(one):
        if argument.parameter is not None:
            yield (*path, "parameter"), argument.parameter
    for at, variable in enumerate(one.spec.run.job.environment if one.spec.run.job else ()):
        if variable.parameter is not None:
            yield ("spec", "run", "job", "environment", at, "parameter"), variable.parameter


def _named(schema: Mapping[str, Any] | None) -> frozenset[str]:
    return declared(schema) | frozenset(_texts((schema or {}).get("required", ())))


def _texts(value: Any) -> list[str]:  # noqa: ANN401 -- whatever stands in the document
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def _arguments(service: Microservice) -> Iterator[tuple[Path, Argument]]:
    run = service.spec.run
    for name, runner in (("process", run.process), ("job", run.job)):
        for at, argument in enumerate(runner.arguments if runner else ()):
            yield ("spec", "run", name, "arguments", at), argument


def secrets_are_no_arguments(view: View) -> Iterator[Fault]:
    """Everybody on a machine can read the arguments of its programs."""
    for ref, service in sorted(view.world.microservices.items()):
        secrets = secret_parameters(service.spec.parameters)
        for path, argument in _arguments(service) if secrets else ():
            if argument.parameter in secrets:
                text = f"passes the secret {argument.parameter!r} as an argument"
                hint = "take it out: a process reads secrets on standard input, a job from `environment`"
                yield Fault("argument-secret", Ident("Microservice", *ref), (*path, "parameter"), text, hint)


def no_argument_can_be_taken_for_an_option(view: View) -> Iterator[Fault]:
    """A value that begins with a dash is refused when it runs; better nobody can ask for one."""
    for ref, service in sorted(view.world.microservices.items()):
        ended: set[Path] = set()
        for path, argument in _arguments(service):
            if argument.value == "--":
                ended.add(path[:-1])
            if path[:-1] not in ended and _may_be_an_option(service, argument):
                what = f"the parameter {argument.parameter!r}" if argument.parameter else "a target"
                text = f"{what} may begin with '-', and such a request would be refused"
                hint = "put {value: \"--\"} before it, or give it a pattern that excludes that, like '[^-].*'"
                yield Fault("argument-dash", Ident("Microservice", *ref), path, text, hint)


def _may_be_an_option(service: Microservice, argument: Argument) -> bool:
    if argument.target:
        rules = service.spec.target_rules
        takes_none = rules is None or rules.max_items == 0
        return not takes_none and _pattern_admits_dash(rules.pattern if rules else None)
    if argument.parameter is None:
        return False
    properties = (service.spec.parameters or {}).get("properties")
    schema = properties.get(argument.parameter) if isinstance(properties, Mapping) else None
    return isinstance(schema, Mapping) and _admits_dash(schema)


def _admits_dash(schema: Mapping[str, Any]) -> bool:
    """Whether a text that begins with `-` may match, as far as the schema says it in so many words."""
    types = schema.get("type")
    given = {types} if isinstance(types, str) else set(_texts(types))
    if given == {"array"}:
        items = schema.get("items")
        return isinstance(items, Mapping) and _admits_dash(items)
    choices = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if choices is not None:
        return any(choice.startswith("-") for choice in _texts(choices))
    pattern = schema.get("pattern")
    return "string" in given and _pattern_admits_dash(pattern if isinstance(pattern, str) else None)


def _pattern_admits_dash(pattern: str | None) -> bool:
    if pattern is None:
        return True
    try:
        return compile_pattern(pattern).admits_dash()
    except ValueError:
        return False
