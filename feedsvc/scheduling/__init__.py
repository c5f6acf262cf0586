"""APScheduler: the list of jobs, and who leads."""

from feedsvc.scheduling.scheduler import Scheduler

__all__ = ["Scheduler"]
