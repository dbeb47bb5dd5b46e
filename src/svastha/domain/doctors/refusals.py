from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, Forbidden, Invalid


class RegistrationTaken(Conflict):
    code = "registration_taken"
    says = N_(
        "Another account has already been registered with this council and number. If the number is yours, write to us:"
        " we have noted it and look into it."
    )


class RegistrationClaimed(RegistrationTaken):
    """Noted for the desk, which is why it commits."""

    commits = True


class NotNow(Conflict):
    code = "not_possible_now"
    says = N_("This cannot be done with the application as it is now.")


class ChangedMeanwhile(Conflict):
    code = "changed_meanwhile"
    says = N_("The application was changed meanwhile. Please look at it again.")


class OwnApplication(Forbidden):
    code = "own_application"
    says = N_("Nobody decides about her own application.")


class UnreadableDocument(Invalid):
    code = "unreadable_document"
    says = N_("Please send a PDF, JPEG or PNG file of at most 5 MB.")


class UnsafeDocument(Invalid):
    code = "unsafe_document"
    says = N_("This file was found to be harmful and was not kept.")


class TooManyDocuments(Conflict):
    code = "too_many_documents"
    says = N_("You have sent too many files. Please write to us.")
