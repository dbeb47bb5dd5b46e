from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid

LEAST, MOST = 3, 500


def typed(why: str | None, *, least: int = 0) -> str | None:
    """A reason as it may be kept, for the patient to read; on one line. Raises Invalid of ``why``."""
    why = " ".join((why or "").split())
    if len(why) < least:
        raise Invalid(FieldError("why", N_("Please say why, in a few words.")))
    if len(why) > MOST or any(letter < " " or letter == "\x7f" for letter in why):
        raise Invalid(FieldError("why", N_("Please be brief: at most 500 characters.")))
    return why or None
