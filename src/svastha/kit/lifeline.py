"""Processes that do not outlive the one that started them, even when that one is killed with -9 (Linux only)."""

import ctypes
import os
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # loaded here, because little is safe between fork and exec


def stop_with_parent(signal: int) -> None:
    """Ask the kernel to send this process ``signal`` when its parent dies."""
    _tie(signal, os.getppid())


def child_stops_with_me(signal: int) -> Callable[[], None]:
    """A ``preexec_fn``: the child gets ``signal`` when the *thread* that started it ends, so let that be a lasting one.

    A change of user would undo it; ``subprocess`` has them in the right order.
    """
    me = os.getpid()
    return lambda: _tie(signal, me)


def _tie(signal: int, parent: int) -> None:
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
        if os.getppid() != parent:  # it died before we could ask
            os.kill(os.getpid(), signal)
