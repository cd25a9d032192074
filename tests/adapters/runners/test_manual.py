"""What a person does goes on until a person says how it ended."""

import pytest

from assent.adapters.runners import ManualRunner
from assent.api.plans import Execution
from assent.errors import RunnerError


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (None, "A person does this and settles it: Call the data centre."),
        ("rack-7", "A person does this for 'rack-7' and settles it: Call the data centre."),
    ],
)
def test_the_instructions_are_handed_on(plan, target, message):
    """The run goes on, with what is to be done and for what."""
    runner = ManualRunner()
    manual = plan(settings={"instructions": "Call the data centre."})
    outcome = runner.act(manual, Execution("ab" * 16, target))

    assert runner.check(manual) is None
    assert ("Running", message, None, "") == (outcome.state, outcome.message, outcome.exit_code, outcome.output)


@pytest.mark.parametrize("instructions", [None, "", " \n", 7])
def test_without_instructions_nobody_can_do_it(plan, instructions):
    """A plan that says nothing of what is to be done is refused."""
    manual = plan(settings={"instructions": instructions})

    assert "says nothing of what is to be done" in ManualRunner().check(manual)
    with pytest.raises(RunnerError):
        ManualRunner().act(manual, manual.executions[0])
