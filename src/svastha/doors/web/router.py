"""All pages, behind one guard and with one way to say what went wrong."""

from litestar import Router

from svastha.doors.web import dev, origin, static_files
from svastha.doors.web.admin import clinic as admin_clinic
from svastha.doors.web.desk import day
from svastha.doors.web.doctor import consult, today
from svastha.doors.web.patient import booking, home, room, visits
from svastha.doors.web.platform import overview
from svastha.doors.web.public import clinic, docs, doctor, find, session, verify

SMALL = 64 * 1024  # what anybody may send without having signed in


def pages(*, production: bool) -> Router:
    rooms = [
        static_files,
        find,
        doctor,
        clinic,
        verify,
        docs,
        home,
        booking,
        visits,
        room,
        today,
        consult,
        day,
        admin_clinic,
        overview,
        *([] if production else [dev]),
    ]
    return Router(
        "/",
        route_handlers=[
            Router("/", route_handlers=session.routes, request_max_body_size=SMALL),
            *(route for module in rooms for route in module.routes),
        ],
        guards=[origin.same_origin],
        include_in_schema=False,
    )
