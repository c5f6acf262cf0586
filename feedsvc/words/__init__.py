"""Words as search knows them, in any script: pure, and the same on every database."""
