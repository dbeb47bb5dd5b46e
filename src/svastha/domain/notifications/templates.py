"""The words of each message. Subjects and short texts say nothing about health: they are read on lock screens."""

from svastha.domain.notifications.asked_words import ASKED, ASKED_SHORT
from svastha.domain.notifications.queue_words import QUEUE, QUEUE_SHORT
from svastha.domain.notifications.visit_words import VISITS, VISITS_SHORT
from svastha.domain.notifications.waiting_words import WAITING, WAITING_SHORT
from svastha.kit.i18n import N_

SIGN_OFF = N_("Svastha · This mail was sent because of something you did in your account.")

# Whoever signs up types a name before anybody has confirmed the address: confirm_email must not print it.
TEMPLATES: dict[str, tuple[str, str]] = {
    **VISITS,
    **ASKED,
    **WAITING,
    **QUEUE,
    "confirm_email": (
        N_("Your code for Svastha"),
        N_("Hello,\n\nyour code is {code}. It is good for ten minutes.\nIf you did not ask for it, ignore this mail."),
    ),
    "one_time_code": (
        N_("Your code for Svastha"),
        N_(
            "Hello,\n\nyour code is {code}. It is good for ten minutes. Nobody at Svastha will ever ask you for it."
            "\nIf you did not ask for it, ignore this mail."
        ),
    ),
    "sign_in_link": (
        N_("Sign in to Svastha"),
        N_(
            "Hello,\n\nopen this link to sign in. It works once, for ten minutes:\n{url}\n\n"
            "If you did not ask for it, ignore this mail, and do not pass it on."
        ),
    ),
    "new_device": (
        N_("A new sign-in to your account"),
        N_(
            "Hello {name},\n\nsomebody signed in to your account from {device}, {moment} ({zone}).\n\n"
            "If it was you, there is nothing to do. If not, end that session and change your password:\n{url}"
        ),
    ),
    "address_changed": (
        N_("Your account at Svastha was changed"),
        N_(
            "Hello {name},\n\nthe e-mail address or telephone number of your account was changed, {moment} ({zone})."
            "\n\nIf it was you, there is nothing to do. If not, undo it within three days:\n{url}"
        ),
    ),
    "password_changed": (
        N_("Your password at Svastha was changed"),
        N_(
            "Hello {name},\n\nthe password of your account was changed, {moment} ({zone})."
            "\n\nIf it was you, there is nothing to do. If not, choose a new one at once:\n{url}"
        ),
    ),
    "identity_connected": (
        N_("A new way to sign in to your account"),
        N_(
            "Hello {name},\n\nfrom now on {label} can sign you in to your account at Svastha."
            "\n\nIf it was you, there is nothing to do. If not, disconnect it and change your password:\n{url}"
        ),
    ),
    "factors_changed": (
        N_("Your account at Svastha was changed"),
        N_(
            "Hello {name},\n\n{what}\n\nIf it was you, there is nothing to do. If not, change your password"
            " and sign out"
            " all other devices:\n{url}"
        ),
    ),
    "already_registered": (
        N_("Your account at Svastha"),
        N_(
            "Hello {name},\n\nsomebody tried to open an account with this address, which already has one."
            " If it was you, simply sign in:\n{url}\nIf it was not, there is nothing to do."
        ),
    ),
    "prescription_ready_for": (
        N_("A document is ready for you"),
        N_("Hello {name},\n\n{doctor} has signed a document for {patient}. Sign in to read it:\n{url}"),
    ),
    "guardian_invitation": (
        N_("Somebody asks you to act for a patient"),
        N_(
            "Hello,\n\n{by} asks you to act for somebody at {clinic} on Svastha: to see and book visits, and to read"
            " what was prescribed. Sign in with this address, or open an account with it, to see for whom, and to say"
            " yes or no within two weeks:\n{url}\n\nIf you do not know {by}, ignore this mail."
        ),
    ),
    "guardian_declined": (
        N_("Your invitation was declined"),
        N_(
            "Hello {name},\n\nthe person you asked to act for {patient} at {clinic} has said no. You can ask somebody"
            " else:\n{url}"
        ),
    ),
    "guardianship_began": (
        N_("Somebody acts for a patient from now on"),
        N_(
            "Hello {name},\n\nfrom now on {guardian} acts for {patient} at {clinic}: books and sees visits, and reads"
            " what was prescribed.\n\nIf that is not right, end it here, or call the clinic:\n{url}"
        ),
    ),
    "guardianship_ended": (
        N_("Somebody no longer acts for a patient"),
        N_("Hello {name},\n\n{guardian} no longer acts for {patient} at {clinic}. Who acts for whom:\n{url}"),
    ),
    "guardianship_ended_by_clinic": (
        N_("Somebody no longer acts for a patient"),
        N_(
            "Hello {name},\n\n{guardian} no longer acts for {patient}: {clinic} has ended it. The reason given:"
            "\n{why}\n\nPlease call the clinic if you think this is a mistake. Who acts for whom:\n{url}"
        ),
    ),
    "guardianship_lapsed": (
        N_("Somebody no longer acts for a patient"),
        N_(
            "Hello {name},\n\nthe time for which {guardian} acted for {patient} at {clinic} is over. Whoever is of age"
            " decides for themselves, and may ask somebody to act for them.\n\nWho acts for whom:\n{url}"
        ),
    ),
    "doctor_verified": (
        N_("Your registration at Svastha"),
        N_("Hello {name},\n\nyour registration is verified. From now on you can be found and booked.\n{url}"),
    ),
    "doctor_more_wanted": (
        N_("Your registration at Svastha"),
        N_(
            "Hello {name},\n\nwe need something more before we can verify your registration."
            " Sign in to read what:\n{url}"
        ),
    ),
    "doctor_refused": (
        N_("Your registration at Svastha"),
        N_("Hello {name},\n\nwe could not verify your registration. Sign in to read why:\n{url}"),
    ),
    "doctor_suspended": (
        N_("Your registration at Svastha"),
        N_(
            "Hello {name},\n\nyour registration at Svastha is suspended: you cannot be found or booked for now."
            " Sign in to read why:\n{url}"
        ),
    ),
    "doctor_reinstated": (
        N_("Your registration at Svastha"),
        N_("Hello {name},\n\nyour registration is no longer suspended. You can be found and booked again.\n{url}"),
    ),
    "doctor_registration_ends": (
        N_("Your registration ends soon"),
        N_(
            "Hello {name},\n\nthe registration that you gave us ends in less than a month. After that day you cannot be"
            " booked. Please tell us the new date and upload the new certificate:\n{url}"
        ),
    ),
    "doctor_registration_ended": (
        N_("Your registration has ended"),
        N_(
            "Hello {name},\n\nthe registration that you gave us has ended, so you cannot be found or booked for now."
            " Please tell us the new date and upload the new certificate:\n{url}"
        ),
    ),
    "invitation": (
        N_("{clinic} invites you"),
        N_(
            "Hello,\n\n{by} invites you to work with {clinic} on Svastha. Open this link within a week; it is for you"
            " alone:\n{url}\n\nIf you do not know {clinic}, ignore this mail."
        ),
    ),
    "invitation_accepted": (
        N_("Your invitation was accepted"),
        N_("Hello {name},\n\n{who} has accepted your invitation to {clinic}. Who works there:\n{url}"),
    ),
    "role_given": (
        N_("Your work on Svastha"),
        N_("Hello {name},\n\nyou now have a role at {place}: {role}.\n\nSign in to begin:\n{url}"),
    ),
    "channel_stopped": (
        N_("No more messages by {channel}"),
        N_(
            "Hello {name},\n\nyou have answered STOP, so we send nothing by {channel} to your number any more."
            " Answer START there, or choose it again here:\n{url}"
        ),
    ),
    "channel_started": (
        N_("Messages by {channel} again"),
        N_(
            "Hello {name},\n\nyou have answered START, so we send messages to your number by {channel} again."
            " You can change it here:\n{url}"
        ),
    ),
    "role_taken": (
        N_("Your work on Svastha"),
        N_("Hello {name},\n\nyour role at {place} has ended: {role}.\n\nYour own account stays as it is:\n{url}"),
    ),
    "account_suspended": (
        N_("Your account at Svastha is suspended"),
        N_(
            "Hello {name},\n\nyour account was suspended. You cannot sign in for now."
            " Please write to us if you think this is a mistake."
        ),
    ),
    "account_reinstated": (
        N_("Your account at Svastha is open again"),
        N_("Hello {name},\n\nyour account is no longer suspended. You can sign in again."),
    ),
    "factor_reset": (
        N_("Set up your second proof anew"),
        N_(
            "Hello {name},\n\nyou told us that you lost what you prove yourself with after your password. Begin to sign"
            " in, and when you are asked for it open this link, within a day:\n{url}\n\nIf you did not ask for it, do"
            " not open it, and tell us at once."
        ),
    ),
    "factor_reset_notice": (
        N_("Your account at Svastha"),
        N_(
            "Hello {name},\n\nsomebody told us that you lost your second proof of identity, such as a passkey. We have"
            " sent a link with which it can be set up anew.\n\nIf that was not you, tell us at once."
        ),
    ),
    "account_closed": (
        N_("Your account at Svastha is closed"),
        N_(
            "Hello {name},\n\nyour account is closed. Until {until} you can open it again:\n{url}\n\nAfter that it is"
            " for good. If it was not you who closed it, open it again and change your password."
        ),
    ),
    "glass_broken": (
        N_("A record was opened at {clinic}"),
        N_(
            "Hello {name},\n\n{who} has opened a record outside the care relation. Please look at the reason and review"
            " it:\n{url}"
        ),
    ),
    "prescription_ready": (
        N_("A document is ready for you"),
        N_("Hello {name},\n\n{doctor} has signed a document for you. Sign in to read it:\n{url}"),
    ),
}

# For SMS and WhatsApp. What is not here goes by e-mail alone: links, because a text registered with the operators has
# no room for them, and WhatsApp carries none that sign somebody in. A code ends the SMS in the form a browser reads.
_CODE = N_("{code} is your code for Svastha, good for ten minutes. Do not tell it to anybody.\n\n@{host} #{code}")
SHORT: dict[str, str] = {
    **VISITS_SHORT,
    **ASKED_SHORT,
    **WAITING_SHORT,
    **QUEUE_SHORT,
    "confirm_email": _CODE,
    "one_time_code": _CODE,
    "already_registered": N_("Somebody tried to open an account at Svastha with this number, which already has one."),
    "new_device": N_("Your Svastha account was used from a new device, {moment}. Not you? Change your password."),
    "address_changed": N_("The address or number of your Svastha account was changed, {moment}. Not you? Tell us."),
    "password_changed": N_("The password of your Svastha account was changed, {moment}. Not you? Choose a new one."),
    "prescription_ready_for": N_("Svastha: a document is ready for you. Sign in to read it."),
    "guardian_declined": N_("Svastha: your invitation to act for a patient was declined."),
    "guardianship_began": N_("Svastha: {guardian} acts for a patient from now on. Not right? Call the clinic."),
    **dict.fromkeys(
        ("guardianship_ended", "guardianship_ended_by_clinic", "guardianship_lapsed"),
        N_("Svastha: {guardian} no longer acts for a patient. Sign in to see who does."),
    ),
    "guardian_invitation": N_("{by} asks you to act for a patient at {clinic} on Svastha. Within two weeks: {url}"),
    # These carry a link all the same: whoever is known by a number alone has no other way to get it.
    "invitation": N_("{clinic} invites you to work with it on Svastha. For you alone, within a week: {url}"),
    "factor_reset": N_("Svastha: set up your second proof anew within a day. Not you? Do not open it: {url}"),
    "factor_reset_notice": N_("Svastha: we heard that you lost your second proof of identity. Not you? Tell us."),
    "invitation_accepted": N_("Svastha: {who} has accepted your invitation to {clinic}."),
    "role_given": N_("Svastha: you now have a role at {place}: {role}."),
    "role_taken": N_("Svastha: your role at {place} has ended: {role}."),
    "channel_stopped": N_("Svastha: nothing more comes to your number by {channel}. Answer START there to change it."),
    "channel_started": N_("Svastha: messages come to your number by {channel} again. Answer STOP to end them."),
    "account_suspended": N_("Svastha: your account is suspended. Write to us if you think this is a mistake."),
    "account_closed": N_("Svastha: your account is closed. Until {until} you can open it again: {url}"),
    "account_reinstated": N_("Svastha: your account is open again. You can sign in."),
    **dict.fromkeys(
        (
            "doctor_verified",
            "doctor_more_wanted",
            "doctor_refused",
            "doctor_suspended",
            "doctor_reinstated",
            "doctor_registration_ends",
            "doctor_registration_ended",
        ),
        N_("Svastha: there is news about your registration. Sign in to read it."),
    ),
    "prescription_ready": N_("Svastha: a document is ready for you. Sign in to read it."),
}
