"""Who is reached where, in her language, by what she has chosen."""

import re

import pytest

from svastha.domain import notifications
from svastha.domain.accounts import Actor
from svastha.domain.notifications import SHORT, registered
from svastha.doors import visit
from svastha.kit.i18n import LOCALES
from svastha.kit.refusals import Invalid
from tests.cast import IDS, World, email


def actor(name: str) -> Actor:
    return Actor(account_id=IDS[name], session_id=IDS[name], email="", name="", locale="en", zone="UTC", grants=())


async def test_without_a_choice_nobody_is_written_to_on_whatsapp(world: World) -> None:
    async with visit.to_control(world.house) as tx:
        usual = notifications.Preferences(["sms", "email"], all_at_once=False, stopped=[])
        assert await notifications.preferences_of(tx, IDS["ananya"]) == usual
        to = await notifications.recipient_of(tx, IDS["ananya"])
    assert (to.email, to.phone, to.locale, to.prefers) == (email("ananya"), "", "en", ("sms", "email"))


async def test_her_own_choice_and_its_order_count_until_the_next(world: World) -> None:
    for channels in (("whatsapp", "email"), ("email",)):
        async with visit.to_control(world.house) as tx:
            await notifications.prefer(tx, actor("ananya"), channels)
        async with visit.to_control(world.house) as tx:
            assert (await notifications.recipient_of(tx, IDS["ananya"])).prefers == channels
    rows = await world.sql(None, "SELECT subject_id FROM audit_entries WHERE action = 'change_message_preferences'")
    assert [row["subject_id"] for row in rows] == [str(IDS["ananya"])] * 2


@pytest.mark.parametrize("channels", [(), ("pigeon",), ("sms", "sms"), ("sms", "\x00")])
async def test_what_is_no_choice(world: World, channels: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        async with visit.to_control(world.house) as tx:
            await notifications.prefer(tx, actor("ananya"), channels)


@pytest.mark.parametrize("template", sorted(SHORT))
def test_every_short_text_can_be_registered(template: str) -> None:
    """Operators want plain text with {#var#}; the same values in each language, and no address of a page."""
    values = {locale: registered(template, locale).count("{#var#}") for locale in LOCALES}
    assert len(set(values.values())) == 1
    for locale in LOCALES:
        text = registered(template, locale)
        assert not re.search(r"https?:|\{\w", text) and len(text) < 200
