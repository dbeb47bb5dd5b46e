"""The words of the waiting list: to the patient, and (``…_for``) to whoever acts for her."""

from svastha.kit.i18n import N_

WAITING: dict[str, tuple[str, str]] = {
    "time_offered": (
        N_("A time on {day} is free for you"),
        N_(
            "Hello {name},\n\nyou are next on the waiting list. {doctor} at {clinic} has time for you:\n\n{moment}"
            " ({zone})\n\nIt is yours alone until {until}. Say yes or no here; after that it goes to the next in line:"
            "\n{url}"
        ),
    ),
    "time_offered_for": (
        N_("A time on {day} is free"),
        N_(
            "Hello {name},\n\n{patient} is next on the waiting list. {doctor} at {clinic} has time:\n\n{moment}"
            " ({zone})\n\nIt is kept for {patient} alone until {until}. Say yes or no here; after that it goes to the"
            " next in line:\n{url}"
        ),
    ),
}

WAITING_SHORT: dict[str, str] = {
    "time_offered": N_("Svastha: {moment} is free for you until {until}. Yes or no: {site}/waiting"),
    "time_offered_for": N_("Svastha: {moment} is free, kept until {until}. Yes or no: {site}/waiting"),
}
