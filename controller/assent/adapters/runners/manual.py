"""The manual runner: a person does it, and settles it."""

from assent.api.plans import Execution, Outcome, Plan
from assent.errors import RunnerError


class ManualRunner:
    """Hands the instructions on; the run goes on until somebody says how it ended."""

    def check(self, plan: Plan) -> str | None:
        """Why nobody could carry this plan out, or None."""
        instructions = plan.settings.get("instructions")
        if not isinstance(instructions, str) or not instructions.strip():
            return f"The microservice {plan.microservice} is done by a person, and says nothing of what is to be done."
        return None

    def act(self, plan: Plan, execution: Execution) -> Outcome:
        """The instructions, as a run that goes on.

        Raises:
            RunnerError: there are none.
        """
        if refusal := self.check(plan):
            raise RunnerError(refusal)
        about = "" if execution.target is None else f" for {execution.target!r}"
        return Outcome("Running", f"A person does this{about} and settles it: {plan.settings['instructions']}")
