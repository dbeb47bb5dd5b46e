"""JSON for programs, one file per room, under ``/api/v1``."""
