"""A day of 100,000 consultations, replayed faster than life, at two clinics of 20 doctors each.

Each consultation is 22 requests, in the proportions of the product's own pages: half of them read (two searches, the
doctor, two lists of free times, her place in the queue, and on the other side the queue, the visit, the history; at
last the prescription and its paper), half write (book, check in, admit, four saves of the note, two of the
prescription, its signature, which prints it, and the end of the visit). Consultations arrive at random at a steady
rate (a Poisson process), whether or not the house keeps up. A time counts from the moment at which a step was meant to
begin, so that nothing slow hides what waits behind it. Two steps are 0.15 s apart: shorter than in life, which leaves
the number of each in a second as it is. A rate that was too much ends the climb, but 20 times is tried in any case.

**Real time** is 100,000 consultations in the 12 hours of a working day, 2.31 in a second: twice as hard as the same in
24 hours, and a day of patients is not spread over the night. Twenty times that is 46.3 consultations and 1,019 requests
in a second; 20 times a day of 24 hours is half of it, and is shown too. The server is two processes; a worker and a
mail server of this machine do what each booking and signature leave to be done, on the same two cores.
"""

from asyncio import to_thread
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.day_visits import Place, Plan, Rung, p95, too_slow
from bench.figures import Figure
from bench.morning_clinic import people
from bench.morning_load import costs, due, load, rested, spent
from bench.stand import stand
from svastha.adapters.mailbox import SmtpTwin
from tests.server import running

LIFE = 100_000 / (12 * 3600)  # consultations in a second
FASTER = 20
LADDER = (4, 7, 10, 14, 20, 28)  # times real time


async def measure(short: bool) -> list[Figure]:
    asked = [(5, 5.0, True)] if short else _rungs()
    rungs = [(times * LIFE, lasts, always) for times, lasts, always in asked]
    with TemporaryDirectory() as folder:
        post = SmtpTwin(Path(folder) / "post")
        port = await to_thread(post.start)  # it brings a loop of its own
        try:
            return await _measured(rungs, port)
        finally:
            post.stop()


def _rungs() -> list[tuple[float, float, bool]]:
    """10 (which is 20 times a day of 24 hours) and 20 are measured at any rate, and longer."""
    return [(times, 6.0 if times in (10, 20) else 4.0, times in (10, 20)) for times in LADDER]


async def _measured(rungs: list[tuple[float, float, bool]], post: int) -> list[Figure]:
    async with stand(SVASTHA_BASE_URL="http://localhost", SVASTHA_SMTP_PORT=str(post)) as here:
        places = [Place(clinic, await people(here, "doctor", clinic, 20)) for clinic in ("asha", "nadi")]
        patients = await people(here, None, None, 300)
        servers, worker = [here.server(), here.server()], here.worker()
        with running(*servers, worker):
            await rested(here, None, "asha", "nadi")
            before = spent(here, servers, worker)
            plan = Plan([one.port for one in servers], places, patients, rungs)
            found = await load("bench.day_visits", plan, list[Rung], within=180)
            used = [after - was for after, was in zip(spent(here, servers, worker), before, strict=True)]
            left = await due(here, None, "asha", "nadi")
    answers, cpu = sum(one.asked for one in found), sum(one.cpu for one in found)
    figures = [figure for one in found for figure in told(one)]
    figures += costs(used, cpu, answers)
    kept = [one.rate / LIFE for one in found if not too_slow(one)]
    passed = [one.rate / LIFE for one in found if too_slow(one)]
    note = f"the next one tried, {min(passed):g} times, is beyond" if passed else "the highest tried"
    figures.append(Figure("times real time with p95 under 200 and 500 ms", [max(kept, default=0)], "times", note=note))
    return [*figures, Figure("jobs left to the worker at the end", [left])]


def told(rung: Rung) -> list[Figure]:
    times, errors = rung.rate / LIFE, sum(rung.errors.values())
    promised = round(times) in (FASTER // 2, FASTER)
    which = f"{times:g} times ({times * 2:g} times a day of 24 hours)"
    why = ", ".join(f"{count} × {what}" for what, count in rung.errors.items())[:200]
    figures = [
        Figure(f"{which}, reads, p95", [1000 * p95(rung.read)], "ms", "at most", 50 if promised else None),
        Figure(f"{which}, writes, p95", [1000 * p95(rung.write)], "ms", "at most", 100 if promised else None),
        Figure(f"{which}, consultations that went wrong", [errors], "", "at most", 0 if promised else None, note=why),
    ]
    if promised:
        figures += [
            Figure(f"{which}: {name}, p95", [1000 * p95(rung.steps[name])], "ms") for name in sorted(rung.steps)
        ]
    return figures
