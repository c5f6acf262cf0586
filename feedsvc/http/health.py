"""What is asked about the health of a process, and said of it, whoever answers."""

import json

ALIVE, READY = "/healthz", "/readyz"
RETRY_SECONDS = 30
ALIVE_BODY = "ok\n"
NO_FEED = "no feed has been rendered yet"
NO_DATABASE = "the database does not answer"
AWAY = "Pages cannot be shown at this moment; please come back shortly.\n"


def readiness(missing: list[str]) -> str:
    """Return what is said of a process that lacks this to serve."""
    return json.dumps({"missing": missing, "ready": not missing}, separators=(",", ":")) + "\n"
