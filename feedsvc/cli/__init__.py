"""The command line: one module a command group, imported when it is asked for."""

from feedsvc.cli.root import main

__all__ = ["main"]
