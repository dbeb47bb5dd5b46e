"""What was done, by whom, to whose record.

Owns: audit_entries (in both kinds of database).
Announces: nothing.
"""

from svastha.domain.audit.note import note

__all__ = ["note"]
