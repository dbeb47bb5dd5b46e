"""The words of messages about requests, courses of visits, and visits whose doctor is away: to the patient, and
(``…_for``) to whoever acts for her. Like those about visits, see ``visit_words``."""

from svastha.kit.i18n import N_

ASKED: dict[str, tuple[str, str]] = {
    "visit_declined": (
        N_("The clinic cannot see you on {day}"),
        N_(
            "Hello {name},\n\nyou asked for a visit with {doctor} at {clinic}: {moment} ({zone}). The clinic cannot see"
            " you then; nothing is to be paid.\n\nWhy, and other times:\n{url}"
        ),
    ),
    "visit_declined_for": (
        N_("The clinic cannot offer the visit on {day}"),
        N_(
            "Hello {name},\n\na visit of {patient} with {doctor} at {clinic} was asked for: {moment} ({zone})."
            " The clinic cannot offer it; nothing is to be paid.\n\nWhy, and other times:\n{url}"
        ),
    ),
    "visit_unanswered": (
        N_("Nobody has answered your request for {day}"),
        N_(
            "Hello {name},\n\nyou asked for a visit with {doctor} at {clinic}: {moment} ({zone}). Nobody there has"
            " answered in time, so you have no visit then, and nothing is to be paid. We are sorry.\n\n"
            "Choose another time, or call the clinic:\n{url}"
        ),
    ),
    "visit_unanswered_for": (
        N_("Nobody has answered the request for {day}"),
        N_(
            "Hello {name},\n\na visit of {patient} with {doctor} at {clinic} was asked for: {moment} ({zone}). Nobody"
            " there has answered in time, so there is no visit then, and nothing is to be paid. We are sorry.\n\n"
            "Choose another time, or call the clinic:\n{url}"
        ),
    ),
    "visit_displaced": (
        N_("Your doctor is away on {day}: please choose"),
        N_(
            "Hello {name},\n\n{doctor} will be away at the time of your visit at {clinic}: {moment} ({zone})."
            " We are sorry.\n\nThese times are free at this moment. Open one to take it:\n{choices}\n\n"
            "Another time: {move}\nCancel, free of charge: {cancel}\n\nYour visit:\n{url}"
        ),
    ),
    "visit_displaced_for": (
        N_("The doctor is away on {day}: please choose"),
        N_(
            "Hello {name},\n\n{doctor} will be away at the time of the visit of {patient} at {clinic}: {moment}"
            " ({zone}). We are sorry.\n\nThese times are free at this moment. Open one to take it:\n{choices}\n\n"
            "Another time: {move}\nCancel, free of charge: {cancel}\n\nThe visit:\n{url}"
        ),
    ),
    "visit_stands": (
        N_("Your visit on {day} takes place after all"),
        N_(
            "Hello {name},\n\n{doctor} is there after all. Your visit at {clinic} takes place as it was planned:"
            " {moment} ({zone}).\n\nEverything about it:\n{url}\n\n{actions}"
        ),
    ),
    "visit_stands_for": (
        N_("The visit on {day} takes place after all"),
        N_(
            "Hello {name},\n\n{doctor} is there after all. The visit of {patient} at {clinic} takes place as it was"
            " planned: {moment} ({zone}).\n\nEverything about it:\n{url}\n\n{actions}"
        ),
    ),
    "series_confirmed": (
        N_("Your {count} visits are confirmed"),
        N_(
            "Hello {name},\n\nyour {count} visits with {doctor} at {clinic} are confirmed ({zone}):\n\n{times}\n\n"
            "The first of them, and the way to all others:\n{url}"
        ),
    ),
    "series_confirmed_for": (
        N_("{count} visits are confirmed"),
        N_(
            "Hello {name},\n\n{count} visits of {patient} with {doctor} at {clinic} are confirmed ({zone}):\n\n"
            "{times}\n\nThe first of them, and the way to all others:\n{url}"
        ),
    ),
}

ASKED_SHORT: dict[str, str] = {
    "visit_declined": N_("Svastha: the clinic cannot see you at the time you asked for: {moment}. Sign in to see why."),
    "visit_declined_for": N_("Svastha: the clinic cannot offer a visit you asked for: {moment}. Sign in to see why."),
    "visit_unanswered": N_("Svastha: nobody has answered your request for {moment}. Sign in to choose another time."),
    "visit_unanswered_for": N_("Svastha: nobody has answered a request for {moment}. Sign in to choose another time."),
    "visit_displaced": N_("Svastha: your doctor is away when you have a visit: {moment}. To choose: {site}/m/{link}"),
    "visit_displaced_for": N_("Svastha: the doctor is away when a visit is due: {moment}. To choose: {site}/m/{link}"),
    "visit_stands": N_("Svastha: your visit takes place after all: {moment}. To answer: {site}/m/{link}"),
    "visit_stands_for": N_("Svastha: a visit takes place after all: {moment}. To answer: {site}/m/{link}"),
    "series_confirmed": N_("Svastha: your {count} visits are confirmed. The first: {moment}. Sign in to see them."),
    "series_confirmed_for": N_("Svastha: {count} visits are confirmed. The first: {moment}. Sign in to see them."),
}
