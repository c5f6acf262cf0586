"""What other programs have written, read as values; nothing here trusts its input."""
