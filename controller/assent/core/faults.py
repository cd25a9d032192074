"""What can be wrong with a value that somebody gives: a code for each, and its English sentence.

A sentence follows the name of a field. Whoever speaks another language makes one of the code and its values.
"""

from collections.abc import Mapping
from typing import Final

from assent.api.problems import Problem

SENTENCES: Final[Mapping[str, str]] = {
    # By a keyword of the schema.
    "Type": "must be of type {types}",
    "AtLeast": "must be at least {limit}",
    "AtMost": "must be at most {limit}",
    "MoreThan": "must be more than {limit}",
    "LessThan": "must be less than {limit}",
    "MultipleOf": "must be a multiple of {step}",
    "TooShort": "must have at least {limit} characters",
    "TooLong": "must have at most {limit} characters",
    "TooFewItems": "must have at least {limit} items",
    "TooManyItems": "must have at most {limit} items",
    "TooFewFields": "must have at least {limit} fields",
    "TooManyFields": "must have at most {limit} fields",
    "TooFewFitting": "has fewer than {limit} of the items that are asked for",
    "TooManyFitting": "has more than {limit} of the items that are asked for",
    "NoneFitting": "has none of the items that are asked for",
    "Pattern": "does not match the pattern {shown} as a whole",
    "NotOneOf": "is none of the choices {choices}",
    "OnlyOne": "must be {only}",
    "NotUnique": "names something twice",
    "Missing": "is required and missing",
    "MissingBeside": "is required beside {other}, and missing",
    "NotDeclared": "is not declared",
    "Excluded": "is what the schema excludes",
    "NoAlternative": "matches none of the alternatives",
    "NotOneAlternative": "must match exactly one of the alternatives",
    "NotAllowed": "is not allowed",
    "Keyword": "does not match {keyword}",
    # Whatever the schema says.
    "NoParameters": "is not declared: the microservice takes no parameters",
    "NestedTooDeep": "are nested more than {limit} deep",
    "TooManyValues": "are too many values for so large a schema",
    "SchemaWrong": "are declared by a schema that is wrong, so nothing is accepted",
    "NoReference": (
        "is a secret, and given as {{secretRef: name}} alone; the name is lower-case letters, digits, dashes"
    ),
    "Null": "is null; leave it out",
    "NotFinite": "is no number that JSON can say",
    "TooLarge": "is beyond {limit}, so that readers of JSON would disagree on it; declare it as text",
    "HalfCharacter": "holds half of a surrogate pair, which is no character",
    "HiddenCharacter": "holds the character {character}, which is not shown as it is",
    # Of targets.
    "NamedTwice": "is named twice",
    "TooFewTargets": "at least {limit} must be named, not {count}",
    "TooManyTargets": "at most {limit} may be named, not {count}",
    "NoTargets": "none may be named",
    "PatternWrong": "are named by a pattern that is wrong, so nothing is accepted",
    # Of what is typed into a form.
    "TypedTooLong": "is longer than {limit} characters, which is more than a request may hold",
    "GivenTwice": "is given more than once",
    "NoChoice": "is none of the choices",
    "NotTrueOrFalse": "is neither true nor false",
    "NotWhole": "is no whole number; write digits alone, such as 12",
    "NotNumber": "is no number; write digits with a point, such as 12.5",
    "NotSecretName": "is the name of a Secret alone: lower-case letters, digits and dashes; never the secret itself",
    "NotJson": "is no JSON: look at line {line}, column {column}",
    "TypedTooDeep": "is nested too deep",
    "NotObject": "is no JSON object of names and values",
    "HasOwnField": "holds what has a field of its own: {names}",
    "TwiceInObject": "says a name twice in one object",
    "HiddenInName": "has a name with a character that is not shown as it is",
    "NotJsonNumber": "holds a number that JSON cannot say",
}


class RefusedError(ValueError):
    """Raised where a value is refused; `problem` says why, its path leading from the value's own root."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


def fault(
    code: str, path: tuple[str | int, ...] = (), *, hint: str = "", but: str = "", **values: str | float
) -> Problem:
    """The problem of this code; `but` is what the value is instead, behind the sentence."""
    return made(code, values, path, hint, but)


def made(
    code: str, values: Mapping[str, str | float], path: tuple[str | int, ...] = (), hint: str = "", but: str = ""
) -> Problem:
    """The same, of values by their names."""
    said = SENTENCES[code].format(**values)
    said = said.removesuffix("s") if values.get("limit") == 1 else said
    return Problem(path, said + but, hint, code, tuple(values.items()))


def refused(code: str, **values: str | float) -> RefusedError:
    """What to raise for a value."""
    return RefusedError(made(code, values))
