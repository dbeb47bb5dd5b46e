import contextlib
import errno
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self
from urllib.parse import quote

from ..lifeline import child_stops_with_me
from ..lock import Held, Lock
from . import orphan, places, programs
from .account import as_user, name_of, owner_of, private, reachable
from .create import create
from .trouble import ClusterTrouble

USER = "svastha"
SOCKET_NUMBER = 5432  # only part of the socket's file name: nothing listens on that port
ROOM_TO_BEGIN = 200 * 2**20  # bytes
LONGEST_LOG = 5 * 2**20  # bytes
PATIENCE = 120.0  # seconds; recovery after a crash can be slow
SETTINGS = {
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
    # A database's log easily holds what a patient typed: statements and the values of failed ones stay out of it.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
}


class Cluster:
    """One PostgreSQL server with its data in ``state_dir/postgres``, behind a unix socket that only its owner reaches.

    ``start`` from a thread that lasts: the server stops when that thread ends. ``fast`` is for tests: the data is kept
    in memory where there is room, would not survive a crash, and is thrown away at start and at stop. With ``port`` it
    also listens on 127.0.0.1, with a new password at every start, in ``tcp_dsn``. Root lends the server to ``nobody``.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        port: int | None = None,
        max_connections: int | None = None,
        settings: Mapping[str, str] | None = None,
        fast: bool = False,
    ) -> None:
        self.state_dir = state_dir.resolve()
        self.folder = places.in_memory(self.state_dir) if fast else self.state_dir / "postgres"
        self.data = self.folder / "data"
        self.socket = places.for_socket(self.folder)
        self.log = self.folder / "server.log"
        self.fast = fast
        self.port = port
        self.tcp_dsn: str | None = None
        self._settings = SETTINGS | (THROWAWAY if fast else {}) | {"listen_addresses": "127.0.0.1" if port else ""}
        if max_connections:
            self._settings["max_connections"] = str(max_connections)
        self._settings |= settings or {}
        self._lock: Lock | None = None
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def dsn(self) -> str:
        """For the superuser and the database ``postgres``. Fixed by ``state_dir``, whether the server runs or not."""
        return f"postgresql://{USER}@/postgres?host={quote(str(self.socket))}&port={self.port or SOCKET_NUMBER}"

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> str:
        """Create the cluster if need be, start it, wait until it answers and return ``dsn``.

        Mends what a crash left behind. Raises :class:`ClusterTrouble`.
        """
        try:
            with self._in_words():
                self._claim()
                self._check_room()
                owner = owner_of(self.data)
                found, version = programs.find(owner, self.state_dir)
                if not self.data.exists():
                    self._create(found, version, owner)
                self._check_version(version)
                orphan.end(self.data)
                while not self._launch(found, owner):
                    time.sleep(0.1)
                if self.port:
                    self._set_password(found)
        except BaseException:
            self.stop()
            raise
        return self.dsn

    def stop(self) -> None:
        """Stop it in order, cutting off whoever is connected. Does nothing when it does not run."""
        if self._server:
            for how, patience in ((signal.SIGINT, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, None)):
                self._server.send_signal(how)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._server.wait(patience)
                    break
            self._server = None
            with contextlib.suppress(OSError):
                self.socket.rmdir()
        if self._lock:
            if self.fast:
                shutil.rmtree(self.folder, ignore_errors=True)
            self._lock.release()
            self._lock = None

    def _claim(self) -> None:
        if self._lock:
            return
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        if self.fast:
            private(self.folder, os.geteuid())
        self.folder.mkdir(exist_ok=True)
        try:
            self._lock = Lock(self.folder / "lock")
        except Held as held:
            raise ClusterTrouble(f"The PostgreSQL in {self.folder} is already run by process {held.by}.") from None
        if self.fast:
            shutil.rmtree(self.data, ignore_errors=True)

    def _check_room(self) -> None:
        if not self.data.exists() and shutil.disk_usage(self.folder).free < ROOM_TO_BEGIN:
            raise ClusterTrouble(self._full())

    def _create(self, found: Path, version: int, owner: int) -> None:
        if trouble := create(self.data, found, version, owner, USER, safely=not self.fast):
            raise ClusterTrouble(self._explain("PostgreSQL could not create its data", trouble))

    def _check_version(self, version: int) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != str(version):
            raise ClusterTrouble(
                f"The data in {self.data} was made by PostgreSQL {made_by}, and this is PostgreSQL {version}. Point"
                f" SVASTHA_PG_BIN at the programs of a PostgreSQL {made_by}, or move that folder away to begin anew."
            )

    def _launch(self, found: Path, owner: int) -> bool:
        """Start and wait until it answers. False when processes of a killed server are still leaving: try again."""
        private(self.socket, owner)
        for left_behind in self.socket.iterdir():
            left_behind.unlink()
        if self.log.exists() and self.log.stat().st_size > LONGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log, reachable(self.data) as (data, doors), reachable(self.socket) as (way, door):
            before = log.tell()
            number = str(self.port or SOCKET_NUMBER)
            command: list[str | Path] = [found / "postgres", "-D", data, "-k", way, "-p", number]
            for name, value in self._settings.items():
                command += ["-c", f"{name}={value}"]
            self._server = subprocess.Popen(
                command,
                **as_user(owner),
                pass_fds=doors + door,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # or Ctrl-C in the terminal would reach it before its clients have finished
                preexec_fn=child_stops_with_me(signal.SIGINT),  # noqa: PLW1509 - one system call, nothing to lock
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            ended = self._server.poll() is not None
            if ended or time.monotonic() > deadline:
                said = self.log.read_bytes()[before:].decode(errors="replace")
                if ended and "is still in use" in said:
                    return False
                raise ClusterTrouble(self._explain("PostgreSQL could not start" if ended else "PostgreSQL hangs", said))
            time.sleep(0.01)
        return True

    def _answers(self) -> bool:
        """What PostgreSQL notes about itself once it takes connections; its own pg_ctl waits for the same."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        ours = self._server is not None and lines[:1] == [str(self._server.pid)]
        return ours and lines[7:8] in (["ready   "], ["standby "])

    def _set_password(self, found: Path) -> None:
        password = os.urandom(24).hex()
        subprocess.run(
            [found / "psql", "-q", "-h", self.socket, "-p", str(self.port), "-U", USER, "-d", "postgres"],
            input=f"ALTER ROLE {USER} PASSWORD '{password}'",
            text=True,
            check=True,
        )
        self.tcp_dsn = f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/postgres"

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as trouble:
            if trouble.errno in (errno.ENOSPC, errno.EDQUOT):
                raise ClusterTrouble(self._full()) from trouble
            what, why = trouble.filename or self.folder, trouble.strerror or trouble
            raise ClusterTrouble(
                f"{what} cannot be used by {name_of(os.geteuid())} ({why})."
                " Change its owner, or choose another folder with SVASTHA_STATE_DIR."
            ) from trouble

    def _explain(self, what: str, said: str) -> str:
        if "No space left on device" in said:
            return self._full()
        telling = re.findall(r"(?:FATAL|PANIC|ERROR|error|HINT):\s*(.+)", said) or said.splitlines()[-2:]
        return f"{what}: {'; '.join(telling[-3:]) or 'it said nothing'}. There may be more in {self.log}."

    def _full(self) -> str:
        free = shutil.disk_usage(self.folder).free // 2**20
        return (
            f"The disk that holds {self.folder} is full: {free} MB free, {ROOM_TO_BEGIN // 2**20} MB needed to begin."
            " Make room and start again, or choose another folder with SVASTHA_STATE_DIR."
        )
