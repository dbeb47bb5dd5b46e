"""Everything as one command in the foreground. The other processes live and die with this one."""

import asyncio
import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from types import FrameType

from svastha.kit import lifeline
from svastha.kit.postgres import Cluster
from svastha.settings import Settings

from .equip import CannotStart, equipped

FIRST_TRIES = 3  # a server that ended this often without ever answering will not come
STEADY = 60.0  # seconds after which a process counts as well again
LONGEST_PAUSE = 30.0  # seconds before another try
FINISHING = 5.0  # seconds processes have to finish
GLANCE = 0.1  # seconds between looks at the processes
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(environ: Mapping[str, str], *, stop_with_parent: bool = False) -> int:
    """Until a signal asks it to stop. Raises CannotStart, ClusterTrouble or SettingsTrouble."""
    _heed_signals()
    if stop_with_parent:
        lifeline.stop_with_parent(signal.SIGTERM)
    processes: list[Process] = []
    try:
        with equipped(environ) as (given, settings, cluster):
            try:
                processes.append(Process("server", ["serve", "--when-told"], given))  # it loads while we prepare
                _prepare(settings)
                processes[0].tell()
                processes.append(Process("worker", ["worker"], given))
                _await_server(processes, settings)
                _say(_welcome(settings))
                _watch(processes, cluster)
            finally:
                _finish(processes)
    except KeyboardInterrupt:
        pass
    _say("Stopped.")
    return 0


class Process:
    """One child, started at once and again when it ends, after a pause that grows."""

    def __init__(self, name: str, arguments: list[str], environ: Mapping[str, str]) -> None:
        self.name = name
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
            _say(f"The {self.name} ended unexpectedly ({_how(status)}); it starts again in {self._pause:.0f} s.")

    def ask_to_finish(self) -> None:
        self._child.terminate()

    def finish(self, deadline: float) -> None:
        """Wait; past the deadline it goes with everything it started."""
        try:
            self._child.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()


def _heed_signals() -> None:
    """Any of them stops everything, once: further ones must not interrupt the stopping."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in STOPPING:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
            signal.signal(number, stop)


def _prepare(settings: Settings) -> None:
    from .prepare import CannotPrepare, prepare  # most of the program comes with it: not before the quick refusals

    try:
        asyncio.run(prepare(settings))
    except CannotPrepare as trouble:
        raise CannotStart(trouble) from None


def _await_server(processes: list[Process], settings: Settings) -> None:
    while not _answers(settings):
        for process in processes:
            process.mend()
            if process.ends == FIRST_TRIES:
                raise CannotStart(f"The {process.name} does not start; what it said is above.")
        time.sleep(GLANCE)


def _answers(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    connection = http.client.HTTPConnection(host, settings.port, timeout=2)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _welcome(settings: Settings) -> str:
    ready = f"Svastha is ready: {settings.url}    (Ctrl-C stops it)"
    if settings.mode != "development":
        return ready
    clinics = "\n".join(
        f"  {name:<8} http://{name}.svastha.localhost:{settings.port}  or  {settings.url}/c/{name}/"
        for name in ("asha", "nadi")
    )
    return f"""
{ready}

{clinics}
  API      {settings.url}/api/docs
  mailbox  {settings.url}/dev/mailbox    every message that was sent, on any channel

Demo sign-ins, all with the password svastha-demo:
  patients   patient1@svastha.test ... patient40@svastha.test
  doctors    doctor1@svastha.test ... doctor12@svastha.test
  clinics    desk1@svastha.test, desk2@svastha.test, admin1@svastha.test, admin2@svastha.test
             pharmacy1@, therapy1@, accounts1@ and auditor1@svastha.test
  platform   platform@svastha.test, support@svastha.test, applicant1@svastha.test ... applicant4@svastha.test
Who works here is asked for a second code: it stands in the mailbox.
"""


def _watch(processes: list[Process], cluster: Cluster | None) -> None:
    while True:
        time.sleep(GLANCE)
        if cluster and not cluster.running:
            _say("PostgreSQL ended unexpectedly; it starts again.")
            cluster.start()
        for process in processes:
            process.mend()


def _finish(processes: list[Process]) -> None:
    _say("Stopping ...")
    for process in processes:
        process.ask_to_finish()
    deadline = time.monotonic() + FINISHING
    for process in processes:
        process.finish(deadline)


def _how(status: int) -> str:
    return f"exit status {status}" if status >= 0 else signal.Signals(-status).name


def _say(text: str) -> None:
    with contextlib.suppress(OSError):  # whoever read this may be gone, and the rest must stop in order
        print(text, flush=True)
