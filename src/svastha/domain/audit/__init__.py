"""What was done, by whom, to whose record.

Owns: audit_entries (in both kinds of database).
Announces: nothing.
"""

from svastha.domain.audit.note import note, request_id

__all__ = ["note", "request_id"]
