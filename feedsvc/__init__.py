"""feedsvc: a self-hosted RSS, Atom and JSON Feed service for newsrooms."""

__version__ = "0.1.0"
