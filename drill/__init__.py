"""Loses everything on purpose, on a copy, and says what came back and how quickly."""
