"""Who may what: the one table that the code, ``docs/permissions.md`` and the tests of the doors read.

Each route names the permission it needs; a route that names none keeps the application from starting. A permission of a
clinic's role counts at that clinic. What is whose own is decided beyond this table, where a thing is fetched: a patient
may read visits, and ``appointments.seen_by`` knows which ones are hers.
"""

from svastha.kit.i18n import N_

ROLES = {
    "patient": N_("Patient"),  # everybody who has signed in
    "guardian": N_("Guardian"),  # of a patient, as her clinic wrote it down
    "doctor": N_("Doctor"),
    "receptionist": N_("Reception"),
    "pharmacist": N_("Pharmacist"),
    "therapist": N_("Therapist"),
    "accountant": N_("Accountant"),
    "clinic_admin": N_("Runs the clinic"),
    "auditor": N_("Auditor"),
    "support": N_("Support"),
    "platform_admin": N_("Runs the platform"),
}
FOR_EVERYBODY = frozenset({"patient", "guardian"})  # held by signing in; the relation is looked at with the thing
OF_PLATFORM = frozenset({"support", "platform_admin"})

# In a session proven by one factor alone these do not count. A clinic may add to them, never take away.
SECOND_FACTOR = frozenset({"doctor", "clinic_admin", "support", "platform_admin"})

# Whom one may appoint: never above oneself, never elsewhere, never for longer than one's own.
APPOINTS = {
    "platform_admin": frozenset(ROLES) - FOR_EVERYBODY,
    "clinic_admin": frozenset(
        {"doctor", "receptionist", "pharmacist", "therapist", "accountant", "auditor", "clinic_admin"}
    ),
}

# permission: (who, what it allows)
PERMISSIONS: dict[str, tuple[str, str]] = {
    # visits
    "visit.book": ("patient guardian receptionist clinic_admin", N_("Choose a time and book it")),
    "visit.read": (
        "patient guardian doctor receptionist clinic_admin",
        N_("See when a visit is, with whom, and how far it is"),
    ),
    "visit.move": (
        "patient guardian doctor receptionist clinic_admin",
        N_("Check in, move to another time, or cancel"),
    ),
    "visit.follow": ("patient guardian doctor receptionist clinic_admin", N_("Book a follow-up of a visit")),
    "visit.join": ("patient guardian doctor", N_("Be in the call and its chat")),
    "visit.admit": ("doctor", N_("Call the patient in, and end the visit")),
    "visit.miss": (
        "doctor receptionist clinic_admin",
        N_("Note that somebody did not come, or is not here after all"),
    ),
    "visit.answer": ("doctor receptionist clinic_admin", N_("Say yes or no to who asks for a visit")),
    "visit.squeeze": ("doctor receptionist clinic_admin", N_("Squeeze somebody in, over a conflict")),
    "guardian.end": ("receptionist clinic_admin", N_("See who acts for a patient, and end it")),
    "schedule.read": ("doctor receptionist clinic_admin", N_("See the hours of a doctor, her leave and her calendar")),
    "schedule.edit": ("doctor clinic_admin", N_("Set a doctor's week and what she offers")),
    "schedule.except": (
        "doctor receptionist clinic_admin",
        N_("Note a doctor's leave, days that are different and extra hours"),
    ),
    "waitlist.run": ("receptionist clinic_admin", N_("See who waits for a time at the clinic")),
    "desk.read": ("receptionist clinic_admin", N_("See the day of the whole clinic")),
    "calendar.share": (
        "receptionist clinic_admin",
        N_("Make and revoke calendar subscriptions of the clinic and its branches"),
    ),
    "queue.read": ("doctor", N_("See the own queue")),
    "queue.run": (
        "doctor receptionist clinic_admin",
        N_("Call the next patient, and change the order: a doctor in the own queue"),
    ),
    # the record
    "note.read": ("doctor", N_("Read what was noted in the own visits")),
    "note.write": ("doctor", N_("Note what was said, seen and planned")),
    "prescription.read": ("patient guardian doctor", N_("Read a prescription")),
    "prescription.write": ("doctor", N_("Write and sign a prescription")),
    "record.open": (
        "doctor clinic_admin",
        N_("Read a whole record: of whom one cares for, of others with a reason that is reviewed"),
    ),
    "record.review": ("clinic_admin auditor", N_("Review why records were opened")),
    # the clinic
    "clinic.run": ("clinic_admin", N_("See how the clinic stands")),
    "clinic.hours": ("clinic_admin", N_("Set branches, rooms, holidays and the rules of the house")),
    "clinic.policy": (
        "clinic_admin",
        N_("Say which further roles need a second factor, and what cancelling late costs"),
    ),
    "people.read": ("clinic_admin platform_admin", N_("See who works at the clinic, and in which role")),
    "people.appoint": ("clinic_admin platform_admin", N_("Invite, appoint and dismiss people of the clinic")),
    "keys.manage": ("clinic_admin", N_("Make and revoke the keys of other systems")),
    "audit.read": ("clinic_admin auditor", N_("See who did what, and who read which record")),
    "audit.export": ("clinic_admin auditor", N_("Take a copy of it")),
    # the platform
    "platform.audit": ("platform_admin auditor", N_("See what was done on the platform itself")),
    "doctor.verify": ("platform_admin", N_("Verify, refuse and suspend doctors")),
    "platform.appoint": ("platform_admin", N_("Give and take roles on the platform")),
    "account.find": ("platform_admin support", N_("Find an account by its exact address; see its name and state")),
    "account.suspend": ("platform_admin", N_("Suspend and reinstate an account, and end its sessions")),
    "account.reset": ("platform_admin", N_("Let somebody begin anew who lost her second factor")),
    "platform.read": ("platform_admin support", N_("See the state of the platform")),
}

# What the key of another system may be limited to: of what running a clinic allows, nothing that is clinical, that is
# done for oneself, or that gives rights to anybody.
FOR_KEYS = frozenset({"visit.read", "visit.move", "people.read"})

PUBLIC, SELF = "public", "self"  # anybody at all; anybody signed in, about her own things
_WHO = {name: frozenset(who.split()) for name, (who, _) in PERMISSIONS.items()}


def who_may(permission: str) -> frozenset[str]:
    """The roles that hold it. Raises KeyError for a permission nobody declared."""
    return frozenset(ROLES) if permission in (PUBLIC, SELF) else _WHO[permission]


def may_appoint(appointer: str, role: str) -> bool:
    return role in APPOINTS.get(appointer, ())
