"""The one module that knows everyone: who listens to which event, and what stands behind each port."""

from functools import partial

from svastha.adapters.circuit import Circuit
from svastha.adapters.kms import Kms
from svastha.adapters.oidc import OpenIdProvider
from svastha.adapters.sms import Msg91
from svastha.adapters.smtp import Smtp
from svastha.adapters.whatsapp import WhatsApp
from svastha.domain import (
    accounts,
    appointments,
    audit,
    clinics,
    consultations,
    doctors,
    factors,
    keys,
    notifications,
    patients,
    prescriptions,
    queue,
    records,
    schedule,
    waiting_list,
)
from svastha.doors import jobs
from svastha.doors.bell import Bell
from svastha.doors.visit import House
from svastha.kit import idempotency
from svastha.kit.connections import Connections
from svastha.kit.crypto import key_from
from svastha.kit.keyring import Keyring
from svastha.kit.openid import providers_of
from svastha.kit.outbox import Subscriptions
from svastha.kit.runtime_role import role_password
from svastha.kit.sealed import Sealed
from svastha.kit.trust import Trust
from svastha.kit.wire import CHANNEL, OverPostgres, Wire
from svastha.settings import Settings

# Rooms that may seal columns.
ROOMS = (
    accounts,
    appointments,
    audit,
    consultations,
    doctors,
    factors,
    notifications,
    patients,
    prescriptions,
    queue,
    records,
)


def subscriptions(
    settings: Settings,
    stopped: notifications.Stopped | None = None,
    attempts: notifications.Attempts | None = None,
) -> Subscriptions:
    site = settings.url
    publish_times = jobs.publish_times
    secret, sender = settings.secret, settings.mail_from
    return {
        accounts.CodeWanted: [partial(notifications.send_code, site=site)],
        accounts.CodeSpent: [notifications.code_spent],
        accounts.LinkWanted: [partial(notifications.send_link, site=site)],
        accounts.SignedInElsewhere: [partial(notifications.tell_new_device, site=site)],
        accounts.PasswordChanged: [partial(notifications.tell_password_changed, site=site)],
        accounts.ContactChanged: [partial(notifications.tell_contact_changed, site=site)],
        notifications.Deliver: [
            partial(notifications.deliver, ways=ways(settings), stopped=stopped, attempts=attempts)
        ],
        notifications.FallBack: [notifications.fall_back],
        notifications.Expire: [notifications.expire],
        accounts.AccountClosed: [partial(notifications.tell_closed, site=site, secret=settings.secret)],
        accounts.EraseAccount: [accounts.erase],
        accounts.IdentityConnected: [partial(notifications.tell_connected, site=site)],
        accounts.InvitationWanted: [partial(notifications.send_invitation, site=site)],
        accounts.InvitationAccepted: [partial(notifications.tell_accepted, site=site)],
        accounts.RoleGiven: [partial(notifications.tell_role_given, site=site)],
        accounts.RoleTaken: [partial(notifications.tell_role_taken, site=site)],
        accounts.AccountSuspended: [notifications.tell_suspended],
        accounts.FactorResetWanted: [partial(notifications.send_factor_reset, site=site)],
        factors.FactorsChanged: [partial(notifications.tell_factors_changed, site=site)],
        doctors.DoctorChanged: [jobs.publish_doctor],
        doctors.DoctorDecided: [partial(doctors.tell_doctor, site=site)],
        doctors.RegistrationEnds: [doctors.lapse],
        patients.GuardianInvited: [partial(patients.send_guardian_invitation, site=site)],
        patients.GuardianDeclined: [partial(patients.tell_declined, site=site)],
        patients.GuardianshipBegan: [partial(patients.tell_began, site=site)],
        patients.GuardianshipEnded: [partial(patients.tell_ended, site=site)],
        patients.GuardianshipLapses: [partial(patients.tell_lapsed, site=site)],
        schedule.TimesChanged: [publish_times, jobs.publish_hours, waiting_list.offer_free],
        appointments.AppointmentHeld: [publish_times],
        appointments.AppointmentBooked: [
            partial(appointments.tell_booked, site=site, secret=secret, sender=sender),
            publish_times,
            waiting_list.follow_booking,
        ],
        appointments.AppointmentRescheduled: [
            partial(appointments.tell_moved, site=site, secret=secret, sender=sender),
            appointments.plan_anew,
            publish_times,
            waiting_list.offer_free,
        ],
        appointments.AppointmentCancelled: [partial(appointments.tell_cancelled, site=site, sender=sender)],
        appointments.AppointmentMoved: [publish_times, waiting_list.settle, waiting_list.offer_free],
        appointments.HoldEnds: [appointments.expire_hold],
        appointments.AppointmentRequested: [publish_times, waiting_list.follow_booking],
        appointments.AppointmentDeclined: [partial(appointments.tell_declined, site=site)],
        appointments.SeriesBooked: [
            partial(appointments.tell_series, site=site, sender=sender),
            publish_times,
            waiting_list.follow_booking,
        ],
        schedule.LeaveTaken: [appointments.displace],
        schedule.LeaveEnded: [appointments.stand],
        appointments.VisitDisplaced: [partial(appointments.tell_displaced, site=site, secret=secret)],
        appointments.VisitStands: [partial(appointments.tell_stands, site=site, secret=secret)],
        waiting_list.Look: [waiting_list.offer_free],
        waiting_list.Offered: [partial(waiting_list.tell_offered, site=site)],
        waiting_list.WaitEnds: [waiting_list.end_wait],
        queue.QueueLate: [partial(queue.tell_late, site=site)],
        prescriptions.PrescriptionSigned: [partial(prescriptions.tell_patient, site=site)],
        appointments.Remind: [partial(appointments.remind, site=site, secret=secret)],
        records.GlassBroken: [partial(jobs.tell_glass_broken, site=site)],
        keys.Reseal: [partial(keys.reseal, sealed=sealed_columns())],
        keys.RotateIndex: [
            partial(
                keys.advance_index,
                fill=accounts.reindex,
                left=accounts.not_indexed,
                drop=accounts.drop_indexes,
            )
        ],
    }


def ways(settings: Settings) -> notifications.Ways:
    """The channels that are set up. Each has a fuse of its own."""
    found: dict[notifications.Channel, notifications.Way] = {"email": Circuit("email", Smtp(settings))}
    if settings.whatsapp_token:
        found["whatsapp"] = Circuit("whatsapp", WhatsApp(settings))
    if settings.sms_key:
        found["sms"] = Circuit("sms", Msg91(settings))
    return found


def locksmith(settings: Settings) -> keys.Locksmith:
    ring = Keyring(issuer=settings.url, audience=settings.url)
    found: dict[str, keys.KeyProvider] = {}
    if settings.master_key:
        previous = key_from(settings.previous_master_key) if settings.previous_master_key else None
        found["file"] = keys.FileKeys(key_from(settings.master_key), previous)
    if settings.key_provider == "kms" or settings.kms_secret_key:
        found["kms"] = Kms(settings)
    return keys.Locksmith(ring, found.pop(settings.key_provider), tuple(found.values()))


def sealed_columns() -> tuple[Sealed, ...]:
    """Every column that is sealed, in either kind of database."""
    return (*idempotency.SEALED, *(column for room in ROOMS for column in getattr(room, "SEALED", ())))


def providers(settings: Settings) -> dict[str, accounts.Provider]:
    found = providers_of(settings.oidc_providers, https=settings.production)
    return {one.name: OpenIdProvider(one) for one in found}


def wire(settings: Settings, connections: Connections, control: str, channel: str) -> Wire:
    """Between the processes of this house."""
    if settings.redis_url:
        from svastha.adapters.redis_wire import OverRedis  # what it needs is large, and few houses need it

        return OverRedis(settings.redis_url, control, channel)
    return OverPostgres(connections, control, channel)


def build(settings: Settings) -> House:
    connections = Connections(
        settings.database_url,
        most=settings.connections,
        each=settings.connections_per_database,
        role=(settings.database_role, role_password(settings.secret)),
        servers={**settings.servers, **({clinics.REPLICA: settings.replica_url} if settings.replica_url else {})},
    )
    routing = clinics.Routing(
        connections,
        control=f"{settings.database_prefix}_control",
        locksmith=locksmith(settings),
        replica=bool(settings.replica_url),
    )
    return House(
        settings,
        connections,
        routing,
        subscriptions(settings, jobs.stops(routing), jobs.Attempts(connections, routing)),
        Bell(wire(settings, connections, routing.control, CHANNEL)),
        wire(settings, connections, routing.control, f"{CHANNEL}_calls"),
        Trust(connections, routing.control),
        providers=providers(settings),
    )
