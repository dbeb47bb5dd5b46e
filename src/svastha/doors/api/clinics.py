import msgspec
from litestar import get
from litestar.params import FromPath

from svastha.domain import clinics
from svastha.domain.clinics import ClinicCard
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.visit import Asked


class Clinics(msgspec.Struct, frozen=True):
    items: list[ClinicCard]


@get("/clinics", responses=answers(), tags=["Directory"], security=[], needs="public")
async def every(request: Asked) -> Clinics:
    async with visit.house_of(request).routing.reading_control() as tx:
        return Clinics(await clinics.every(tx))


@get("/clinics/{clinic:str}", responses=answers(404), tags=["Directory"], security=[], needs="public")
async def one(request: Asked, clinic: FromPath[str]) -> ClinicCard:
    async with visit.house_of(request).routing.reading_control() as tx:
        return await clinics.by_slug(tx, clinic)


routes = [every, one]
