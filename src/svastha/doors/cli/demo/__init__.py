"""Two invented clinics, so that a newcomer finds a house that is lived in: people, doctors, weeks and visits.

Everything goes through the verbs of the rooms, except the visits that were and who waits today: nobody can book in the
past. ``visits.py`` alone writes tables it does not own.
"""

from .fill import fill

__all__ = ["fill"]
