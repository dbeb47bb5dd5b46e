"""The ways out, each behind a port of the room that needs it, each with a local twin."""
