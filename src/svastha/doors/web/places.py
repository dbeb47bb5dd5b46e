"""Where whoever works here finds her pages: at a clinic, and on the platform. Above each of them, and on ``/work``."""

from typing import Any

import msgspec

from svastha.domain.accounts import Actor
from svastha.kit.i18n import N_


class Place(msgspec.Struct, frozen=True):
    code: str
    url: str
    words: str
    icon: str


# permission, code, path, words, icon
OF_CLINIC = (
    ("desk.read", "desk", "/desk?clinic={slug}", N_("Desk"), "day"),
    ("queue.run", "queue", "/c/{slug}/queue", N_("Queue"), "people"),
    ("visit.answer", "requests", "/c/{slug}/requests", N_("To answer"), "mail"),
    ("waitlist.run", "waiting", "/c/{slug}/waiting-list", N_("Waiting list"), "clock"),
    ("schedule.read", "doctors", "/c/{slug}/doctors", N_("Hours and leave"), "clock"),
    ("clinic.run", "clinic", "/c/{slug}/admin", N_("The clinic"), "home"),
    ("clinic.hours", "branches", "/c/{slug}/branches", N_("Branches and rules"), "tune"),
    ("people.read", "people", "/c/{slug}/people", N_("People"), "people"),
    ("record.open", "patients", "/c/{slug}/patients", N_("Patients"), "file"),
    ("record.review", "openings", "/c/{slug}/openings", N_("Opened records"), "lock"),
    ("audit.read", "audit", "/c/{slug}/audit", N_("What was done"), "clock"),
    ("keys.manage", "keys", "/c/{slug}/keys", N_("Keys of other systems"), "net"),
)
OF_PLATFORM = (
    ("platform.read", "platform", "/platform", N_("Platform"), "home"),
    ("doctor.verify", "doctors", "/platform/doctors", N_("Doctors"), "shield"),
    ("account.find", "accounts", "/platform/people", N_("People"), "people"),
    ("platform.audit", "audit", "/platform/audit", N_("What was done"), "clock"),
)


def at_clinic(actor: Actor | None, clinic: Any) -> list[Place]:
    """``clinic`` has an id and a slug. What is done for oneself alone is not work."""
    if actor is None or not actor.roles:
        return []
    return [
        Place(code, path.format(slug=clinic.slug), words, icon)
        for needs, code, path, words, icon in OF_CLINIC
        if actor.may(needs, clinic.id)
    ]


def on_platform(actor: Actor | None) -> list[Place]:
    return [
        Place(code, path, words, icon)
        for needs, code, path, words, icon in OF_PLATFORM
        if actor is not None and actor.may(needs)
    ]
