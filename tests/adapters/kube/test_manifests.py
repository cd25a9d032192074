"""The Job of an execution: what the program gets byte for byte, and what the pod may not do."""

import json
import random
import re
from dataclasses import replace

import pytest

from assent.adapters.kube.manifests import manifest
from assent.adapters.runners.vault import run_document
from assent.api.plans import Execution, Plan
from assent.errors import RunnerError

DIGEST = "4c" * 32
PLAN = Plan(
    request="acme/vdi",
    organization="acme",
    digest=DIGEST,
    microservice="platform/create-workspaces",
    owner="platform",
    requester="juan@acme.example",
    on_behalf_of="ana@acme.example",
    runner="job",
    settings={"image": "registry.example/automate:1", "command": ["/automate"], "environment": []},
    parameters={"template": "win11-office", "password": {"secretRef": "pw"}},
    timeout=600,
    idempotent=False,
)
EXECUTION = Execution("ab" * 16, "pc1", ("--template", "win11-office"))


def job(execution=EXECUTION, plan=PLAN, **settings):
    """The Job of the usual plan with some of its settings changed."""
    return manifest(replace(plan, settings={**plan.settings, **settings}), execution)


def container(made):
    return made["spec"]["template"]["spec"]["containers"][0]


def variables(made):
    """What the program finds in its environment, with references as they stand."""
    found = {one["name"]: one.get("value", one.get("valueFrom")) for one in container(made)["env"]}
    return {name: value if isinstance(value, dict) else expanded(value, {}) for name, value in found.items()}


def expanded(text, known):
    """What Kubernetes makes of a text: `$$` is one `$`, `$(NAME)` the value of a known variable, all else itself."""
    rules = re.compile(r"\$\$|\$\(([^)]*)\)", re.DOTALL)
    return rules.sub(lambda found: "$" if found[1] is None else known.get(found[1], found[0]), text)


def test_expansion_is_what_kubernetes_documents():
    """The tests' own reading of `$(NAME)` agrees with the table of Kubernetes' documentation."""
    known = {"A": "x", "B": "$(A)"}

    assert "x $(A) $(A) $(NONE) $A $ $( $$(A" == expanded("$(A) $(B) $$(A) $(NONE) $A $ $( $$$$(A", known)


ALPHABET = [
    *"$()$()$ \n\t'\"\\`;|&<>{}*?~-=_aB0é\x01\x7f\u2028",
    "$(",
    "$$",
    "$(HOME)",
    "$(ASSENT_REQUEST)",
    "\U0001d4b3",
    "--",
]


def test_rule_31_ten_thousand_texts_arrive_byte_for_byte():
    """Rule 31: as argument, as variable and in the run's JSON a program gets exactly what was approved."""
    chance = random.Random(31)
    texts = ["".join(chance.choices(ALPHABET, k=chance.randrange(30))) for _ in range(10_000)]

    for start in range(0, len(texts), 100):
        some = texts[start : start + 100]
        own = [{"name": f"V{n}", "value": text} for n, text in enumerate(some)]
        plan = replace(PLAN, parameters={"texts": some})
        made = job(Execution("ab" * 16, some[0], tuple(some)), plan, environment=own, command=some)
        known = dict.fromkeys(("HOME", "ASSENT_REQUEST", *(one["name"] for one in own)), "SOMETHING ELSE")
        found = {one["name"]: expanded(one["value"], known) for one in container(made)["env"]}

        assert some == [expanded(text, known) for text in container(made)["args"]]
        assert some == [expanded(text, known) for text in container(made)["command"]]
        assert some == [found[one["name"]] for one in own]
        assert some == json.loads(found["ASSENT_PARAMETERS"])["parameters"]["texts"]
        assert some[0] == found["ASSENT_TARGET"]


LONG = "é" * 64 * 1024


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"arguments": ("a\0b",)}, "Argument 1 holds a NUL", id="a-nul"),
        pytest.param({"arguments": ("x", "\ud800")}, "Argument 2 holds half of a character", id="a-surrogate"),
        pytest.param({"arguments": (LONG,)}, "Argument 1 holds a NUL or is longer than 131071", id="a-long-argument"),
        pytest.param({"arguments": ("x" * 100_000,) * 11}, "The Job would have 11", id="more-than-a-job-holds"),
        pytest.param({"target": "\0"}, "The variable 'ASSENT_TARGET' holds a NUL", id="a-target"),
        pytest.param({"environment": [{"name": "A", "value": "\0"}]}, "The variable 'A' holds a NUL", id="a-variable"),
        pytest.param({"environment": [{"name": "A", "value": LONG}]}, "The variable 'A' ", id="a-long-variable"),
        pytest.param({"command": ["/run", "\0"]}, "Part 2 of the command holds a NUL", id="the-command"),
        pytest.param({"image": " i"}, "The image ' i' of .* holds blanks", id="blanks-around-the-image"),
        pytest.param({"environment": [{"name": "A", "value": ""}] * 2}, "'A' of .* stands twice", id="two-of-one-name"),
        pytest.param({"environment": [{"name": "ASSENT_X", "value": ""}]}, "begins with ASSENT_", id="a-name-of-ours"),
    ],
)
def test_rule_31_what_cannot_arrive_is_refused(changes, words):
    """Rule 31: what no program can be given, and what would not be unmistakable, is refused and named."""
    about = {name: changes.pop(name) for name in ("arguments", "target") if name in changes}

    with pytest.raises(RunnerError, match=words):
        job(replace(EXECUTION, **about), **changes)


def test_the_longest_argument_is_taken():
    """The limit is the kernel's own, not one byte less; doubled dollars do not count."""
    longest = "$" * (128 * 1024 - 1)

    assert [longest] == [expanded(one, {}) for one in container(job(replace(EXECUTION, arguments=(longest,))))["args"]]


def test_a_job_runs_once_and_stays():
    """One pod and no second try, ended after its time; suspended at first, and never taken away by itself."""
    spec = job()["spec"]

    assert (True, 1, 1, 0, "Failed", 600) == (
        spec["suspend"],
        spec["parallelism"],
        spec["completions"],
        spec["backoffLimit"],
        spec["podReplacementPolicy"],
        spec["activeDeadlineSeconds"],
    )
    assert "ttlSecondsAfterFinished" not in spec
    assert "Never" == spec["template"]["spec"]["restartPolicy"]


def test_a_job_says_what_it_is():
    """Its name follows from the execution alone; request, microservice and the whole digest stand on it."""
    about = job()["metadata"]

    assert ("assent-" + "ab" * 16, "acme") == (about["name"], about["namespace"])
    assert {"assent.dev/execution": "ab" * 16, "assent.dev/digest": DIGEST[:63]}.items() <= about["labels"].items()
    assert {
        "assent.dev/digest": DIGEST,
        "assent.dev/request": "acme/vdi",
        "assent.dev/microservice": "platform/create-workspaces",
        "assent.dev/started": "false",
    } == about["annotations"]


def test_a_program_is_told_of_its_run():
    """Beside its own variables it finds execution, request and target, and the run as every runner hands it over."""
    found = variables(job())

    assert ("ab" * 16, "acme/vdi", "pc1") == tuple(found[f"ASSENT_{one}"] for one in ("EXECUTION", "REQUEST", "TARGET"))
    assert json.loads(run_document(PLAN, "ab" * 16, "pc1", {})) == json.loads(found["ASSENT_PARAMETERS"])
    assert "ASSENT_TARGET" not in variables(job(replace(EXECUTION, target=None)))


def test_a_microservice_may_have_another_home():
    """The folder for what a program writes is only proposed."""
    found = variables(job(environment=[{"name": "HOME", "value": "/data"}]))

    assert "/data" == found["HOME"]


def test_rule_43_a_secret_is_a_reference():
    """Rule 43: of a secret the Job holds the Secret's name and the key `value`; the node alone reads it."""
    plan = replace(PLAN, secrets={"password": "pw"})
    made = job(plan=plan, environment=[{"name": "PASSWORD", "parameter": "password"}])

    assert {"secretKeyRef": {"name": "pw", "key": "value"}} == variables(made)["PASSWORD"]
    assert {"secretRef": "pw"} == json.loads(variables(made)["ASSENT_PARAMETERS"])["parameters"]["password"]
    assert "File" == container(made)["terminationMessagePolicy"]


def test_a_service_accounts_token_is_there_only_where_one_is_named():
    """Without a service account of its own a program gets no token of anybody's."""
    bare, named = (job(**one)["spec"]["template"]["spec"] for one in ({}, {"serviceAccountName": "builder"}))

    assert (False, None) == (bare["automountServiceAccountToken"], bare.get("serviceAccountName"))
    assert (True, "builder") == (named["automountServiceAccountToken"], named["serviceAccountName"])


def test_what_is_left_out_stays_out():
    """Without command, arguments and resources the image's own and the namespace's hold."""
    made = container(job(replace(EXECUTION, arguments=()), command=[], resources={}))

    assert set() == {"command", "args", "resources"} & made.keys()


def test_resources_as_they_were_written():
    """What the container asks for and may use is passed on."""
    wanted = {"limits": {"memory": "1024Mi"}, "requests": {"cpu": "0.5"}}

    assert wanted == container(job(resources=wanted))["resources"]
