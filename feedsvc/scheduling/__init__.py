"""APScheduler: the list of jobs, and who leads."""
