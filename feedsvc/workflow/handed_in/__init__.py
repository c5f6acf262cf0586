"""What was handed in, made clean or refused with a sentence for each field."""
