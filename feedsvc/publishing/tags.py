"""Entity tags come from the bytes, so they change when those do and only then."""

from hashlib import sha256


def entity_tag(coded: bytes) -> str:
    """Return the entity tag of coded bytes, without quotes."""
    return sha256(coded).hexdigest()[:32]
