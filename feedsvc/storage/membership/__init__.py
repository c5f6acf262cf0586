"""Which feeds an article is in, and from when: settled when it is stored, never when read."""
