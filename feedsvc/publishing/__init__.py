"""From bytes to readers: seals, codings, shelves."""
