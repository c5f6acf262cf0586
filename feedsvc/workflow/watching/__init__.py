"""Is it well, and who reads us? For the operator's page, `feedsvc status` and `/metrics`."""
