"""What is told to people, by which channel, and whether it arrived.

Owns: messages, message_attempts (both in both kinds of database), message_preferences, reminder_preferences,
stopped_channels.
Announces: Deliver, FallBack, Expire.
"""

from svastha.domain.notifications.attempt import Attempts, begin_attempt, end_attempt
from svastha.domain.notifications.compose import registered
from svastha.domain.notifications.deliver import deliver
from svastha.domain.notifications.expire import expire
from svastha.domain.notifications.fall_back import fall_back
from svastha.domain.notifications.heard import Stopped, heard, stopped
from svastha.domain.notifications.model import (
    CHANNELS,
    SEALED,
    Attachment,
    Channel,
    Deliver,
    Expire,
    FallBack,
    Receipt,
    Recipient,
)
from svastha.domain.notifications.ports import Letter, NotTaken, Unreachable, Way, Ways, place_of
from svastha.domain.notifications.preferences import Preferences, prefer, preferences_of
from svastha.domain.notifications.read import Told, latest
from svastha.domain.notifications.receive import receive
from svastha.domain.notifications.recipient import recipient_of
from svastha.domain.notifications.reminders import DISTANCES, Distance, Reminders, choose_reminders, reminders_of
from svastha.domain.notifications.send import send
from svastha.domain.notifications.send_code import code_spent, host_of, send_code, send_link
from svastha.domain.notifications.send_once import send_once
from svastha.domain.notifications.send_secret import send_secret
from svastha.domain.notifications.stop import stop
from svastha.domain.notifications.tell_connected import tell_connected
from svastha.domain.notifications.tell_factors import tell_factors_changed
from svastha.domain.notifications.tell_owner import (
    tell_closed,
    tell_contact_changed,
    tell_new_device,
    tell_password_changed,
)
from svastha.domain.notifications.tell_people import (
    send_factor_reset,
    send_invitation,
    tell_accepted,
    tell_role_given,
    tell_role_taken,
    tell_suspended,
)
from svastha.domain.notifications.templates import SHORT
from svastha.domain.notifications.visit_words import ANSWERS

__all__ = [
    "ANSWERS",
    "CHANNELS",
    "DISTANCES",
    "SEALED",
    "SHORT",
    "Attachment",
    "Attempts",
    "Channel",
    "Deliver",
    "Distance",
    "Expire",
    "FallBack",
    "Letter",
    "NotTaken",
    "Preferences",
    "Receipt",
    "Recipient",
    "Reminders",
    "Stopped",
    "Told",
    "Unreachable",
    "Way",
    "Ways",
    "begin_attempt",
    "choose_reminders",
    "code_spent",
    "deliver",
    "end_attempt",
    "expire",
    "fall_back",
    "heard",
    "host_of",
    "latest",
    "place_of",
    "prefer",
    "preferences_of",
    "receive",
    "recipient_of",
    "registered",
    "reminders_of",
    "send",
    "send_code",
    "send_factor_reset",
    "send_invitation",
    "send_link",
    "send_once",
    "send_secret",
    "stop",
    "stopped",
    "tell_accepted",
    "tell_closed",
    "tell_connected",
    "tell_contact_changed",
    "tell_factors_changed",
    "tell_new_device",
    "tell_password_changed",
    "tell_role_given",
    "tell_role_taken",
    "tell_suspended",
]
