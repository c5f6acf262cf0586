"""What editors do with articles: written, saved, changed together, withdrawn."""
