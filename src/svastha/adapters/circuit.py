"""A fuse before each channel: one that is down is left alone for a while, and holds no worker meanwhile."""

from time import monotonic

import structlog
from prometheus_client import Counter

from svastha.domain.notifications import Letter, NotTaken, Unreachable, Way

TROUBLES = 3  # in a row
REST = 30.0  # seconds
SENT = Counter("svastha_messages_total", "Messages handed to a channel, by outcome.", ("channel", "outcome"))
log = structlog.get_logger()


class ChannelDown(NotTaken):
    """It did not answer the last times. Not asked again yet."""


class Circuit:
    def __init__(self, channel: str, way: Way) -> None:
        self._channel, self._way = channel, way
        self._troubles, self._rests_until = 0, 0.0

    async def send(self, letter: Letter) -> str:
        if self._troubles >= TROUBLES and monotonic() < self._rests_until:
            SENT.labels(self._channel, "not_tried").inc()
            raise ChannelDown
        try:
            id = await self._way.send(letter)
        except Unreachable as refused:
            self._troubles = 0
            SENT.labels(self._channel, "refused").inc()
            log.warning("message_refused", channel=self._channel, template=letter.template, reason=refused.reason)
            raise
        except BaseException:  # also a time limit, which arrives as a cancellation
            self._troubles += 1
            self._rests_until = monotonic() + REST
            SENT.labels(self._channel, "failed").inc()
            raise
        self._troubles = 0
        SENT.labels(self._channel, "sent").inc()
        return id
