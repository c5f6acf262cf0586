"""Pictures that somebody has uploaded: decoded aside, and made anew. Pillow lives here."""
