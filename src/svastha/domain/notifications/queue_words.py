"""The words of messages from the queue: to the patient, and (``…_for``) to whoever acts for her."""

from svastha.kit.i18n import N_

QUEUE: dict[str, tuple[str, str]] = {
    "doctor_late": (
        N_("About {minutes} minutes later today"),
        N_(
            "Hello {name},\n\n{doctor} at {clinic} runs about {minutes} minutes late today. Your visit, {moment}"
            " ({zone}), will begin later. It stays as it is booked: there is nothing to do.\n\n"
            "See how long it will be:\n{url}"
        ),
    ),
    "doctor_late_for": (
        N_("About {minutes} minutes later today"),
        N_(
            "Hello {name},\n\n{doctor} at {clinic} runs about {minutes} minutes late today. The visit of {patient},"
            " {moment} ({zone}), will begin later. It stays as it is booked: there is nothing to do.\n\n"
            "See how long it will be:\n{url}"
        ),
    ),
    "doctor_on_time": (
        N_("On time again"),
        N_(
            "Hello {name},\n\n{doctor} at {clinic} is no longer late. Please be there for your visit as booked,"
            " {moment} ({zone}).\n\nSee how long it will be:\n{url}"
        ),
    ),
    "doctor_on_time_for": (
        N_("On time again"),
        N_(
            "Hello {name},\n\n{doctor} at {clinic} is no longer late. Please be there for the visit of {patient} as"
            " booked, {moment} ({zone}).\n\nSee how long it will be:\n{url}"
        ),
    ),
}

QUEUE_SHORT: dict[str, str] = {
    **dict.fromkeys(
        ("doctor_late", "doctor_late_for"),
        N_("Svastha: your visit, {moment}, begins about {minutes} minutes late. Sign in to see it."),
    ),
    **dict.fromkeys(
        ("doctor_on_time", "doctor_on_time_for"),
        N_("Svastha: your visit, {moment}, is on time again. Sign in to see it."),
    ),
}
