"""Ids as they come in addresses and forms."""

from uuid import UUID

from svastha.kit.refusals import NotFound


def uuid_of(text: str) -> UUID | None:
    """None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def meant(text: str) -> UUID | None:
    """None for nothing. Never oneself, or anybody, where somebody was meant: raises NotFound."""
    found = uuid_of(text)
    if text and found is None:
        raise NotFound
    return found
