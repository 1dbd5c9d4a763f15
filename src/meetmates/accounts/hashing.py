"""Keyed hashes: what opens a door is kept as one, and an account's id is the one of its mailbox."""

import base64
import hashlib
import hmac

ID_CHARACTERS = 22  # of base64: 132 bits


def digest(key: bytes, *parts: str) -> bytes:
    """HMAC-SHA256 over `parts`. The first names the purpose, so that a hash made for one thing fits no other."""
    text = "\x00".join(parts)
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)  # half a character is hashed too


def account_id(key: bytes, mailbox: str) -> str:
    """The id of whoever owns `mailbox`: always the same, and it cannot be told without the key."""
    return "u" + encoded(digest(key, "account", mailbox))[:ID_CHARACTERS]


def encoded(value: bytes) -> str:
    """base64url without padding: RFC 4648, section 5."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
