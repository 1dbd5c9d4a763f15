"""Tokens: who a person is, proved by a signature. RFC 7519, and RFC 8725 for everything that can be got wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

MAX_TOKEN = 8192  # bytes; nothing longer is even looked at
MAX_USER_ID = 128  # characters
MAX_EMAIL = 320  # characters: 64 before the @ and 255 behind it, RFC 5321 section 4.5.3.1
MAX_SESSION_ID = 128  # characters
LEEWAY = 30.0  # seconds by which the clocks of two machines may differ
REFRESH_MARKS = ("typ", "type", "use", "token_use")  # claims by which others mark refresh tokens
_NO_CHECKS = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


class TokenRefused(Exception):  # noqa: N818 - an answer, not an error
    """The token is not accepted; `code` is `token_invalid` or `token_expired`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says. `expires_at` is in seconds since the epoch."""

    user_id: str
    email: str | None
    is_google_user: bool
    expires_at: float
    token_id: str
    session_id: str | None = None  # the sign-in that it came from; none in tokens that others made
    second_factor: bool = False  # whether a code was shown at that sign-in


class TokenVerifier:
    """Checks tokens against keys that are fixed here: none ever comes from a token's own header."""

    def __init__(
        self, secret: bytes, public_keys: Sequence[str], issuer: str, audience: str, leeway: float = LEEWAY
    ) -> None:
        """`secret` is for HS256; `public_keys` are PEM texts for EdDSA and RS256."""
        self._issuer = issuer
        self._audience = audience
        self._leeway = leeway
        self._keys: list[tuple[list[str], Any]] = [(["HS256"], secret)]  # the one algorithm that each key is for
        for pem in public_keys:
            algorithm, key = _load_public_key(pem)
            self._keys.append(([algorithm], key))

    def verify(self, raw: str, now: float) -> Claims:
        """The claims of `raw` at the time `now` (seconds since the epoch). Raises `TokenRefused`."""
        payload = self._signed_payload(raw)
        expires_at = _time(payload, "exp")
        if expires_at is None or payload.get("iss") != self._issuer or payload.get("aud") != self._audience:
            raise TokenRefused("token_invalid")
        for name in ("nbf", "iat"):
            start = _time(payload, name)
            if start is not None and start > now + self._leeway:
                raise TokenRefused("token_invalid")
        if any("refresh" in str(payload.get(mark, "")).lower() for mark in REFRESH_MARKS):
            raise TokenRefused("token_invalid")
        claims = _claims(payload, expires_at)
        if expires_at <= now - self._leeway:
            raise TokenRefused("token_expired")
        return claims

    def _signed_payload(self, raw: str) -> Mapping[str, Any]:
        if len(raw) > MAX_TOKEN or not raw.isascii() or "=" in raw:  # RFC 7515, section 2: no padding
            raise TokenRefused("token_invalid")
        for algorithms, key in self._keys:
            try:
                token = jwt.decode_complete(raw, key, algorithms=algorithms, options=_NO_CHECKS)  # type: ignore[arg-type]
            except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError):
                continue
            except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
                break
            header = token["header"]
            if "crit" in header or "b64" in header or "refresh" in str(header.get("typ", "")).lower():
                break  # RFC 7515, section 4.1.11: no extension is understood here
            payload: Mapping[str, Any] = token["payload"]
            return payload
        raise TokenRefused("token_invalid")


def bearer(value: object) -> str | None:
    """The token in `Bearer <jwt>` or a bare `<jwt>`; None where there is none. Raises `TokenRefused` for no string."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise TokenRefused("token_invalid")
    scheme, _, rest = value.strip().partition(" ")
    return _some(rest) if scheme.lower() == "bearer" else value


def from_header(value: str | None) -> str | None:
    """The token of an `Authorization` header; None for other schemes, which are a proxy's business.

    Raises `TokenRefused` for `Bearer` with nothing behind it.
    """
    if value is None or not value.strip():
        return None
    scheme, space, rest = value.strip().partition(" ")
    if scheme.lower() == "bearer":
        return _some(rest)
    return None if space else scheme


def _some(rest: str) -> str:
    """A `Bearer` that bears nothing is no guest: whoever sends it meant to be somebody."""
    if not rest.strip():
        raise TokenRefused("token_invalid")
    return rest.strip()


def make_token(
    secret: bytes,
    *,
    user_id: str,
    email: str,
    now: float,
    ttl: float,
    token_id: str,
    issuer: str = "meetmates",
    audience: str = "meetmates",
    is_google_user: bool = False,
    extra: Mapping[str, object] | None = None,
) -> str:
    """A token signed with `secret` (HS256), valid from `now` for `ttl` seconds. `extra` replaces no other claim."""
    claims = {
        **(extra or {}),
        "userId": user_id,
        "email": email,
        "isGoogleUser": is_google_user,
        "iat": int(now),
        "exp": int(now + ttl),
        "jti": token_id,
        "iss": issuer,
        "aud": audience,
    }
    return jwt.encode(claims, secret, algorithm="HS256")


def _load_public_key(pem: str) -> tuple[str, Any]:
    """The algorithm and the key of a PEM text. Raises `ValueError`."""
    key = load_pem_public_key(pem.encode())
    if isinstance(key, Ed25519PublicKey | Ed448PublicKey):
        return "EdDSA", key
    if isinstance(key, RSAPublicKey) and key.key_size >= 2048:  # RFC 7518, section 3.3
        return "RS256", key
    raise ValueError("a public key must be Ed25519, Ed448, or RSA of at least 2048 bits")


def _time(payload: Mapping[str, Any], name: str) -> float | None:
    value = payload.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        raise TokenRefused("token_invalid")
    return float(value)


def _claims(payload: Mapping[str, Any], expires_at: float) -> Claims:
    user_id, email, token_id = payload.get("userId"), payload.get("email"), payload.get("jti")
    if isinstance(user_id, int) and not isinstance(user_id, bool):
        user_id = str(user_id)
    if not isinstance(user_id, str) or not user_id.strip() or not _sound(user_id, MAX_USER_ID):
        raise TokenRefused("token_invalid")
    if not _sound(email, MAX_EMAIL) or not _sound(token_id, MAX_TOKEN):
        raise TokenRefused("token_invalid")
    return Claims(
        user_id,
        email or None,
        payload.get("isGoogleUser") is True,
        expires_at,
        token_id or "",
        _session_id(payload),
        _second_factor(payload),
    )


def _session_id(payload: Mapping[str, Any]) -> str | None:
    """Others may mean something else by `sid`; what is no id of ours is none."""
    session_id = payload.get("sid")
    return session_id if session_id and isinstance(session_id, str) and _sound(session_id, MAX_SESSION_ID) else None


def _second_factor(payload: Mapping[str, Any]) -> bool:
    """RFC 8176: the ways in which the person was recognised. Without a session of ours they prove nothing here."""
    ways = payload.get("amr")
    return _session_id(payload) is not None and isinstance(ways, list) and "otp" in ways


def _sound(value: object, longest: int) -> bool:
    """None, or text that can be sent and looked up.

    JSON can name half a character, a lone surrogate, which no frame can hold, and the character 0, which not every
    database can.
    """
    if value is None:
        return True
    if not isinstance(value, str) or len(value) > longest:
        return False
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value)
