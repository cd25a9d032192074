"""How a kind is named on the command line: by its name, its plural or its short name, in any case."""

from assent.api.kinds import MODELS, PLURALS, SHORT_NAMES
from assent.cli import output
from assent.errors import UsageError

NAMES = {name.lower(): name for name in MODELS} | PLURALS | SHORT_NAMES


def kind(word: str) -> str:
    """The kind that the word names; raises UsageError with the nearest names for any other word."""
    if word.lower() not in NAMES:
        raise UsageError(output.unknown("kind", word, NAMES), f"known are {', '.join(MODELS)}")
    return NAMES[word.lower()]
