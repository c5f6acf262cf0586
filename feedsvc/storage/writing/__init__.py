"""What is being written, by whom, and what was: working copies, presence and versions."""
