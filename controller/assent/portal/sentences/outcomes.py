"""What one execution came to, where that can be said by what is known of it; else in the words of what ran it."""

from typing import Final

from assent.api.characters import visible
from assent.core.cases import Claim, Result
from assent.portal.sentences import Translate

SIGNALS: Final = 128
"""Exit codes from here on stand for what ended the program, which only its runner can say."""


def outcome(result: Result, claim: Claim | None, _: Translate) -> str:
    """What is said of it, beside its state and what it wrote."""
    code, told = result.exit_code, visible(result.message)
    if code is not None and (result.state == "Succeeded" or (result.state == "Failed" and 0 < code < SIGNALS)):
        return _("The program ended with %(code)s.") % {"code": code}
    if result.state == "Running" and claim is not None and claim.plan["runner"] == "manual":
        return _("A person does it.")
    return told
