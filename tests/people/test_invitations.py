"""An invitation is for one person, once, for a week; and looks the same whoever has the address."""

import asyncio
from typing import Any

import httpx

from tests.cast import IDS, World, email
from tests.people.conftest import Desk


async def invite(client: httpx.AsyncClient, contact: str, *roles: str, clinic: str = "asha", **more: Any) -> Any:
    wish = {"contact": contact, "roles": list(roles) or ["receptionist"], **more}
    return await client.post(f"/clinics/{clinic}/invitations", json=wish)


async def accept(client: httpx.AsyncClient, secret: str, **more: Any) -> Any:
    return await client.post("/invitations/accept", json={"secret": secret, **more})


async def test_invited_and_accepted(world: World, desk: Desk) -> None:
    gita, kavya = await world.api("gita"), await world.api("kavya")
    assert (await invite(gita, email("kavya"), "receptionist", "accountant")).status_code == 201
    [waiting] = (await gita.get("/clinics/asha/invitations")).json()["items"]
    assert (waiting["contact"], waiting["roles"]) == (email("kavya"), ["accountant", "receptionist"])
    secret = await desk.link_of("kavya")
    assert secret not in str(await world.sql(None, "SELECT * FROM invitations"))
    said = (await kavya.post("/invitations/look", json={"secret": secret})).json()
    assert (said["clinic"], said["yours"]) == ("Asha Ayurveda", True)
    assert email("kavya") not in str(said)
    assert (await accept(kavya, secret)).json() == {"clinic": "asha"}
    kavya = await desk.two("kavya")
    assert (await kavya.get("/clinics/asha/appointments")).status_code == 200
    posts = (await desk.people())[str(IDS["kavya"])]["posts"]
    assert {post["role"]: post["by"] for post in posts} == {"accountant": "Gita Menon", "receptionist": "Gita Menon"}
    await world.settle()
    assert "Kavya Deshpande has accepted" in world.mail("gita")[0].text
    assert (await gita.get("/clinics/asha/invitations")).json()["items"] == []


async def test_used_once_also_by_many_at_once(world: World, desk: Desk) -> None:
    gita, kavya = await world.api("gita"), await world.api("kavya")
    await invite(gita, email("kavya"))
    secret = await desk.link_of("kavya")
    answers = await asyncio.gather(*(accept(kavya, secret) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 5
    again = await accept(await world.api("ananya"), secret, with_this_account=True)
    assert (again.status_code, again.json()["code"]) == (404, "invitation_over")


async def test_expired_revoked_or_sent_again_is_over(world: World, desk: Desk) -> None:
    gita, kavya = await world.api("gita"), await world.api("kavya")
    id = (await invite(gita, email("kavya"))).json()["id"]
    secret = await desk.link_of("kavya")
    assert (await gita.post(f"/clinics/asha/invitations/{id}/send")).status_code == 429
    await world.sql(None, "UPDATE invitations SET sent_at = now() - interval '2 minutes'")
    assert (await gita.post(f"/clinics/asha/invitations/{id}/send")).status_code == 204
    newer = await desk.link_of("kavya")
    assert (await accept(kavya, secret)).status_code == 404
    await world.sql(None, "UPDATE invitations SET expires_at = now() - interval '1 second'")
    assert (await accept(kavya, newer)).status_code == 404
    assert (await kavya.post("/invitations/look", json={"secret": newer})).status_code == 404
    await world.sql(None, "UPDATE invitations SET expires_at = now() + interval '1 day'")
    hari = await world.api("hari")
    assert (await hari.delete(f"/clinics/nadi/invitations/{id}")).status_code == 404
    assert (await gita.delete(f"/clinics/asha/invitations/{id}")).status_code == 204
    assert (await accept(kavya, newer)).status_code == 404
    for secret in ("", "x" * 32, "\u0000", "é" * 32):
        assert (await accept(kavya, secret)).status_code == 404
    assert await world.sql(None, "SELECT 1 FROM grants WHERE account_id = $1", IDS["kavya"]) == []


async def test_with_another_account_only_on_purpose(world: World, desk: Desk) -> None:
    gita, ananya = await world.api("gita"), await world.api("ananya")
    await invite(gita, email("kavya"))
    secret = await desk.link_of("kavya")
    refused = await accept(ananya, secret)
    assert (refused.status_code, refused.json()["code"]) == (409, "another_account")
    assert (await accept(ananya, secret, with_this_account=True)).status_code == 200


async def test_nobody_invites_above_herself_or_into_another_clinic(world: World, desk: Desk) -> None:
    gita, farida = await world.api("gita"), await world.api("farida")
    assert (await invite(gita, email("kavya"), clinic="nadi")).status_code == 404
    assert (await invite(farida, email("kavya"))).status_code == 404
    for roles in (["platform_admin"], ["support"], ["nothing"], ["patient"]):
        assert (await invite(gita, email("kavya"), *roles)).status_code in (403, 422)
    assert (await invite(gita, "not an address")).status_code == 422
    # Whoever runs the clinic cannot take what she gives: her own address leads nowhere.
    await invite(gita, email("gita"), "doctor")
    assert (await accept(gita, await desk.link_of("gita"))).status_code == 403


async def test_whoever_invited_must_still_be_allowed_to(world: World, desk: Desk) -> None:
    await desk.put("rao", "clinic_admin")
    rao, kavya = await world.api("rao"), await world.api("kavya")
    await invite(rao, email("kavya"))
    secret = await desk.link_of("kavya")
    assert (await desk.dismiss(await world.api("gita"), "rao", "clinic_admin")).status_code == 204
    answer = await accept(kavya, secret)
    assert (answer.status_code, answer.json()["code"]) == (409, "inviter_gone")


async def test_known_and_unknown_addresses_look_the_same(world: World, desk: Desk) -> None:
    gita = await world.api("gita")
    known, unknown = await invite(gita, email("kavya")), await invite(gita, "stranger@cast.test")
    assert (known.status_code, set(known.json())) == (unknown.status_code, set(unknown.json()))
    mobile = await invite(gita, "98765 43210")
    assert mobile.status_code == 201
    await world.settle()
    shapes = [
        set(one) | {type(value).__name__ for value in one.values()}
        for one in (await gita.get("/clinics/asha/invitations")).json()["items"]
    ]
    assert len(shapes) == 3 and shapes[0] == shapes[1] == shapes[2]
    subjects = {world.mail(name)[0].subject for name in ("kavya", "stranger@cast.test")}
    assert subjects == {"Asha Ayurveda invites you"}


async def test_declined_is_over(world: World, desk: Desk) -> None:
    """By whoever has the link, signed in or not; the clinic sees that it waits no longer."""
    gita, kavya, nobody = await world.api("gita"), await world.api("kavya"), await world.api()
    for client in (kavya, nobody):
        await invite(gita, email("kavya"))
        secret = await desk.link_of("kavya")
        assert (await client.post("/invitations/decline", json={"secret": secret})).status_code == 204
        assert (await client.post("/invitations/decline", json={"secret": secret})).status_code == 404
        assert (await accept(kavya, secret)).json()["code"] == "invitation_over"
        assert (await nobody.post("/invitations/look", json={"secret": secret})).status_code == 404
    assert (await gita.get("/clinics/asha/invitations")).json()["items"] == []
    notes = await world.sql(None, "SELECT account_id FROM audit_entries WHERE action = 'decline'")
    assert {row["account_id"] for row in notes} == {IDS["kavya"], None}
    assert (await nobody.post("/invitations/decline", json={"secret": "\u0000"})).status_code == 404
