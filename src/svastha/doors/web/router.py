"""All pages, behind one guard and with one way to say what went wrong."""

from litestar import Router

from svastha.doors.web import dev, origin, static_files
from svastha.doors.web.admin import api_keys as admin_api_keys
from svastha.doors.web.admin import audit as admin_audit
from svastha.doors.web.admin import clinic as admin_clinic
from svastha.doors.web.admin import people as admin_people
from svastha.doors.web.desk import day, work
from svastha.doors.web.doctor import consult, onboarding, record, today
from svastha.doors.web.patient import (
    booking,
    channels,
    contacts,
    family,
    home,
    leaving,
    passkeys,
    room,
    security,
    seen,
    step_up,
    visits,
)
from svastha.doors.web.platform import desk, overview
from svastha.doors.web.platform import people as platform_people
from svastha.doors.web.public import (
    clinic,
    docs,
    doctor,
    federated,
    find,
    forgotten,
    hand_over,
    invitation,
    language,
    passkey,
    sign_in,
    sign_up,
    verify,
)

SMALL = 64 * 1024  # what anybody may send without having signed in
WAYS_IN = (sign_up, sign_in, passkey, forgotten, invitation, language, step_up, contacts, channels)


def pages(*, production: bool) -> Router:
    rooms = [
        static_files,
        find,
        doctor,
        clinic,
        verify,
        docs,
        home,
        family,
        security,
        leaving,
        federated,
        hand_over,
        passkeys,
        booking,
        visits,
        room,
        seen,
        onboarding,
        today,
        consult,
        record,
        day,
        work,
        admin_clinic,
        admin_people,
        admin_api_keys,
        admin_audit,
        desk,
        overview,
        platform_people,
        *([] if production else [dev]),
    ]
    return Router(
        "/",
        route_handlers=[
            Router("/", route_handlers=[one for way in WAYS_IN for one in way.routes], request_max_body_size=SMALL),
            *(route for module in rooms for route in module.routes),
        ],
        guards=[origin.same_origin],
        include_in_schema=False,
    )
