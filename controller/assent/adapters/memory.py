"""What a long-lived process frees goes back to the system."""

import ctypes
import sys

LARGE = 128 * 1024
"""Bytes from which a piece of memory is the system's again as soon as it is freed: what glibc begins with."""

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of mallopt(3)


def give_back() -> bool:
    """From now on this process gives it back; False where the C library has no such setting, which is no fault.

    glibc raises its threshold to the largest piece that was ever freed. One list of ten thousand objects makes that
    many MiB, and from then on every thread keeps up to twice as much for itself. A threshold that was set stays.
    """
    if sys.platform != "linux":
        return False
    setting = getattr(ctypes.CDLL(None), "mallopt", None)
    return setting is not None and bool(setting(_MMAP_THRESHOLD, LARGE))
