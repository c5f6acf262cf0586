"""Who reads: counts as they come in, and as pages, metrics and reports ask for them."""
