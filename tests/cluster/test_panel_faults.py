"""A panel that dies, an API server that is away, a name that is taken, two operators at once: nothing is lost."""

import threading

import pytest

import postgres
from assent.adapters.kube import paths
from assent.api.ledger import NewRecord
from assent.api.names import Ref
from assent.errors import ConflictError
from cluster import admission
from cluster.panelled import INGRID, JUAN, MARIA, OFFER, SPEC, said, sealed, standing

postgres.needed()


@pytest.fixture(scope="module")
def world(request, tmp_path_factory):
    with standing(request.config, tmp_path_factory, "panel-faults") as found:
        yield found


@pytest.fixture(scope="module")
def site(world):
    with world.panel() as found:
        yield found


def posts(method, path):
    return method == "POST" and path.endswith("/requests")


@pytest.mark.parametrize(("fault", "there"), [("cut", False), ("lost", True)], ids=["before the object", "after it"])
def test_a_panel_that_dies_while_it_opens_a_request(world, fault, there):
    """What was asked for is written down; another panel of the same key brings it in, once, from the same form."""
    name = f"died-{fault}"
    with world.way(name) as proxy:
        with world.panel(proxy.kubeconfig) as site:
            juan = site.signed_in("juan")
            summary = site.summary(juan, name)
            proxy.faults.exact.append((fault, posts))
            first = site.send(juan, summary)
            before, written = world.held(name), site.recorded("asked", f"acme/{name}")
        with world.panel(proxy.kubeconfig) as site:
            second, third = (site.send(site.again(juan), summary) for _ in range(2))
            world.house.until_open(f"acme/{name}", "manager")
            last = site.send(site.again(juan), summary)
            case, records = site.decision(f"acme/{name}").case, site.recorded("asked", f"acme/{name}")
        creations = [one for one in proxy.calls if posts(one.method, one.path) and one.status == 201]

    assert 502 == first.status_code
    assert "POST /apis/assent.dev/v1alpha1/namespaces/acme/requests" in said(first)
    assert there == (before is not None)
    assert [303] * 3 == [one.status_code for one in (second, third, last)]
    assert len(creations) == len(written) == len(records) == 1
    assert Ref("acme", "juan") == case.proven_by


PAGES = ("/", "/access", "/open/acme", f"/open/acme/{OFFER}", "/requests")


def test_an_api_server_that_is_away(world):
    """Opening answers 502 and keeps what was typed; pages that only read go on from what the watches remember."""
    with world.way("away") as proxy, world.panel(proxy.kubeconfig) as site:
        juan = site.signed_in("juan")
        summary = site.summary(juan, "away")
        away = threading.Thread(target=proxy.away, args=(25,))
        away.start()
        world.plane.until(lambda: proxy.faults.counts["refused"], "it is still there")
        first = site.send(juan, summary)
        gone = away.is_alive()
        pages = {path: juan.get(path).status_code for path in PAGES}
        new = site.summary(juan, "away-later")
        away.join()
        held = world.held("away")
        second, third = site.send(juan, sealed(first)), site.send(juan, new)
        world.house.until_open("acme/away", "manager")
        world.house.until_open("acme/away-later", "manager")

    assert gone
    assert 502 == first.status_code
    assert "The ledger's anchor, ConfigMap assent-system/assent-ledger-anchor, cannot be read" in said(first)
    assert dict.fromkeys(PAGES, 200) == pages
    assert held is None
    assert [303, 303] == [second.status_code, third.status_code]


def test_a_name_that_somebody_else_took_is_another_requests(world, site):
    """Where the object of that name says something else, the panel says so, and it never becomes the asker's."""
    juan = site.signed_in("juan")
    summary = site.summary(juan, "taken")
    body = admission.request("taken", "acme")
    body["spec"] = {**SPEC, "requester": "omar@acme.example"}
    world.plane.api("omar@acme.example").create(paths.collection("Request", "acme"), body)
    answer = site.send(juan, summary)
    world.house.until_open("acme/taken", "manager")

    assert 422 == answer.status_code
    assert Ref("acme", "omar") == site.decision("acme/taken").case.proven_by


TOLD = 100


def test_rule_4_two_operators_judge_each_of_a_hundred_tellings_once(world, site):
    """Both act and neither asks the other, while a panel writes: each telling has one verdict, each request one run."""
    second = world.operator()
    names = [f"many-{number}" for number in range(10)]
    for name in names:
        site.ask(name)
        site.door.open(Ref("acme", name), SPEC, JUAN)
    world.plane.until(lambda: all(site.decision(f"acme/{name}") for name in names), "some are not seen")
    people = [MARIA, INGRID, MARIA, "alba@acme.example", "fina@acme.example", INGRID, JUAN, "ana@acme.example"]
    told = write(site, [(who, name) for who in [*people, MARIA, INGRID] for name in names])
    world.plane.until(lambda: not site.panel.seen().state.told, "not all are judged", 240)
    for name in names:
        world.house.until(f"acme/{name}", "Succeeded")
    verdicts = [one.body["proof"].removeprefix("told:") for one in site.door.records(kinds={"decided"})]
    code = second.end()

    assert TOLD == len(told)
    assert sorted(told) == sorted(one for one in verdicts if one in told)
    assert 0 == code
    assert [] == world.judge()
    assert world.verified() == site.panel.seen().state.sequence


def write(site, lines):
    """Each line of somebody's about a request, written by one of four threads; the ids of all."""
    texts = {}
    for number, (who, name) in enumerate(lines):
        digest = site.decision(f"acme/{name}").digest
        body = {"request": f"acme/{name}", "channel": "Panel", "username": who, "signedIn": True}
        texts[f"{number:032x}"] = body | {"text": f"approve as {who} for {digest} because fine"}

    def work(part):
        for ident in part:
            record = NewRecord("told", ident, texts[ident], once=True)
            site.panel.write(record)
            with pytest.raises(ConflictError):
                site.panel.write(record)

    threads = [threading.Thread(target=work, args=([*texts][start::4],)) for start in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return {*texts}
