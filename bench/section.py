"""One section, for a process of its own."""

import asyncio
import importlib

from bench.figures import Figure

LONGEST = 240  # seconds


def measured(section: str, short: bool) -> tuple[str, list[Figure]]:
    """What the section is about, and its figures."""
    module = importlib.import_module(f"bench.{section}")
    return module.__doc__ or section, asyncio.run(asyncio.wait_for(module.measure(short), LONGEST))
