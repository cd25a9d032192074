"""The example's programs do what the catalogue says, once for each execution, on an estate of their own."""

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from shipped import ROOT, SERVICES

ORDERS = {
    "reset-vm-account": ("vdi-0002", {}),
    "create-ad-user": (None, {"accountName": "ipek", "givenName": "İpek", "surname": "Öztürk", "unit": "Employees"}),
    "create-snapshot": (None, {"template": "win11-office", "note": "Before the update"}),
    "restore-snapshot": (None, {"template": "win11-office", "snapshot": "win11-office-1"}),
    "backup-user-profile": ("ana", {}),
    "close-user-session": ("vdi-0001", {"user": "ana", "message": "- bye -"}),
    "close-all-user-sessions": ("vdi-0001", {"graceMinutes": 5}),
    "reset-user-profile": ("fina", {"backup": True}),
    "restore-user-profile": ("ana", {"backup": "ana-1"}),
    "create-workspaces": (None, {"template": "win11-office", "count": 3}),
    "execute-workspace-action": ("cad-0001", {"action": "Restart"}),
    "execute-group-action": ("finance", {"action": "Shutdown"}),
    "modify-vm-resources": ("vdi-0001", {"processors": 8, "diskGiB": 256}),
    "set-workspace-maintenance": ("vdi-0001", {"maintenance": True}),
    "set-group-maintenance": ("finance", {"maintenance": True}),
    "update-vm-set": ("finance", {"snapshot": "win11-office-1"}),
    "get-wifi-information": ("lap-0001", {"information": "Signal"}),
    "kill-process": ("lap-0001", {"executable": "teams.exe"}),
    "create-azure-subscription": (
        None,
        {"subscription": "Maps", "workload": "DevTest", "owner": "omar@acme.example", "monthlyBudget": 500},
    ),
}
PROGRAM = pytest.mark.parametrize("name", sorted(ORDERS))


@pytest.fixture
def place(tmp_path):
    """A copy of programs and estate, side by side, as the demo lays them out."""
    for folder in ("programs", "estate"):
        shutil.copytree(ROOT / "examples" / folder, tmp_path / folder)
    return tmp_path


def order(place, name, execution="e1", organization="acme", **changes):
    """Runs a program as a runner does: a clean environment, a foreign folder, the order on standard input."""
    target, parameters = ORDERS[name]
    given = {
        "request": f"{organization}/r1",
        "organization": organization,
        "microservice": f"platform/{name}",
        "requester": "juan@acme.example",
        "execution": execution,
        "target": target,
        "parameters": parameters,
    } | changes
    return subprocess.run(
        [place / "programs" / "platform" / name],
        input=json.dumps(given).encode(),
        capture_output=True,
        check=False,
        cwd=place,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin"},
        timeout=30,
    )


def estate(place, organization="acme"):
    return json.loads((place / "estate" / f"{organization}.json").read_text(encoding="utf-8"))


def test_every_microservice_has_an_order_here():
    """No program of the catalogue is left untried."""
    assert set(SERVICES) == set(ORDERS)


@PROGRAM
def test_program_runs_once(place, name):
    """An execution happens once: tried again it is refused, or, where that is promised, answers as before."""
    first = order(place, name)
    after = estate(place)
    again = order(place, name)

    assert (0, b"") == (first.returncode, first.stderr)
    assert [("e1", first.stdout.decode().strip())] == [(one["execution"], one["result"]) for one in after["history"]]
    assert after == estate(place)
    if SERVICES[name].spec.idempotent:
        assert (0, first.stdout) == (again.returncode, again.stdout)
    else:
        assert (1, b"") == (again.returncode, again.stdout)
        assert b"e1 has been carried out already" in again.stderr


@PROGRAM
def test_program_that_fails_leaves_the_estate_alone(place, name):
    """What is not there is refused with a sentence, and nothing is half done."""
    before = estate(place)
    target, parameters = ORDERS[name]
    unknown = {"template": "win3", "backup": "nobody-1"}
    wrong = {key: unknown.get(key, value) if target is None else value for key, value in parameters.items()}
    if name in ("create-ad-user", "create-azure-subscription"):
        order(place, name, execution="e0")
        before = estate(place)

    refused = order(place, name, target="nowhere" if target else None, parameters=wrong)

    assert (1, b"") == (refused.returncode, refused.stdout)
    assert b"there is " in refused.stderr
    assert before == estate(place)


def test_effect_is_there(place):
    """Workspaces that were asked for are in the estate, under names that follow on."""
    order(place, "create-workspaces")

    assert ["cad-0001", "vdi-0001", "vdi-0002", "vdi-0003", "vdi-0004", "vdi-0005"] == sorted(
        estate(place)["workspaces"]
    )


def test_one_organization_is_touched(place):
    """A program acts on the estate of the requesting organization and on no other."""
    before = estate(place, "acme-labs")
    order(place, "create-workspaces")

    assert before == estate(place, "acme-labs")


@pytest.mark.parametrize("organization", ["../estate/acme", "", "globex"])
def test_no_estate_no_work(place, organization):
    """A name that is no organization's estate is refused, and reads no other file."""
    assert 1 == order(place, "create-snapshot", organization=organization).returncode


def test_a_password_is_kept_nowhere(place):
    """Rule 43: a secret value is in no output and in no file of the estate."""
    _, parameters = ORDERS["create-ad-user"]
    done = order(place, "create-ad-user", parameters=parameters | {"initialPassword": "c4nary-value"})

    assert 0 == done.returncode
    assert b"c4nary" not in done.stdout + done.stderr
    assert "c4nary" not in (place / "estate" / "acme.json").read_text(encoding="utf-8")


def test_runs_at_once_lose_nothing(place):
    """Programs that run at once wait for each other: every effect is there, and every execution on record."""
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: order(place, "create-workspaces", execution=f"e{n}"), range(16)))

    assert [0] * 16 == [one.returncode for one in done]
    assert 16 == len(estate(place)["history"])
    assert 3 + 16 * 3 == len(estate(place)["workspaces"])
