"""Texts that only the moderation console may read: sealed before they reach the database."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"  # the first byte of everything sealed: AES-256-GCM, nonce, cipher text with its tag
NONCE = 12  # bytes; NIST SP 800-38D, section 8.2.2: random ones of this length, for up to 2^32 texts a key
TAG = 16  # bytes


class Unreadable(ValueError):  # noqa: N818 - what it is, not what went wrong
    """Sealed with another key or about something else, or changed since."""


class Sealer:
    """Seals with a key worked out from `key`, which itself is random and at least 32 bytes long."""

    def __init__(self, key: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"meetmates sealed 1").derive(key)
        self._cipher = AESGCM(derived)

    def seal(self, plain: bytes, about: str) -> bytes:
        """`plain` as it may be stored; `about` names its place and must be said again to open it."""
        nonce = os.urandom(NONCE)
        return VERSION + nonce + self._cipher.encrypt(nonce, plain, VERSION + about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """What was sealed. Raises `Unreadable`."""
        version, nonce, rest = sealed[:1], sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        if version != VERSION or len(rest) < TAG:
            raise Unreadable("not sealed by this version")
        try:
            return self._cipher.decrypt(nonce, rest, VERSION + about.encode())
        except InvalidTag:
            raise Unreadable("sealed with another key, or changed") from None
