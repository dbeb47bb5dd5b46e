"""A clinic of 100,000 patients in the morning: 70 people at work at once, in the mix that BahmniLite publishes.

Half of them sit at the desk, as browsers: of a hundred wishes 40 are a patient nobody knows, 30 one found by the last
digits of her telephone number (Bahmni: of her id), 20 one found by her name, each then given a number in the queue of a
doctor, and 10 are a document of 200 kB. The product has no documents of patients yet; what is uploaded and sealed is
the nearest there is, a certificate of a doctor's application. The other half are doctors, as programs: see the queue,
call the next, open the visit, read the history, admit, save the note four times and the prescription twice, sign it
(which prints it) and finish. A user asks, reads, thinks and asks again (closed loop); times are those of the answers,
and of a chain their sum without the thinking. Every answer must be the one hoped for. The server runs as two processes
with a worker beside them. What the load itself costs is told: it is the same thin program everywhere, so that multiples
of it mean the same on another machine.

Bahmni's 95th percentiles for 70 users (BahmniLite Performance Baselining, AWS and Gatling: two cores for the
application and four for the database, 75,000 patients, over a network of 60 Mbps) are printed where the same thing was
done. It is another machine and another network, and their users think longer: a comparison of orders of magnitude.
"""

from statistics import quantiles

import msgspec

from bench.figures import Figure
from bench.morning_clinic import fill, people
from bench.morning_load import costs, load, rested, spent
from bench.morning_users import Plan
from bench.stand import stand
from tests.server import running

USERS, PATIENTS, VISITS = 70, 100_000, 30_000
BAHMNI = {"register": 252, "by number": 305, "by name": 278, "upload": 206, "consultation": 2331}  # ms


class Found(msgspec.Struct, frozen=True):
    """Seconds of each answer by its step, and of each chain. ``asked``: how many answers there were at all."""

    steps: dict[str, list[float]]
    chains: dict[str, list[float]]
    asked: int
    cpu: float


async def measure(short: bool) -> list[Figure]:
    patients, visits, warm, lasts = (20_000, 10_000, 1.0, 5.0) if short else (PATIENTS, VISITS, 4.0, 20.0)
    async with stand(SVASTHA_BASE_URL="http://localhost") as here:  # one site, whichever process answers
        doctors = await people(here, "doctor", "asha", USERS // 2)
        desk = await people(here, "receptionist", "asha", USERS // 2)
        await fill(here, "asha", doctors, patients=patients, visits=visits)
        servers, worker = [here.server(), here.server()], here.worker()
        with running(*servers, worker):
            await rested(here, None, "asha")
            plan = Plan("asha", [one.port for one in servers], desk, doctors, patients, 3, warm, lasts, (1.2, 0.6))
            before = spent(here, servers, worker)
            found = await load("bench.morning_users", plan, Found, within=lasts + 150)
            used = [after - was for after, was in zip(spent(here, servers, worker), before, strict=True)]
    figures = [one for name, times in found.chains.items() for one in of_chain(name, times)]
    figures += [one for name, times in found.steps.items() for one in percentiles(name, times)]
    figures += costs(used, found.cpu, found.asked)
    counted = sum(map(len, found.steps.values()))
    return [*figures, Figure("answers in a second", [counted / lasts], "1/s", note=f"{counted:,}, not one an error")]


def of_chain(name: str, times: list[float]) -> list[Figure]:
    theirs = f"{len(times)} times; Bahmni's p95 is {BAHMNI[name]:,} ms"
    found = percentiles(f"**{name}**", times)
    return [one._replace(note=theirs) if one.what.endswith("p95") else one for one in found]


def percentiles(name: str, times: list[float]) -> list[Figure]:
    """Those that at least one of the times lies beyond: no 99th of fewer than a hundred."""
    told = [cut for cut in (50, 95, 99) if len(times) * (100 - cut) >= 100]
    cuts = quantiles([1000 * one for one in times], n=100, method="inclusive") if told else []
    return [Figure(f"{name}, p{cut}", [cuts[cut - 1]], "ms") for cut in told]
