"""Which tests run in one process, one after the other, because they share what takes long to begin."""

from xdist.scheduler import LoadScopeScheduling

TOGETHER = (
    "tests/attacks/test_exposure.py",  # one walk through every door
    "tests/browser/",  # one browser; two at once would be in each other's way
    "tests/run/test_demo.py",  # one demo
    "tests/run/test_run.py",  # one first start
)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Every other test is dealt by itself. (The marks of pytest-xdist for this do nothing under pytest 9.2.)"""

    def _split_scope(self, nodeid: str) -> str:
        return next((path for path in TOGETHER if nodeid.startswith(path)), nodeid)
