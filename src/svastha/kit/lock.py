"""One at a time: a file that one living process holds. The kernel lets go of it when that process dies, however."""

import fcntl
import os
from pathlib import Path


class Held(Exception):
    """Another living process holds the file. ``by`` is what that process wrote about itself; its number comes first."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


class Lock:
    """Held as soon as it is made, until ``release``. Raises :class:`Held`, or OSError where nothing can be written."""

    def __init__(self, path: Path, note: str = "") -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._file, 0)
            os.write(self._file, f"{os.getpid()} {note}".strip().encode())
        except BlockingIOError:
            by = os.pread(self._file, 1000, 0).decode()
            os.close(self._file)
            raise Held(by) from None
        except OSError:
            os.close(self._file)
            raise

    def release(self) -> None:
        os.ftruncate(self._file, 0)
        os.close(self._file)
