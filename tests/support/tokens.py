"""Tokens, sound ones and forged ones, for a server that was started with `server.SECRET`."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from tests.support.server import SECRET

HEADER = {"alg": "HS256", "typ": "JWT"}


def claims(user: str = "ana", **changes: object) -> dict[str, object]:
    """What a sound token says; a change of `...` leaves the claim out."""
    now = int(time.time())
    sound: dict[str, object] = {
        "userId": user,
        "email": f"{user}@college.edu",
        "isGoogleUser": False,
        "iat": now,
        "exp": now + 3600,
        "jti": f"token-of-{user}",
        "iss": "meetmates",
        "aud": "meetmates",
    }
    return {name: value for name, value in (sound | changes).items() if value is not ...}


def token(user: str = "ana", **changes: object) -> str:
    """A token for the account `user`, truly signed."""
    return signed(HEADER, claims(user, **changes))


def signed(header: object, payload: object, key: bytes = SECRET.encode(), digest: Any = hashlib.sha256) -> str:
    """A token with any header and payload, whatever a library would say to it, and a true HMAC over both."""
    body = unsigned(header, payload)
    return body + encoded(hmac.digest(key, body[:-1].encode(), digest))


def unsigned(header: object, payload: object) -> str:
    """Header and payload with a dot behind each, and no signature."""
    return "".join(f"{encoded(json.dumps(part).encode())}." for part in (header, payload))


def encoded(part: bytes) -> str:
    """base64url without padding: RFC 7515, section 2."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
