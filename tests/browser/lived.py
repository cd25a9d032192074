"""A world in which something has happened: work that is done, work that waits, what was rejected and what failed."""

from contextlib import contextmanager
from datetime import timedelta

from browser.served import served
from portal.street import ask, tell

FINANCE, SALES, MAPS = "finance-vdi", "sales-vdi", "maps"


def live(home, pause=timedelta()):
    """Some days of work in acme, by the very passes of a controller; so much time goes by between them."""
    site = home.site
    new = {"template": "win11-office", "count": 3}
    ask(site, "juan", FINANCE, "create-workspaces", parameters=new, reason="New hires in finance")
    ask(site, "juan", "hung", "close-user-session", parameters={"user": "ana"}, targets=["vdi-0001", "no-such-vdi"])
    ask(site, "omar", "designers", "create-workspaces", parameters={"template": "win11-cad", "count": 12})
    ask(site, "omar", "lobby-wifi", "get-wifi-information", parameters={"information": "Summary"}, targets=["lap-0001"])
    azure = {"subscription": "Maps", "workload": "DevTest", "owner": "omar@acme.example", "costCenter": "IT0001"}
    ask(site, "omar", MAPS, "create-azure-subscription", parameters={**azure, "monthlyBudget": 900})
    _pass(home, pause)
    tell(site, "maria@acme.example", "approve", FINANCE, because="budget is agreed")
    tell(site, "fina@acme.example", "reject", MAPS, because="no budget before March")
    tell(site, "alba@acme.example", "approve", "designers", because="they wait for it")
    _pass(home, pause)
    tell(site, "ingrid@platform.example", "approve", FINANCE, because="capacity is there")
    _pass(home, pause)
    spring = {"template": "rds-2022", "count": 5}
    ask(site, "juan", SALES, "create-workspaces", parameters=spring, reason="Spring campaign")
    resources = {"processors": 8, "memoryGiB": 32}
    ask(site, "omar", "more-memory", "modify-vm-resources", parameters=resources, targets=["vdi-0002", "vdi-0003"])
    _pass(home, pause)
    return home


def _pass(home, pause):
    """Two passes, and two when time has gone by."""
    home.tick()
    home.site.later += pause
    home.tick()


@contextmanager
def lived(folder, pause=timedelta(), **options):
    """It, served; the controller is the one whose passes were made."""
    with served(folder, controller=False, **options) as home:
        yield live(home, pause)
