"""Publish and subscribe over the Redis protocol, for houses whose many processes would tire one database with it."""

from collections.abc import Callable, Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from svastha.kit.wire import CHANNEL, WireLost


class OverRedis:
    """``house`` and ``channel`` keep apart what shares a server."""

    def __init__(self, url: str, house: str, channel: str = CHANNEL) -> None:
        self._redis = Redis.from_url(url, socket_connect_timeout=3, socket_timeout=5, health_check_interval=15)
        self._channel = f"{channel}:{house}"

    async def close(self) -> None:
        await self._redis.aclose()

    async def send(self, texts: Sequence[str]) -> None:
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for text in texts:
                    pipe.publish(self._channel, text)
                await pipe.execute()
        except (RedisError, OSError) as trouble:
            raise WireLost from trouble

    async def listen(self, heard: Callable[[str], None], *, ready: Callable[[], None]) -> None:
        try:
            async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                await pubsub.subscribe(self._channel)
                ready()
                while True:  # without a word for a while, the health check asks whether it is still there
                    message = await pubsub.get_message(timeout=10)
                    if message is not None:
                        heard(message["data"].decode(errors="replace"))
        except (RedisError, OSError) as trouble:
            raise WireLost from trouble
