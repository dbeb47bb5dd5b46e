"""Work nobody waits for: the worker and the jobs that need both kinds of database. Shallow; the verbs do the work."""

from svastha.doors.jobs.attempts import Attempts
from svastha.doors.jobs.glass import tell_glass_broken
from svastha.doors.jobs.publish import publish_doctor, publish_hours, publish_times
from svastha.doors.jobs.stops import stops

__all__ = ["Attempts", "publish_doctor", "publish_hours", "publish_times", "stops", "tell_glass_broken"]
