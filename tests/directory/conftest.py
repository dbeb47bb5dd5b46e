"""A directory with nobody in it but who a test puts there."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from svastha.domain import directory
from svastha.domain.directory import FreeDay, Offer
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7


class Town:
    """Doctors and clinics at will. Times are given in hours from now; none given: nothing is free."""

    def __init__(self, tx: ControlTx) -> None:
        self.tx = tx
        self.clinics: dict[str, UUID] = {}
        self.now = datetime.now(UTC)

    async def clinic(
        self, slug: str, name: str = "", city: str = "Pune", *, zone: str = "Asia/Kolkata", is_open: bool = True
    ) -> UUID:
        id = uuid7()
        await self.tx.run(
            "INSERT INTO clinics (id, slug, name, address, city, state, phone, zone, database, open_since)"
            " VALUES (:id, :slug, :name, '', :city, '', '', :zone, :slug, CASE WHEN :is_open THEN now() END)",
            id=id,
            slug=slug,
            name=name or slug.title(),
            city=city,
            zone=zone,
            is_open=is_open,
        )
        self.clinics[slug] = id
        return id

    async def doctor(
        self,
        name: str,
        *specialties: str,
        gender: str = "female",
        languages: Sequence[str] = ("en",),
        since: int = 2010,
        verified: bool = True,
        at: str = "",
        offers: Sequence[Offer] = (Offer("video", 20, 50000),),
        free: Sequence[float] = (),
    ) -> UUID:
        id = uuid7()
        await self.tx.run(
            "INSERT INTO accounts (id, email, name, password_hash) VALUES (:id, :no, :name, '')",
            id=id,
            no=str(id),
            name=name,
        )
        await self.tx.run(
            "INSERT INTO doctors (id, name, gender, qualifications, council, registration_no, practising_since,"
            " languages, specialties, verified_at, state) VALUES (:id, :name, :gender, 'BAMS', 'Test Council', :no,"
            " :since, :languages, :specialties, CASE WHEN :verified THEN now() END,"
            " CASE WHEN :verified THEN 'verified' ELSE 'submitted' END)",
            id=id,
            no=str(id),
            name=name,
            gender=gender,
            since=since,
            languages=list(languages),
            specialties=list(specialties or ("kayachikitsa",)),
            verified=verified,
        )
        if at:
            await self.listed(id, at, offers, free)
        return id

    async def listed(self, doctor: UUID, at: str, offers: Sequence[Offer], free: Sequence[float] = ()) -> None:
        if at not in self.clinics:
            await self.clinic(at)
        await directory.publish_listing(self.tx, doctor_id=doctor, clinic_id=self.clinics[at], offers=offers)
        await self.free(doctor, at, {offer.mode: free for offer in offers})

    async def free(
        self, doctor: UUID, at: str, hours: dict[directory.Mode, Sequence[float]], *, as_of: datetime | None = None
    ) -> bool:
        days: dict[tuple[directory.Mode, date], FreeDay] = {}
        for mode, some in hours.items():
            for hour in sorted(some):
                first_at = self.now + timedelta(hours=hour)
                day = first_at.date()
                days.setdefault((mode, day), FreeDay(mode, day, first_at, 3))
        return await directory.publish_times(
            self.tx,
            doctor_id=doctor,
            clinic_id=self.clinics[at],
            as_of=as_of or datetime.now(UTC),
            days=list(days.values()),
        )


@pytest.fixture
async def town(control_tx: ControlTx) -> Town:
    await control_tx.run("DELETE FROM listings")
    await control_tx.run("DELETE FROM directory_entries")
    await control_tx.run("UPDATE search_words SET doctors = 0")
    return Town(control_tx)
