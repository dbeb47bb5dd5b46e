"""Subscriptions to visits that a calendar program reads without signing in.

Owns: feeds.
Announces: nothing.
"""

from svastha.domain.calendars.feeds import feeds_of, feeds_of_clinic, make_feed, revoke_feed
from svastha.domain.calendars.follow import followed
from svastha.domain.calendars.model import Feed, Followed, Kind, NewFeed, TooManyFeeds
from svastha.domain.calendars.read import Entry, entries
from svastha.domain.calendars.write import written

__all__ = [
    "Entry",
    "Feed",
    "Followed",
    "Kind",
    "NewFeed",
    "TooManyFeeds",
    "entries",
    "feeds_of",
    "feeds_of_clinic",
    "followed",
    "make_feed",
    "revoke_feed",
    "written",
]
