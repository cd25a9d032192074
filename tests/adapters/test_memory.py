"""What was freed is the system's again, whichever thread had it."""

import platform
import subprocess
import sys

import pytest

KEPT = """
import os, sys, threading
from assent.adapters import memory

if sys.argv[1] == "given back":
    assert memory.give_back()

def held():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20

def work():
    b"x" * (16 << 20)
    pieces = [b"x" * (4 << 20) for _ in range(3)]
    del pieces
    both.wait(), both.wait()

both, before = threading.Barrier(5), held()
for _ in range(4):
    threading.Thread(target=work).start()
both.wait()
print(held() - before)
both.wait()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc that keeps what was freed")
def test_threads_keep_nothing_of_what_they_freed():
    """After large pieces were freed by four threads the process holds no more than before."""

    def kept(how):
        done = subprocess.run([sys.executable, "-c", KEPT, how], capture_output=True, text=True, check=True, timeout=60)
        return int(done.stdout)

    assert kept("left alone") > 20  # MiB: without this there would be nothing to give back
    assert kept("given back") < 10
