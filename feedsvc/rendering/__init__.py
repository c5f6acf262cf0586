"""Content to bytes: pure functions, no clock, no database."""
