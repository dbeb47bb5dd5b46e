"""The words of each message. Subjects say nothing about health: they are read on lock screens."""

from svastha.kit.i18n import N_

SIGN_OFF = N_("Svastha · This mail was sent because of something you did in your account.")

# Whoever signs up types a name before anybody has confirmed the address: confirm_email must not print it.
TEMPLATES: dict[str, tuple[str, str]] = {
    "confirm_email": (
        N_("Your code for Svastha"),
        N_("Hello,\n\nyour code is {code}. It is good for ten minutes.\nIf you did not ask for it, ignore this mail."),
    ),
    "already_registered": (
        N_("Your account at Svastha"),
        N_(
            "Hello {name},\n\nsomebody tried to open an account with this address, which already has one."
            " If it was you, simply sign in:\n{url}\nIf it was not, there is nothing to do."
        ),
    ),
    "visit_confirmed": (
        N_("Your visit on {day} is confirmed"),
        N_(
            "Hello {name},\n\nyour visit with {doctor} at {clinic} is confirmed.\n\n{moment} ({zone})\n\n"
            "Everything about it, and the way to join or cancel:\n{url}"
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
            "Hello {name},\n\nthis is a reminder of your visit with {doctor} at {clinic}.\n\n{moment} ({zone})\n\n{url}"
        ),
    ),
    "prescription_ready": (
        N_("A document is ready for you"),
        N_("Hello {name},\n\n{doctor} has signed a document for you. Sign in to read it:\n{url}"),
    ),
}
