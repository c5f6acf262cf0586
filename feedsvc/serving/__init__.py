"""waitress: bind, hand over, drain, and the front that answers feeds."""
