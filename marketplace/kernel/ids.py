"""Public ids: short, sayable, unguessable enough to be typed, never a row's primary key."""

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, 1/I: people read these aloud


def new_public_id(prefix: str, *, length: int = 8) -> str:
    """Return a fresh id such as ``L-7Q2K9F3M``: 5 bits of randomness a character."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_token() -> str:
    """Return 256 bits for a bearer link or cookie, URL-safe."""
    return secrets.token_urlsafe(32)
