"""All pages, behind one guard and with one way to say what went wrong."""

from svastha.doors.together import Router
from svastha.doors.web import dev, origin, static_files
from svastha.doors.web.admin import api_keys as admin_api_keys
from svastha.doors.web.admin import audit as admin_audit
from svastha.doors.web.admin import branches as admin_branches
from svastha.doors.web.admin import clinic as admin_clinic
from svastha.doors.web.admin import holidays as admin_holidays
from svastha.doors.web.admin import people as admin_people
from svastha.doors.web.admin import rules as admin_rules
from svastha.doors.web.desk import answers, book, day, door, queue, walk_in, work
from svastha.doors.web.desk import find as desk_find
from svastha.doors.web.desk import waiting_list as desk_waiting_list
from svastha.doors.web.doctor import availability, consult, exceptions, leave, offers, onboarding, record, today, week
from svastha.doors.web.patient import (
    arrive,
    booking,
    calendars,
    channels,
    contacts,
    family,
    home,
    leaving,
    moving,
    passkeys,
    reminders,
    room,
    security,
    seen,
    step_up,
    visits,
    waiting_list,
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
    from_message,
    hand_over,
    invitation,
    language,
    passkey,
    screen,
    sign_in,
    sign_up,
    verify,
)

SMALL = 64 * 1024  # what anybody may send without having signed in
WAYS_IN = (sign_up, sign_in, passkey, forgotten, invitation, language, step_up, contacts, channels)


# What a live page is sent again, by the name under which ``doors/live`` asks for it.
DRAWN_ANEW = {
    "render_state": room.render_state,
    "render_place": room.render_place,
    "render_board": queue.render_board,
    "render_screen": screen.render_screen,
}


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
        from_message,
        calendars,
        reminders,
        passkeys,
        booking,
        visits,
        waiting_list,
        desk_waiting_list,
        moving,
        room,
        seen,
        onboarding,
        today,
        availability,
        offers,
        exceptions,
        leave,
        week,
        consult,
        record,
        day,
        desk_find,
        walk_in,
        book,
        door,
        arrive,
        answers,
        queue,
        screen,
        work,
        admin_clinic,
        admin_people,
        admin_branches,
        admin_holidays,
        admin_rules,
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
