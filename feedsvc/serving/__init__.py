"""waitress: bind, supervise, hand over, drain, and the front that answers feeds."""
