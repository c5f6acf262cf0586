"""APScheduler: the list of jobs, and who leads.

Who only leads for a moment, such as `feedsvc regenerate`, imports `leader` and no clock.
"""
