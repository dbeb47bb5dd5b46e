import pytest

from tests.browser.conftest import Open


async def test_a_newcomer_signs_in(open_page: Open) -> None:
    page = await open_page("ananya")
    assert "/home" in page.url
