from svastha.kit import crypto


class FileKeys:
    """The master key comes from the settings: a file, or the environment. The previous one still opens."""

    name = "file"

    def __init__(self, master: bytes, previous: bytes | None = None) -> None:
        self._master, self._previous = master, previous

    async def wrap(self, key: bytes, context: str) -> bytes:
        return crypto.wrap(self._master, context, key)

    async def unwrap(self, wrapped: bytes, context: str) -> bytes:
        try:
            return crypto.unwrap(self._master, context, wrapped)
        except crypto.Unreadable:
            if self._previous is None:
                raise
            return crypto.unwrap(self._previous, context, wrapped)
