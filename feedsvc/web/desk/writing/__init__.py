"""One article at the desk: its form, what is kept and shown while one writes, its history."""
