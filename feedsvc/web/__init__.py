"""Flask: parse, call one function, answer."""
