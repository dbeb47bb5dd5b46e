"""Why an expected wait changed, in words for the one who waits."""

from svastha.domain.queue import Cause
from svastha.kit.i18n import N_

CAUSE_WORDS: dict[Cause, str] = {
    "priority": N_("Somebody who must not wait came in before you."),
    "came_ahead": N_("Somebody whose turn is before yours has arrived."),
    "moved_back": N_("Your turn was put back."),
    "moved_up": N_("Your turn was put forward."),
    "somebody_left": N_("Somebody before you has left."),
    "not_come": N_("Somebody before you has not come."),
    "visit_longer": N_("The visit before yours takes longer than usual."),
    "visit_shorter": N_("The visit before yours was shorter than usual."),
    "doctor_late": N_("The doctor begins later."),
    "doctor_began": N_("The doctor has begun."),
    "doctor_away": N_("The doctor is away for a moment."),
}
