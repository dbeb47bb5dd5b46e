"""``svastha keys``: how the keys are, and their rotation while the system runs. The worker does what takes long."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain import audit, clinics, directory, keys
from svastha.doors import visit
from svastha.doors.visit import House
from svastha.kit.db import ClinicTx, ControlTx
from svastha.kit.keyring import PLATFORM
from svastha.kit.refusals import Busy, NotFound
from svastha.settings import Settings

from .equip import CannotStart


class Owner(msgspec.Struct, frozen=True):
    id: UUID
    slug: str | None  # None: the platform

    @property
    def name(self) -> str:
        return self.slug or "platform"


async def keep(settings: Settings, asked: argparse.Namespace) -> None:
    """Raises CannotStart with what to do instead."""
    from svastha.wiring import build

    house = build(settings)
    try:
        match asked.verb:
            case "status":
                await status(house)
            case "rotate":
                await rotate(house, asked.clinic, wrap_only=asked.wrap_only)
            case "rotate-index":
                await rotate_index(house)
            case "rotate-signing":
                await rotate_signing(house, compromised=asked.compromised)
            case "destroy" if asked.clinic:
                await destroy(house, asked.clinic, typed=await asyncio.to_thread(_typed, asked.clinic))
            case "destroy":
                await destroy_old(house)
    except keys.ProviderAway:
        raise CannotStart(
            "The keys could not be opened: the key provider does not answer, or the master key is not the one that"
            " wrapped them. What was done so far stands; the rest can be done again."
        ) from None
    except Busy:
        raise CannotStart("The database or its keys are not to be had. Is it there, and migrated?") from None
    finally:
        await house.bell.close()
        await house.connections.close()


async def owners(house: House, slug: str | None = None) -> list[Owner]:
    """The platform and every clinic, or one clinic."""
    async with house.routing.reading_control() as tx:
        found = [Owner(one.id, one.slug) for one in await clinics.placed(tx, slug)]
    if slug and not found:
        raise CannotStart(f"There is no clinic called {slug}.")
    return found if slug else [Owner(PLATFORM, None), *found]


@asynccontextmanager
async def at(house: House, owner: Owner) -> AsyncIterator[ControlTx | ClinicTx]:
    if owner.slug is None:
        async with visit.to_control(house) as control:
            yield control
    else:
        async with visit.to_clinic(house, owner.slug) as clinic:
            yield clinic


async def status(house: House) -> None:
    for owner in await owners(house):
        async with house.routing.reading_control() as control:
            version = await keys.newest_version(control, owner.id)
        if version == 0:
            _say(f"{owner.name:20} destroyed")
            continue
        async with at(house, owner) as tx:
            _say(f"{owner.name:20} version {version}{_progress(await keys.rotation(tx, version))}")
    async with house.routing.reading_control() as control:
        for index in await keys.index_keys(control):
            _say(f"{'index':20} version {index.version}, {index.state}" + (f", {index.done} filled" * bool(index.done)))
        for signer in await keys.signing_keys(control):
            _say(f"{'signing':20} {signer.kid}, {signer.state}")


def _progress(found: keys.Rotation | None) -> str:
    if found is None:
        return ""
    if not found.finished:
        return f", sealing again: {found.done} of {found.total or '?'}"
    return f", {found.done} sealed again" + (f", {found.unreadable} UNREADABLE" if found.unreadable else "")


async def rotate(house: House, slug: str | None = None, *, wrap_only: bool = False, **more: Any) -> None:
    """``more`` may hold another ``spread``."""
    found = await owners(house, slug)
    await rewrap(house)
    if wrap_only:
        return
    for owner in found:
        _say(f"{owner.name:20} {await rotate_one(house, owner, **more)}")


async def rewrap(house: House) -> None:
    """Key by key, each in a transaction of its own: a provider takes its time, and nobody should wait for all."""
    async with house.routing.reading_control() as control:
        every = await keys.wraps(control)
    for wrap in every:
        async with visit.to_control(house) as control:
            await keys.rewrap(control, house.routing.locksmith, wrap)
    async with visit.to_control(house) as control:
        audit.note(control, None, "rewrap", "keys", house.routing.locksmith.provider.name)
    _say(f"{len(every)} keys wrapped anew by {house.routing.locksmith.provider.name}")


async def rotate_one(house: House, owner: Owner, **more: Any) -> str:
    """A new key, or, where the last rotation still goes on, that one set going again. Returns what to tell."""
    async with house.routing.reading_control() as control:
        version = await keys.newest_version(control, owner.id)
    if version == 0:
        return "has no keys any more"
    if version > 1:
        async with at(house, owner) as tx:
            await keys.begin(tx, version, **more)
            found = await keys.rotation(tx, version)
        if found is None or not found.finished:
            return f"version {version}: still sealing again"
    async with visit.to_control(house) as control:
        version = await keys.make_next(control, house.routing.locksmith, owner.id, version, **more)
        audit.note(control, None, "rotate", "data_key", f"{owner.name}/{version}")
    house.routing.forget()
    async with at(house, owner) as tx:
        await keys.begin(tx, version, **more)
    return f"version {version} made; it seals in {keys.SPREAD.seconds // 60} minutes, then all is sealed again"


async def rotate_index(house: House, **more: Any) -> None:
    async with visit.to_control(house) as tx:
        version = await keys.rotate_index(tx, house.routing.locksmith, **more)
        audit.note(tx, None, "rotate", "index_key", str(version))
    house.routing.forget()
    _say(f"index version {version} is on its way; `svastha keys status` shows how far")


async def rotate_signing(house: House, *, compromised: bool = False) -> None:
    async with visit.to_control(house) as tx:
        kid = await keys.rotate_signing(tx, house.routing.locksmith, compromised=compromised)
        audit.note(tx, None, "rotate", "signing_key", kid)
    house.routing.forget()
    _say(f"{kid} {'signs from now on' if compromised else 'is published, and signs in 10 minutes'}")


async def destroy(house: House, slug: str, *, typed: str) -> None:
    """The clinic closes, and what it sealed is unreadable in every process within a minute."""
    owner = (await owners(house, slug))[0]
    if typed.strip() != slug:
        raise CannotStart("Nothing was destroyed.")
    async with visit.to_control(house) as tx:
        count = await keys.destroy(tx, owner.id)
        await clinics.close_doors(tx, owner.id)
        await directory.refresh_clinic(tx, owner.id)
        audit.note(tx, None, "destroy", "data_key", slug)
    house.routing.forget()
    _say(f"{count} keys of {slug} destroyed. Copies of the control database from before still hold them, wrapped.")


async def destroy_old(house: House) -> None:
    """Only where a finished rotation left nothing behind: it is looked once more."""
    from svastha.wiring import sealed_columns

    for owner in await owners(house):
        async with house.routing.reading_control() as control:
            version = await keys.newest_version(control, owner.id)
        if version < 2:
            continue
        try:
            async with at(house, owner) as tx:
                found = await keys.rotation(tx, version)
                left = await keys.left_to_do(tx, version, sealed_columns())
        except NotFound:
            continue
        if found is None or not found.finished or left:
            _say(f"{owner.name:20} still needs its old keys: {left} texts are sealed with them")
            continue
        async with visit.to_control(house) as control:
            count = await keys.destroy_old(control, owner.id, below=version)
            if count:
                audit.note(control, None, "destroy", "data_key", f"{owner.name} below {version}")
        _say(f"{owner.name:20} {count} old keys destroyed")
    house.routing.forget()


def _typed(slug: str) -> str:
    try:
        return input(f"What {slug} has written will be unreadable for ever. Type {slug} to go on: ")
    except EOFError:
        return ""


def _say(text: str) -> None:
    print(text, flush=True)
