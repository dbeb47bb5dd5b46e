from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict

Kind = Literal["patient", "doctor", "clinic", "branch"]
MOST = 20  # live ones of one person


class Feed(msgspec.Struct, frozen=True):
    """``patient``: her own visits and of those she acts for; ``doctor``: hers at all clinics; ``clinic`` and
    ``branch``: everybody's there, without names of patients. ``used_at`` to a few minutes; ``clinic`` is empty for
    one's own."""

    id: UUID
    kind: Kind
    clinic: str
    branch_id: UUID | None
    made_by: str
    made_at: datetime
    used_at: datetime | None


class NewFeed(msgspec.Struct, frozen=True):
    """``secret`` is the only key to it, and kept nowhere."""

    id: UUID
    secret: str


class Followed(msgspec.Struct, frozen=True):
    """A feed that is asked for, and the clinics at which its maker may see what it shows at this moment."""

    id: UUID
    kind: Kind
    account_id: UUID
    branch_id: UUID | None
    locale: str
    clinics: list[str]


class TooManyFeeds(Conflict):
    code = "too_many_feeds"
    says = N_("You have twenty calendar subscriptions. Revoke one that you no longer use first.")
