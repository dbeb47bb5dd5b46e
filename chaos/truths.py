"""What must be true of the databases afterwards, whatever was broken."""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from chaos.load import DONE, REFUSED, Load
from chaos.stand import Stand
from chaos.told import Told
from svastha.adapters.mailbox import read
from svastha.domain.audit import Verifier
from svastha.doors.audit_chain import chain
from svastha.doors.jobs.seal_audit import seal_audit

TAKES_PLACE = ("confirmed", "checked_in", "in_progress", "completed")
REMINDERS = 3  # of each visit, unless a clinic changes it


async def all_kept(told: Told, stand: Stand, load: Load, also: Collection[str] = (), *, mails: bool = True) -> None:
    """Nothing acknowledged is lost, nothing is doubled, nothing hangs. ``also``: answers that belong to the trouble."""
    answers(told, stand, load, also)
    all_ended(told, load)
    await visits(told, stand, load)
    await notes(told, stand, load)
    if mails:
        await jobs(told, stand)
        await messages(told, stand, load)
    await audit(told, stand)


def answers(told: Told, stand: Stand, load: Load, also: Collection[str]) -> None:
    strange = {said: count for said, count in load.seen.counts.items() if said not in (*DONE, *REFUSED, *also)}
    told.holds(
        ", ".join(("no answer but what was asked for, refusals of any day", *also)),
        not strange,
        f"{strange}\n{stand.last_words() if strange else ''}",
    )


def all_ended(told: Told, load: Load) -> None:
    """After ``load.finish``."""
    there = ", ".join(f"{count} {what}" for what, count in load.acknowledged.items())
    told.holds(f"enough was acknowledged: {there}", load.enough)
    open_ = [wish.key for wish in load.wishes if not wish.told and not wish.refused]
    told.holds(f"each of {len(load.wishes)} wishes ended with a visit or a refusal", not open_, open_[:3])
    asked = [wish for wish in load.wishes if wish.cancelling]
    unheard = [wish.key for wish in asked if not wish.cancelled]
    told.holds(f"each of {len(asked)} cancellations was acknowledged in the end", not unheard, unheard[:3])


async def visits(told: Told, stand: Stand, load: Load) -> None:
    rows = {row["id"]: row["status"] for row in await stand.sql("asha", "SELECT id, status FROM appointments")}
    twice = [wish for wish in load.wishes if len(wish.told) > 1]
    told.holds(f"{len(load.wishes)} wishes: no key was told two visits", not twice, len(twice))
    mine = load.ids()
    lost = [id for id in mine if id not in rows]
    told.holds(f"{len(mine)} acknowledged visits are stored", not lost, lost[:3])
    wrong = [
        (id, rows[id])
        for id, wish in mine.items()
        if id in rows
        and (rows[id] == "cancelled" if not wish.cancelling else wish.cancelled and rows[id] in TAKES_PLACE)
    ]
    told.holds(
        f"{sum(wish.cancelled for wish in load.wishes)} cancelled visits stay so, no other is", not wrong, wrong[:3]
    )
    strangers = [id for id, status in rows.items() if status in TAKES_PLACE and id not in mine]
    told.holds("no visit stands that nobody was told of", not strangers, strangers[:3])
    [twin] = await stand.sql(
        "asha",
        "SELECT count(*) FROM appointments a JOIN appointments b ON a.id < b.id AND a.doctor_id = b.doctor_id"
        " AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)"
        " WHERE a.status = ANY($1) AND b.status = ANY($1)",
        list(TAKES_PLACE),
    )
    told.holds("no two visits of a doctor overlap", twin[0] == 0, twin[0])
    [bare] = await stand.sql(
        "asha",
        "SELECT count(*) FROM appointments a WHERE status <> (SELECT s.status FROM appointment_steps s"
        " WHERE s.appointment_id = a.id ORDER BY s.id DESC LIMIT 1)",
    )
    told.holds("the last step of each visit is what it is now", bare[0] == 0, bare[0])


async def notes(told: Told, stand: Stand, load: Load) -> None:
    rows = await stand.sql("asha", "SELECT appointment_id, version, content FROM notes")
    kept = {row["appointment_id"]: row for row in rows}
    _, vault = await stand.house.routing.find("asha")
    wrong = []
    for visit, known in load.notes.items():
        row = kept.get(UUID(visit))
        if row is None:
            wrong += [visit] if known.version else []
        elif row["version"] == known.version:
            text = vault.open("notes", "content", f"{visit}/{known.version}", row["content"])
            wrong += [visit] if known.text.encode() not in text else []
        elif row["version"] < known.version or not known.maybe_more:
            wrong.append(visit)
    saved = sum(known.version > 0 for known in load.notes.values())
    told.holds(f"{saved} notes are as they were last acknowledged", not wrong, wrong[:3])


async def jobs(told: Told, stand: Stand) -> None:
    left = await stand.due()
    told.holds("no job is left over", left == 0, left)
    aside = sum([(await stand.sql(place, ASIDE))[0][0] for place in (None, "asha", "nadi")])
    told.holds("no job was set aside", aside == 0, aside)


ASIDE = "SELECT count(*) FROM jobs WHERE set_aside_at IS NOT NULL"


async def messages(told: Told, stand: Stand, load: Load) -> None:
    told_of: Counter[str] = Counter()
    for mail in read(stand.mail.folder, limit=1_000_000):
        for entry in mail.attachments:
            if "METHOD:REQUEST" in entry.text:
                told_of[entry.text.split("UID:")[1].split("@")[0].strip()] += 1
    confirmed = [id for id, wish in load.ids().items() if not wish.cancelling]
    wrong = [id for id in confirmed if told_of[str(id)] != 1]
    told.holds(f"{len(confirmed)} visits to come were confirmed by one mail each", not wrong, wrong[:3])
    double = [id for id, count in told_of.items() if count > 1]
    told.holds("no visit was confirmed by two", not double, double[:3])
    copies = sum(count - 1 for count in stand.mail.taken.values())
    told.did(f"{len(stand.mail.taken)} mails were taken, {copies} of them once more with the same Message-ID")
    planned = {
        row["id"]: row["n"]
        for row in await stand.sql(
            "asha",
            "SELECT (payload->>'appointment_id')::uuid AS id, count(*) AS n FROM jobs"
            " WHERE kind = 'appointments.remind' GROUP BY 1",
        )
    }
    wrong = [id for id in confirmed if planned.get(id) != REMINDERS]
    told.holds(f"{len(confirmed)} visits to come have their {REMINDERS} reminders each", not wrong, wrong[:3])


async def audit(told: Told, stand: Stand) -> None:
    for place in (None, "asha"):
        await seal_audit(stand.house, place)
        verifier = Verifier()
        async for record in chain(stand.house, place):
            verifier.feed(record)
        verifier.close()
        told.holds(f"the audit of {place or 'control'} is whole ({verifier.entries} entries)", not verifier.found)
