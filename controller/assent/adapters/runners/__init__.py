"""The runners: each carries out one execution of a plan in its own way, and says how it ended.

All of them answer the same two questions.
`check(plan)` says in a sentence why this runner cannot carry the plan out, or None; it starts and changes nothing.
`act(plan, execution)` carries it out, reading no document again; a `RunnerError` means that nothing was started, and
an outcome that nobody can know is `Unknown`.
Parameters reach a program as elements of argv or as JSON, never through a shell or a template; secret values reach
it in that JSON alone, and are taken out of everything that comes back.
`web` has the one that calls URLs; who needs it asks for it there, since httpx takes 3 MiB and 50 ms.
May import: api, errors, httpx (in `web`).
"""

from assent.adapters.runners.manual import ManualRunner
from assent.adapters.runners.process import ProcessRunner

__all__ = ["ManualRunner", "ProcessRunner"]
