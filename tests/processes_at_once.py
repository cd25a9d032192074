"""Several processes that do the same at once, forked from the test."""

import contextlib
import os


@contextlib.contextmanager
def processes(count, act):
    """`act(number)` in `count` processes at once; all of them end well."""
    children = []
    for number in range(count):
        child = os.fork()
        if not child:
            code = 1
            with contextlib.suppress(BaseException):
                act(number)
                code = 0
            os._exit(code)
        children.append(child)
    try:
        yield
    finally:
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert [0] * count == codes
