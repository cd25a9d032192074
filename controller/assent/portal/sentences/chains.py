"""Why something is allowed or not: the links of the chain that says so, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from assent.api.characters import visible
from assent.core.access import Step
from assent.portal.menu import N_
from assent.portal.sentences import Translate

LINKS: Final[Mapping[str, str]] = {
    "NobodyNamed": N_("nobody signs in by the name %(username)s"),
    "NoUser": N_("there is no user %(user)s"),
    "Suspended": N_("the user is suspended"),
    "User": N_("%(username)s is a user of %(organization)s"),
    "NoRole": N_("the user has no role"),
    "RoleMissing": N_("the role %(role)s does not exist"),
    "Role": N_("the user has the role %(role)s of %(organization)s"),
    "NoEntry": N_("no entry of the role is for %(organization)s, and it has no entry '*'"),
    "Broken": N_("%(organization)s has no sound place in the tree, so nothing is allowed in it"),
    "OutOfReach": N_("%(organization)s is neither %(owner)s nor depends on it, and rights flow downward only"),
    "Denied": N_("%(organization)s denies its partner %(owner)s all rights (partnerAccess: Denied)"),
    "OwnEntry": N_("the role's entry for %(organization)s counts there"),
    "EveryEntry": N_("no entry names %(organization)s, so the role's entry '*' counts"),
    "EntryAbove": N_("the role's entry for %(organization)s includes what depends on it"),
    "NoLevel": N_("the entry gives no level of %(module)s"),
    "Level": N_("the entry gives %(module)s %(level)s"),
    "NoRow": N_("no module has such a row, and what no row grants is denied"),
    "Admitted": N_("the row admits %(level)s"),
    "NotAdmitted": N_("the row does not admit %(level)s"),
    "OtherLevel": N_("it needs %(module)s %(levels)s in the same organization, and there is %(level)s"),
    "OtherLevelNone": N_("it needs %(module)s %(levels)s in the same organization, and there is no level"),
    "OtherLevelHeld": N_("%(module)s %(level)s fulfils the row's condition"),
}
"""By the code of `core.access`."""


def link(step: Step, _: Translate) -> str:
    """What follows from what was found."""
    values = {name: visible(str(value)) for name, value in step.values}
    if "levels" in values:
        values["levels"] = _(" or ").join(values["levels"].split(" or "))
    return _(LINKS[step.code]) % values if step.code in LINKS else visible(step.because)
