"""The main job at a cluster: the panel stands at a real control plane, with the rights that the chart gives it."""

from types import SimpleNamespace

import pytest

import postgres
from assent.portal.app import make
from assent.portal.at_cluster import Where, opened
from assent.portal.panel import Panel
from assent.portal.settings import Settings
from browser.served import Place, Server, listening
from browser.test_two_stages import INGRID, JUAN, MARIA, from_form_to_result
from cluster.panelled import SECRET, standing
from portal.house import UNLIMITED

postgres.needed()


@pytest.fixture(scope="module")
def world(request, chromium, tmp_path_factory):
    """The control plane, an operator over it, and the kubelet's part played; no browser, no plane."""
    with standing(request.config, tmp_path_factory, "browser") as found:
        yield found


@pytest.fixture(scope="module")
def home(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    where = Where("", world.accounts["portal"], "assent-system", world.house.ledger, world.key)
    with listening(folder) as (bound, settings, provider), opened(where) as door:
        panel = Panel(door, Settings(rates=UNLIMITED, **settings), SECRET)
        with Server(site := SimpleNamespace(panel=panel, app=make(panel)), bound, folder) as server:
            yield Place(site, provider, server)


def test_a_request_with_two_stages_goes_from_the_form_to_its_job(world, home, visit):
    """The same people, the same steps: one Job runs, and the object says who asked and who approved."""
    from_form_to_result(home, visit)
    held = world.held("finance")
    decisions = [one for stage in held["status"]["stages"] for one in stage["decisions"]]

    assert JUAN == held["spec"]["requester"]
    assert [(MARIA, "Mail"), (INGRID, "Panel")] == [(one["username"], one["channel"]) for one in decisions]
    assert [1] == [*world.kubelet.started.values()]
    assert [] == world.judge()
