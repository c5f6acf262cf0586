"""The command line: one module a command group, imported when it is asked for."""

from feedsvc.cli.root import main, program

__all__ = ["main", "program"]
