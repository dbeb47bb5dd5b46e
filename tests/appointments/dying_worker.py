"""A worker of its own process that dies, as by ``kill -9``, at a moment its arguments name.

``python tests/appointments/dying_worker.py asha after``: right before or after the mail server has taken a mail.
"""

import asyncio
import os
import sys
from functools import partial
from typing import NoReturn

import msgspec

from svastha.adapters.smtp import Smtp
from svastha.domain import notifications
from svastha.domain.notifications import Deliver, Letter
from svastha.doors import jobs
from svastha.doors.jobs.worker import Worker
from svastha.settings import load
from svastha.wiring import build


def die() -> NoReturn:
    os._exit(9)


class Dies:
    """A way out that takes the whole process with it."""

    def __init__(self, way: Smtp, when: str) -> None:
        self._way, self._when = way, when

    async def send(self, letter: Letter) -> str:
        if self._when == "after":
            await self._way.send(letter)
        die()


async def run(clinic: str, when: str) -> None:
    settings = load(dict(os.environ))
    house = build(settings)
    deliver = partial(
        notifications.deliver,
        ways={"email": Dies(Smtp(settings), when)},
        attempts=jobs.Attempts(house.connections, house.routing),
    )
    house = msgspec.structs.replace(house, subscriptions={**house.subscriptions, Deliver: [deliver]})
    while await Worker(house).drain(clinic):
        pass


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2]))
