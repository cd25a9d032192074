"""The job runner on a real API server with its real Job controller; the kubelet is played."""

import random
from dataclasses import replace

import pytest

from assent.adapters.kube.manifests import manifest
from cluster.jobstage import EXECUTION, PLAN, Stage
from cluster.kubelet import Kubelet, bind, execution, node


@pytest.fixture
def stage(plane, organization):
    return Stage(plane, organization)


def test_a_run_from_beginning_to_end(stage):
    """Suspended until it is let go, then running, then what its program ended with; there is one pod in all."""
    assert stage.check() is None
    handle = stage.prepare()
    ready = stage.look()
    stage.act()
    pod = stage.pod()
    waits = stage.look()
    stage.kubelet.start(pod)
    runs = stage.look()
    stage.kubelet.end(pod, 0)
    ended = stage.ended()

    name = f"The Job {stage.plan.organization}/assent-{EXECUTION.id}"
    assert handle == stage.job()["metadata"]["uid"]
    assert ("Running", f"{name} is ready, and has not been let go yet.") == (ready.state, ready.message)
    assert ("Running", f"{name} goes on, and its pod is Pending.") == (waits.state, waits.message)
    assert ("Running", f"{name} goes on, and its pod is Running.") == (runs.state, runs.message)
    assert ("Succeeded", f"{name} succeeded.", 0) == (ended.state, ended.message, ended.exit_code)
    assert 1 == len(stage.pods())


def test_nothing_starts_before_it_is_let_go(stage):
    """A Job that is only made has no pod, whatever its controller does meanwhile."""
    stage.prepare()
    stage.plane.until(lambda: stage.job().get("status", {}).get("conditions"), "the Job controller did not see it")

    assert [] == stage.pods()
    assert "Suspended" == stage.job()["status"]["conditions"][0]["type"]


def test_checking_makes_nothing(stage):
    """To ask whether a plan can be run leaves no trace."""
    assert stage.check() is None
    assert [] == stage.jobs_named()


@pytest.mark.parametrize("code", [1, 3, 137, 255])
def test_a_failure_has_its_exit_code(stage, code):
    """What the program ended with is known, and the Job is not tried again."""
    stage.kubelet.end(stage.started(), code)
    ended = stage.ended()

    assert ("Failed", code) == (ended.state, ended.exit_code)
    assert f"ended with {code}" in ended.message
    assert 1 == len(stage.pods())


def test_why_a_program_was_killed_is_said(stage):
    """What the node says of it beside the code is passed on."""
    stage.kubelet.end(stage.started(), 137, reason="OOMKilled")

    assert "ended with 137 (OOMKilled)." in stage.ended().message


def test_why_a_program_cannot_start_is_said(stage):
    """Whoever waits for a Job reads what its pod waits for."""
    stage.kubelet.wait(stage.started(), "ImagePullBackOff", "no such image")

    assert "waits: ImagePullBackOff: no such image." in stage.look().message


def test_what_does_not_end_in_time_is_ended(plane, organization):
    """The time of the microservice ends the Job with its pod."""
    stage = Stage(plane, organization, replace(PLAN, timeout=1))
    with stage.kubelet.run():
        stage.kubelet.ending = lambda _pod: None
        stage.started()
        ended = stage.ended()

    assert ("Failed", "did not end within 1 s and was ended." in ended.message) == (ended.state, True)


def test_a_program_that_was_never_started_failed(plane, organization):
    """Where its node says that it could not start it, nothing was done."""
    stage = Stage(plane, organization, replace(PLAN, timeout=1))
    stage.kubelet.say(stage.started(), "Failed", {"waiting": {"reason": "CreateContainerConfigError"}})
    ended = stage.ended()

    assert "Failed" == ended.state
    assert ended.exit_code is None


def test_without_a_node_the_last_message_is_the_output(stage):
    """A log that cannot be had is no fault of the run; what the container left as its message is kept."""
    stage.kubelet.end(stage.started(), 3, message="no space left\n")
    ended = stage.ended()

    assert ("Failed", 3) == (ended.state, ended.exit_code)
    assert "no space left\n" == ended.output


def test_a_long_last_message_is_cut(plane, organization):
    """What is kept of an output has a bound, wherever it comes from."""
    stage = Stage(plane, organization, output_limit=10)
    stage.kubelet.end(stage.started(), 3, message="é" * 100)

    assert "é" * 5 == stage.ended().output


def test_a_log_that_cannot_be_had_is_said(plane, organization):
    """A node that does not answer takes its log with it; the outcome stands."""
    stage = Stage(plane, organization)
    pod, name = stage.started(), f"node-{organization}"
    with node(stage.api, name, lambda _name: b"?"):
        bind(stage.api, pod, name)
    stage.kubelet.end(pod, 3, message="no space left\n")
    ended = stage.ended()

    assert ("Failed", 3, "[its log could not be had]\nno space left\n") == (ended.state, ended.exit_code, ended.output)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"one\ntwo\n", "one\ntwo\n", id="a-short-one-as-it-is"),
        pytest.param(b"\xff\xc3\xa9", "�é", id="what-is-no-text"),
        pytest.param(b"x\n" * 2000, "[the last 1000 lines]\n" + "x\n" * 1000, id="many-lines"),
        pytest.param(b"y" * 999 + b"\n" + b"x" * 999 + b"\n", "y" * 999 + "\n" + "x" * 999 + "\n", id="to-the-byte"),
        pytest.param((b"x" * 99 + b"\n") * 100, "[the last 10 lines]\n" + ("x" * 99 + "\n") * 10, id="long-lines"),
        pytest.param(b"x" * 9000, "[the first 2000 bytes of its last line]\n" + "x" * 2000, id="one-long-line"),
    ],
)
def test_the_end_of_the_log_is_the_output(plane, organization, log, expected):
    """Of a log the last lines are kept, as many as fit, and what is left out is said."""
    stage = Stage(plane, organization, output_limit=2000)
    pod = stage.started()
    with node(stage.api, f"node-{organization}", lambda name: log if name == pod["metadata"]["name"] else b"?"):
        bind(stage.api, pod, f"node-{organization}")
        stage.kubelet.end(pod, 0)
        output = stage.ended().output

    assert expected == output


def test_rule_43_what_a_program_with_secrets_wrote_is_left_out(plane, organization):
    """Rule 43: no secret is read here, so none could be taken out of a log; the log stays where it is."""
    secrets = {"parameters": {"password": {"secretRef": "pw"}}, "secrets": {"password": "pw"}}
    stage = Stage(plane, organization, replace(PLAN, **secrets), trusted=["platform"])
    pod = stage.started()
    with node(stage.api, f"node-{organization}", lambda _name: b"hunter2"):
        bind(stage.api, pod, f"node-{organization}")
        stage.kubelet.end(pod, 1, message="hunter2")
        ended = stage.ended()

    assert "[left out: the program was given secrets, and may have shown them]" == ended.output
    assert "hunter2" not in str(ended)


def test_rule_31_what_the_pod_holds_is_what_was_planned(stage):
    """Rule 31: five hundred texts through the API server and its Job controller are in the pod as in the manifest."""
    chance = random.Random(32)
    letters = [*"$()$ \n\t'\"\\`;|&<é\x01\x7f\u2028\u202e", "$(HOME)", "$$", "\U0001f600"]
    texts = tuple("".join(chance.choices(letters, k=chance.randrange(40))) for _ in range(500))
    execution = replace(EXECUTION, arguments=texts)
    stage.runner.act(stage.plan, execution, stage.runner.prepare(stage.plan, execution))
    container = stage.pod()["spec"]["containers"][0]

    assert [text.replace("$", "$$") for text in texts] == container["args"]
    planned = manifest(stage.plan, execution)["spec"]["template"]["spec"]["containers"][0]
    assert planned["env"] == container["env"]


def test_only_this_job_is_removed(stage):
    """What has its name later stays; to remove what is gone does nothing."""
    first = stage.prepare()
    stage.gone()
    stage.runner.remove(stage.plan, EXECUTION, first)
    second = stage.prepare()
    stage.runner.remove(stage.plan, EXECUTION, first)

    assert second == stage.job()["metadata"]["uid"]


def test_a_kubelet_beside_the_test_runs_everything(plane, organization):
    """The played kubelet starts each pod once and ends it as it is told, for as long as its block lasts."""
    stage = Stage(plane, organization)
    others = [replace(EXECUTION, id=f"{n:032x}") for n in range(5)]
    ending = {others[3].id: 7}
    kubelet = Kubelet(stage.api, lambda pod: ending.get(execution(pod), 0), namespace=organization)
    with kubelet.run():
        for one in others:
            stage.runner.act(stage.plan, one, stage.runner.prepare(stage.plan, one))
        plane.until(lambda: all(kubelet.ended[one.id] for one in others), "a pod is left")

    codes = [stage.plane.until(lambda one=one: ended_of(stage, one), "it goes on").exit_code for one in others]
    assert [1] * 5 == [kubelet.started[one.id] for one in others]
    assert [0, 0, 0, 7, 0] == codes


def ended_of(stage, one):
    """The outcome of another execution, once it is one."""
    job = stage.api.get(f"{stage.jobs}/assent-{one.id}")
    found = stage.runner.look(stage.plan, one, job["metadata"]["uid"])
    return found if found.state != "Running" else None
