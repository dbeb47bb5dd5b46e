"""Processes that live and die with the one that started them, and are started again when they end by themselves."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import FrameType

from svastha.kit import lifeline

STEADY = 60.0  # seconds after which a process counts as well again
LONGEST_PAUSE = 30.0  # seconds before another try
FINISHING = 5.0  # seconds processes have to finish
GLANCE = 0.1  # seconds between looks at the processes
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Process:
    """One child, started at once and again when it ends, after a pause that grows."""

    def __init__(
        self, name: str, arguments: list[str], environ: Mapping[str, str], *, doors: Sequence[int] = ()
    ) -> None:
        """``doors``: open files it inherits."""
        self.name, self._doors = name, doors
        self.ends = 0
        self._told = "--when-told" not in arguments
        self._command = [sys.executable, "-m", "svastha", *arguments]
        self._environ = dict(environ)
        self._pause = 0.5
        self._next_start: float | None = None
        self._start()

    def _start(self) -> None:
        self._started = time.monotonic()
        self._child = subprocess.Popen(
            self._command,
            env=self._environ,
            pass_fds=self._doors,
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in the terminal comes here alone, and the order of stopping is ours
            preexec_fn=lifeline.child_stops_with_me(signal.SIGKILL),  # noqa: PLW1509 - one system call, nothing to lock
        )
        if self._told:
            self.tell()

    def tell(self) -> None:
        """What it waited for is there, now and whenever it starts again."""
        self._told = True
        if self._child.stdin:
            with contextlib.suppress(BrokenPipeError):  # it ended already, which `mend` will see
                self._child.stdin.write(b"now\n")
                self._child.stdin.close()

    def mend(self) -> None:
        """Look after it: start it again when it ended and its pause is over."""
        now = time.monotonic()
        if self._next_start is not None:
            if now >= self._next_start:
                self._next_start = None
                self._start()
        elif (status := self._child.poll()) is not None:
            self.ends += 1
            self._pause = 0.5 if now - self._started > STEADY else min(self._pause * 2, LONGEST_PAUSE)
            self._next_start = now + self._pause
            say(f"The {self.name} ended unexpectedly ({_how(status)}); it starts again in {self._pause:.0f} s.")

    def ask_to_finish(self) -> None:
        self._child.terminate()

    def finish(self, deadline: float) -> None:
        """Wait; past the deadline it goes with everything it started."""
        try:
            self._child.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()


def heed_signals() -> None:
    """Any of them stops everything, once: further ones must not interrupt the stopping."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in STOPPING:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
            signal.signal(number, stop)


def finish(processes: list[Process]) -> None:
    say("Stopping ...")
    for process in processes:
        process.ask_to_finish()
    deadline = time.monotonic() + FINISHING
    for process in processes:
        process.finish(deadline)


def _how(status: int) -> str:
    return f"exit status {status}" if status >= 0 else signal.Signals(-status).name


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # whoever read this may be gone, and the rest must stop in order
        print(text, flush=True)
