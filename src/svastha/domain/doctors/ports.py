from typing import Protocol


class Scanner(Protocol):
    """Looks for malware in what somebody uploads. Nothing stands behind it unless ``wiring.py`` says so."""

    async def harmless(self, content: bytes) -> bool: ...
