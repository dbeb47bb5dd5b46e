"""The words of messages about visits: to the patient, and (``…_for``) to whoever acts for her.

``{come}``, ``{late}``, ``{move}`` and ``{cancel}`` are links that each do one thing without signing in; in a short text
one leads to all four, as ``{site}/m/{link}``: no value of a registered text is longer than 30 characters.
"""

from svastha.kit.i18n import N_

ANSWERS = N_(
    "You can answer without signing in:\nI will come: {come}\nI am running late: {late}"
    "\nAnother time: {move}\nCancel: {cancel}"
)

VISITS: dict[str, tuple[str, str]] = {
    "visit_confirmed": (
        N_("Your visit on {day} is confirmed"),
        N_(
            "Hello {name},\n\nyour visit with {doctor} at {clinic} is confirmed.\n\n{moment} ({zone})\n\n"
            "Everything about it, and the way to join:\n{url}\n\n{actions}"
        ),
    ),
    "visit_moved": (
        N_("Your visit is moved to {day}"),
        N_(
            "Hello {name},\n\nyour visit with {doctor} at {clinic} has another time now.\n\n{moment} ({zone})\n\n"
            "Links in earlier messages no longer count. Everything about it, and the way to join:\n{url}\n\n{actions}"
        ),
    ),
    "visit_cancelled": (
        N_("Your visit on {day} is cancelled"),
        N_(
            "Hello {name},\n\nthe visit with {doctor} at {clinic} on {moment} ({zone}) is cancelled.\n\n"
            "Choose another time whenever you like:\n{url}"
        ),
    ),
    "visit_reminder": (
        N_("Your visit: {moment}"),
        N_(
            "Hello {name},\n\nthis is a reminder of your visit with {doctor} at {clinic}.\n\n{moment} ({zone})\n\n"
            "{url}\n\n{actions}"
        ),
    ),
    "visit_confirmed_for": (
        N_("A visit on {day} is confirmed"),
        N_(
            "Hello {name},\n\nthe visit of {patient} with {doctor} at {clinic} is confirmed.\n\n{moment} ({zone})\n\n"
            "Everything about it, and the way to join:\n{url}\n\n{actions}"
        ),
    ),
    "visit_moved_for": (
        N_("A visit is moved to {day}"),
        N_(
            "Hello {name},\n\nthe visit of {patient} with {doctor} at {clinic} has another time now.\n\n"
            "{moment} ({zone})\n\nLinks in earlier messages no longer count. Everything about it, and the way to join:"
            "\n{url}\n\n{actions}"
        ),
    ),
    "visit_cancelled_for": (
        N_("A visit on {day} is cancelled"),
        N_(
            "Hello {name},\n\nthe visit of {patient} with {doctor} at {clinic} on {moment} ({zone}) is cancelled.\n\n"
            "Choose another time whenever you like:\n{url}"
        ),
    ),
    "visit_reminder_for": (
        N_("A visit: {moment}"),
        N_(
            "Hello {name},\n\nthis is a reminder of the visit of {patient} with {doctor} at {clinic}."
            "\n\n{moment} ({zone})\n\n{url}\n\n{actions}"
        ),
    ),
}

VISITS_SHORT: dict[str, str] = {
    "visit_confirmed": N_("Svastha: your visit is confirmed: {moment}. To answer: {site}/m/{link}"),
    "visit_moved": N_("Svastha: your visit is moved to {moment}. To answer: {site}/m/{link}"),
    "visit_cancelled": N_("Svastha: your visit is cancelled: {moment}. Sign in to choose another time."),
    "visit_reminder": N_("Svastha: a reminder of your visit: {moment}. To answer: {site}/m/{link}"),
    "visit_confirmed_for": N_("Svastha: a visit is confirmed: {moment}. To answer: {site}/m/{link}"),
    "visit_moved_for": N_("Svastha: a visit is moved to {moment}. To answer: {site}/m/{link}"),
    "visit_cancelled_for": N_("Svastha: a visit is cancelled: {moment}. Sign in to choose another time."),
    "visit_reminder_for": N_("Svastha: a reminder of a visit: {moment}. To answer: {site}/m/{link}"),
}
