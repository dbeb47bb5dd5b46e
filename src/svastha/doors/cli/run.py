"""Everything as one command in the foreground. The other processes live and die with this one."""

import asyncio
import http.client
import signal
import time
from collections.abc import Mapping

from svastha.kit import lifeline
from svastha.kit.postgres import Cluster
from svastha.settings import Settings

from .children import GLANCE, Process, finish, heed_signals, say
from .equip import CannotStart, equipped

FIRST_TRIES = 3  # a server that ended this often without ever answering will not come


def run(environ: Mapping[str, str], *, stop_with_parent: bool = False) -> int:
    """Until a signal asks it to stop. Raises CannotStart, ClusterTrouble or SettingsTrouble."""
    heed_signals()
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
                say(_welcome(settings))
                _watch(processes, cluster)
            finally:
                finish(processes)
    except KeyboardInterrupt:
        pass
    say("Stopped.")
    return 0


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
            say("PostgreSQL ended unexpectedly; it starts again.")
            cluster.start()
        for process in processes:
            process.mend()
