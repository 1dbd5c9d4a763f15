"""How tokens are made: signed ones that open everything for minutes, and opaque ones that fetch the next pair."""

import secrets
from dataclasses import dataclass
from typing import Any

from meetmates.accounts.hashing import digest, encoded
from meetmates.accounts.tokens import make_token

MARK = "mmr_"  # so that whoever finds one in a log knows what it is
TOKEN_BYTES = 32
MAX_TOKEN = 128  # characters; nothing longer is hashed whole, and none of ours is as long


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client holds. Times are seconds since the epoch."""

    access: str
    refresh: str
    access_expires_at: float
    refresh_expires_at: float
    session_id: str


class Issuer:
    """Makes both kinds for one server, or for several with the same keys."""

    def __init__(self, secret: bytes, key: bytes, issuer: str, audience: str, access_ttl: float) -> None:
        """`secret` signs, `key` hashes; `access_ttl` is in seconds."""
        self._secret = secret
        self._key = key
        self._issuer = issuer
        self._audience = audience
        self._access_ttl = access_ttl

    def first(self) -> str:
        """The refresh token of a new session: 256 random bits."""
        return MARK + secrets.token_urlsafe(TOKEN_BYTES)

    def successor(self, raw: str) -> str:
        """The refresh token that follows `raw`: always the same, and nobody can tell it without the key."""
        return MARK + encoded(digest(self._key, "successor", raw))

    def kept(self, raw: str) -> bytes:
        """What is kept of a refresh token."""
        return digest(self._key, "refresh", raw[:MAX_TOKEN])

    def tokens(
        self, account: Any, session_id: str, refresh: str, *, second_factor: bool, now: float, until: float
    ) -> Tokens:
        """A pair for the row `account`: `refresh`, good `until` then, and a new access token."""
        extra: dict[str, object] = {
            "sid": session_id,
            "role": account.role,
            "amr": ["pwd", "otp"] if second_factor else ["pwd"],  # RFC 8176
        }
        if account.campus_id is not None:
            extra["campus"] = account.campus_id
        access = make_token(
            self._secret,
            user_id=account.id,
            email=account.email,
            now=now,
            ttl=self._access_ttl,
            token_id=secrets.token_urlsafe(12),
            issuer=self._issuer,
            audience=self._audience,
            is_google_user=bool(account.is_google),
            extra=extra,
        )
        return Tokens(access, refresh, float(int(now + self._access_ttl)), until, session_id)
