"""What is wrong with a value: a sentence that stands by itself, beside the field that it is about."""

from collections.abc import Mapping
from typing import Final

from assent.api.characters import visible
from assent.api.problems import Problem, field
from assent.portal.menu import N_
from assent.portal.sentences import Translate
from assent.portal.sentences.patterns import meaning

FAULTS: Final[Mapping[str, str]] = {
    # By a keyword of the schema.
    "Type": N_("This must be %(types)s."),
    "AtLeast": N_("This must be at least %(limit)s."),
    "AtMost": N_("This must be at most %(limit)s."),
    "MoreThan": N_("This must be more than %(limit)s."),
    "LessThan": N_("This must be less than %(limit)s."),
    "MultipleOf": N_("This must be a multiple of %(step)s."),
    "TooShort": N_("This is too short: the least number of characters is %(limit)s."),
    "TooLong": N_("This is too long: the greatest number of characters is %(limit)s."),
    "TooFewItems": N_("These are too few: the least number is %(limit)s."),
    "TooManyItems": N_("These are too many: the greatest number is %(limit)s."),
    "TooFewFields": N_("Too little is filled in: the least number of values is %(limit)s."),
    "TooManyFields": N_("Too much is filled in: the greatest number of values is %(limit)s."),
    "TooFewFitting": N_("Too few of these are of the kind that is asked for: the least number is %(limit)s."),
    "TooManyFitting": N_("Too many of these are of the kind that is asked for: the greatest number is %(limit)s."),
    "NoneFitting": N_("None of these is of the kind that is asked for."),
    "Pattern": N_("This has not the form that is asked for: %(meaning)s."),
    "NotOneOf": N_("This is none of the choices: %(choices)s."),
    "OnlyOne": N_("This must be %(only)s."),
    "NotUnique": N_("Something stands here twice: write each once."),
    "Missing": N_("This is missing, and is needed."),
    "MissingBeside": N_("This is needed where “%(other)s” is given, and is missing."),
    "NotDeclared": N_("Nobody asks for this: leave it out."),
    "Excluded": N_("This is just what may not be asked for."),
    "NoAlternative": N_("This fits none of the ways in which it may be asked for."),
    "NotOneAlternative": N_("This must fit exactly one of the ways in which it may be asked for."),
    "NotAllowed": N_("This may not be given here."),
    "Keyword": N_("This does not fit what the microservice asks for (%(keyword)s)."),
    # Whatever the schema says.
    "NoParameters": N_("The microservice takes no parameters: leave this out."),
    "NestedTooDeep": N_("Too many values stand within each other: the deepest level is %(limit)s."),
    "TooManyValues": N_("These are too many values: ask for less at once."),
    "SchemaWrong": N_("What the microservice asks for is written wrongly, so nothing is accepted: tell its owner."),
    "NoReference": N_("This is a secret: put it into a Secret first, and give only the name of that."),
    "Null": N_("This is null: leave it out instead."),
    "NotFinite": N_("This is no number."),
    "TooLarge": N_("This number is too large for all who read it: the greatest is %(limit)s."),
    "HalfCharacter": N_("This holds half of a character: write it anew."),
    "HiddenCharacter": N_("This holds a character that cannot be seen (%(character)s): take it out."),
    # Of targets.
    "NamedTwice": N_("This is named twice: name it once."),
    "TooFewTargets": N_("Too few targets are named: the least number is %(limit)s."),
    "TooManyTargets": N_("Too many targets are named: the greatest number is %(limit)s."),
    "NoTargets": N_("No targets may be named here."),
    "PatternWrong": N_("The form of the targets' names is written wrongly, so none is accepted: tell the owner."),
    # Of what is typed into a form.
    "TypedTooLong": N_(
        "This is longer than all that a request may hold: the greatest number of characters is %(limit)s."
    ),
    "GivenTwice": N_("This is given more than once."),
    "NoChoice": N_("This is none of the choices."),
    "NotTrueOrFalse": N_("This is neither yes nor no."),
    "NotWhole": N_("This is no whole number: write digits alone, such as 12."),
    "NotNumber": N_("This is no number: write digits with a point, such as 12.5."),
    "NotSecretName": N_(
        "Write only the name of a Secret, in lower-case letters, digits and dashes; never the secret itself."
    ),
    "NotJson": N_("This is no JSON: look at line %(line)s, column %(column)s."),
    "TypedTooDeep": N_("Too many values stand within each other here."),
    "NotObject": N_("This is no JSON object of names and values."),
    "HasOwnField": N_("These have a field of their own, so leave them out here: %(names)s."),
    "TwiceInObject": N_("A name stands twice in one object."),
    "HiddenInName": N_("A name holds a character that cannot be seen: take it out."),
    "NotJsonNumber": N_("This holds a number that JSON cannot say."),
    # Of a request as a whole.
    "NameTaken": N_("This name has been used, and a name is used once."),
    "NameMalformed": N_(
        "A name has lower-case letters, digits and dashes, no dash at its ends, and at most 63 characters."
    ),
    "NobodyToAskFor": N_("Nobody whom you can ask for signs in by this name."),
    "Unseen": N_("This holds characters that cannot be seen: take them out."),
    "Unwritable": N_("This cannot be written down so that everybody reads the same: write it more simply."),
    "NumberTooLarge": N_("A number in it is too large for all who read it: the greatest is 9007199254740991."),
}
"""By the code of `core.faults`; the last ones are the panel's own."""

UNKNOWN: Final = N_("This cannot be accepted: %(message)s.")
"""Where there is no code, there are only the words of whatever refused it."""

TYPES: Final[Mapping[str, str]] = {
    "array": N_("a list"),
    "boolean": N_("yes or no"),
    "integer": N_("a whole number"),
    "null": N_("nothing"),
    "number": N_("a number"),
    "object": N_("several named values"),
    "string": N_("a text"),
}


def wrong(problem: Problem, _: Translate) -> str:
    """What is wrong, and with which part of the field."""
    values = {name: _value(name, value, _) for name, value in problem.values} | {"message": visible(problem.message)}
    if "pattern" in values:
        values["meaning"] = meaning(str(dict(problem.values)["pattern"]), _)
    text = _(FAULTS.get(problem.code, UNKNOWN)) % values
    if not problem.path:
        return text
    first, *rest = problem.path
    if isinstance(first, int) and not rest:
        return _("Number %(number)s: %(what)s") % {"number": first + 1, "what": text}
    return f"{visible(field(problem.path))}: {text}"


def _value(name: str, value: str | float, _: Translate) -> str:
    if name == "types":
        return _(" or ").join(_(TYPES[one]) if one in TYPES else one for one in str(value).split(" or "))
    return visible(str(value))
