"""The codes in letters: six digits, good for ten minutes and five tries, kept only as a hash."""

import hmac
import secrets

from meetmates.accounts.hashing import digest

DIGITS = 6
MINUTES = 10
TTL = MINUTES * 60.0  # seconds
TRIES = 5


def new_code() -> str:
    """Six digits that nobody can foresee."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def code_hash(key: bytes, purpose: str, about: str, code: str) -> bytes:
    """What is kept of a code. It fits only the `purpose` and the thing `about` which it was sent."""
    return digest(key, purpose, about, code)


def fits(key: bytes, kept: bytes, purpose: str, about: str, code: str) -> bool:
    """Whether `code`, as somebody typed it, is the one. Spaces in it are ignored."""
    return hmac.compare_digest(kept, code_hash(key, purpose, about, "".join(code[:64].split())))
