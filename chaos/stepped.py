"""``python -m chaos.stepped FILE serve``: the command with its clock as many seconds off as the file says."""

import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

LOOK = 0.2  # seconds


def follow(file: Path, machine: time_machine.Traveller) -> None:
    """The operating system's clock stays as it is; every other way to ask Python for the time of day is stepped."""
    applied = 0
    while True:
        wanted = int(file.read_text() or 0)
        if wanted != applied:
            machine.shift(timedelta(seconds=wanted - applied))
            applied = wanted
        time.sleep(LOOK)


if __name__ == "__main__":
    from svastha.doors.cli import main

    with time_machine.travel(datetime.now(UTC), tick=True) as machine:
        threading.Thread(target=follow, args=(Path(sys.argv[1]), machine), daemon=True).start()
        sys.exit(main(sys.argv[2:]))
