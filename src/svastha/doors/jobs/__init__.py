"""Work nobody waits for: the worker and the jobs that need both kinds of database. Shallow; the verbs do the work."""

from svastha.doors.jobs.publish import publish_doctor, publish_times

__all__ = ["publish_doctor", "publish_times"]
