from typing import Protocol

from svastha.kit.i18n import N_
from svastha.kit.refusals import Busy


class ProviderAway(Busy):
    """The key provider does not answer, or not as agreed."""

    code = "key_provider_away"
    says = N_("We cannot open our records at this moment. Please try again in a minute.")


class KeyProvider(Protocol):
    """Whoever holds the master key. It never sees what is sealed, only the keys that seal it.

    ``context`` names the key; one wrapped for another context does not open. Raises ProviderAway, and Unreadable for
    what was wrapped by another master key or for another context.
    """

    name: str

    async def wrap(self, key: bytes, context: str) -> bytes: ...

    async def unwrap(self, wrapped: bytes, context: str) -> bytes: ...
