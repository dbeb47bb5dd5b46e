"""A clinic of a hundred doctors with a year to be booked, and four hundred people who are signed in."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import msgspec

from bench.stand import Stand
from svastha.domain import accounts, doctors, schedule
from svastha.doors import visit

DOCTORS, PEOPLE = 100, 401  # so that a hundred visits in a row are of a hundred patients
DAILY = 48  # visits of ten minutes, from 9 to 13 and from 15 to 19 o'clock
PLACE = "asha"
BLOCK = 60_000  # bookings set apart for each run
PATH = f"/api/v1/clinics/{PLACE}/appointments"


def doctor(number: int) -> UUID:
    return UUID(f"02900000-0000-7000-8000-{number:012}")


def person(number: int) -> UUID:
    """Her account, and whom she is as a patient."""
    return UUID(f"03900000-0000-7000-8000-{number:012}")


class Wish(msgspec.Struct, frozen=True):
    """The n-th booking: whose, with whom and when. No two of them meet."""

    number: int
    first: int  # Unix seconds of nine o'clock on the first day

    @property
    def person(self) -> int:
        return self.number % PEOPLE

    @property
    def doctor(self) -> int:
        return self.number % DOCTORS

    @property
    def starts_at(self) -> datetime:
        day, place = divmod(self.number // DOCTORS, DAILY)
        seconds = day * 86_400 + place * 600 + (7_200 if place >= DAILY // 2 else 0)
        return datetime.fromtimestamp(self.first + seconds, UTC)


def first_day() -> int:
    """Of what can be booked: nine o'clock in Kolkata, three days from now."""
    there = datetime.now(UTC).replace(hour=3, minute=30, second=0, microsecond=0)
    return int((there + timedelta(days=3)).timestamp())


async def filled(stand: Stand) -> list[str]:
    """Makes all that, and returns the access token of each person."""
    house = stand.house
    async with visit.to_control(house) as tx:
        for number in range(DOCTORS):
            about = (doctor(number), f"Dr {number}", "female", "BAMS", "Test Council", f"B-{number}", 2010)
            await accounts.register_verified(
                tx,
                account_id=doctor(number),
                email=f"doctor{number}@cast.test",
                name=f"Dr {number}",
                password_hash=None,
            )
            await doctors.register(tx, doctors.Doctor(*about, ["en"], ["kayachikitsa"], "", None, None))
            await doctors.verify(tx, doctor(number))
        for number in range(PEOPLE):
            await accounts.register_verified(
                tx, account_id=person(number), email=f"p{number}@cast.test", name=f"P {number}", password_hash=None
            )
        opened = [await accounts.open_session(tx, person(n), kind="api") for n in range(PEOPLE)]
    async with visit.to_clinic(house, PLACE) as clinic:
        for number in range(DOCTORS):
            await schedule.practise(
                clinic,
                doctor_id=doctor(number),
                name=f"Dr {number}",
                zone="Asia/Kolkata",
                offers=[schedule.Offer("video", 10, 50000, horizon=timedelta(days=365))],
            )
            await schedule.set_weekly_hours(
                clinic,
                doctor(number),
                [
                    schedule.Hours(day, time(opens), time(opens + 4), ("video",))
                    for day in range(1, 8)
                    for opens in (9, 15)
                ],
            )
    async with stand.connection(PLACE) as connection:
        await connection.execute(
            "INSERT INTO patients (id, account_id, name, email)"
            " SELECT id, id, name, email FROM unnest($1::uuid[], $2::text[], $3::text[]) p(id, name, email)",
            [person(n) for n in range(PEOPLE)],
            [f"P {n}" for n in range(PEOPLE)],
            [f"p{n}@cast.test" for n in range(PEOPLE)],
        )
        await connection.execute("DELETE FROM jobs")
        await connection.execute("VACUUM ANALYZE")
    async with stand.connection(None) as connection:
        await connection.execute("DELETE FROM jobs")
        await connection.execute("VACUUM ANALYZE")
    return [one.access_token for one in opened]
