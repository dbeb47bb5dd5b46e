"""The one module that knows everyone: who listens to which event, and what stands behind each port."""

from functools import partial

from svastha.adapters.smtp import Smtp
from svastha.domain import accounts, appointments, clinics, doctors, notifications, prescriptions, schedule
from svastha.doors import jobs
from svastha.doors.bell import Bell
from svastha.doors.visit import House
from svastha.kit.crypto import key_from
from svastha.kit.db import Connections
from svastha.kit.outbox import Subscriptions
from svastha.settings import Settings


def subscriptions(settings: Settings) -> Subscriptions:
    site = settings.url
    publish_times = jobs.publish_times
    return {
        accounts.CodeWanted: [partial(notifications.send_code, site=site)],
        notifications.Deliver: [partial(notifications.deliver, post=Smtp(settings))],
        doctors.DoctorChanged: [jobs.publish_doctor],
        schedule.TimesChanged: [publish_times],
        appointments.AppointmentHeld: [publish_times],
        appointments.AppointmentBooked: [partial(appointments.tell_booked, site=site), publish_times],
        appointments.AppointmentCancelled: [partial(appointments.tell_cancelled, site=site)],
        appointments.AppointmentMoved: [publish_times],
        appointments.HoldEnds: [appointments.expire_hold],
        prescriptions.PrescriptionSigned: [partial(prescriptions.tell_patient, site=site)],
        appointments.Remind: [partial(appointments.remind, site=site)],
    }


def build(settings: Settings) -> House:
    connections = Connections(settings.database_url, most=settings.connections, each=settings.connections_per_database)
    routing = clinics.Routing(
        connections, control=f"{settings.database_prefix}_control", master_key=key_from(settings.master_key)
    )
    return House(settings, connections, routing, subscriptions(settings), Bell(routing))
