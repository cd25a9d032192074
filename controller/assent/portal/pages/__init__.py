"""The pages: one router each; they show what the core says, and write down what they are told.

A page that somebody may not see is answered like one that does not exist.
"""

from assent.portal import events
from assent.portal.pages import (
    access,
    catalogue,
    deciding,
    home,
    ledger,
    links,
    opening,
    operations,
    organizations,
    overview,
    requests,
    signin,
)

ROUTERS = (
    signin.router,
    home.router,
    opening.router,
    requests.router,
    deciding.router,
    events.router,
    links.router,
    catalogue.router,
    organizations.router,
    access.router,
    operations.router,
    ledger.router,
    overview.router,
)
"""Every page's router, in the order in which paths are looked up."""
