"""Protocol rules as pure functions: strings in, decisions out."""
