"""ID tokens: OpenID Connect Core 1.0 section 3.1.3.7, read strictly. RFC 8725 for everything that can be got wrong."""

import json
from collections.abc import Collection, Mapping
from typing import Any

import jwt
from jwt.utils import base64url_decode

from meetmates.accounts.backchannel import Unsound
from meetmates.accounts.provider import KEY_TYPES, Provider

MAX_ID_TOKEN = 16 * 1024  # bytes; nothing longer is even looked at
MAX_SUBJECT = 255  # characters: Core, section 2
MAX_ADDRESS = 254  # characters: RFC 5321 section 4.5.3.1.3, without the angle brackets
MAX_NAME = 100  # characters that are kept
LEEWAY = 30.0  # seconds by which the clocks of two machines may differ
SMALLEST_RSA = 2048  # bits: RFC 7518, section 3.3
_ONLY_SIGNATURE: dict[str, Any] = {
    "verify_signature": True,
    **{f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")},
}


async def read_id_token(
    raw: str, provider: Provider, *, issuers: Collection[str], audience: str, now: float
) -> Mapping[str, Any]:
    """The claims of a token that `provider` signed for `audience`; `now` is in seconds since the epoch.

    Raises `Unsound`.
    """
    header = _header(raw)
    key = await provider.key(header)
    if getattr(key.key, "key_size", SMALLEST_RSA) < SMALLEST_RSA and key.key_type == "RSA":
        raise Unsound("key too small")
    try:
        claims: Mapping[str, Any] = jwt.decode(raw, key, algorithms=[header["alg"]], options=_ONLY_SIGNATURE)  # type: ignore[arg-type]
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise Unsound("token not signed by the provider") from None
    _check_origin(claims, issuers, audience)
    _check_times(claims, now)
    return claims


def subject(claims: Mapping[str, Any]) -> str:
    """Who it is at the provider. Raises `Unsound`."""
    value = claims.get("sub")
    if not isinstance(value, str) or not 0 < len(value) <= MAX_SUBJECT or not value.isascii():
        raise Unsound("token without a subject")
    return value


def verified_address(claims: Mapping[str, Any]) -> str:
    """The address that the provider has verified: `true` and nothing that looks like it. Raises `Unsound`."""
    address = claims.get("email")
    if not isinstance(address, str) or not 0 < len(address) <= MAX_ADDRESS or not address.isprintable():
        raise Unsound("no address")
    if claims.get("email_verified") is not True:
        raise Unsound("address not verified")
    return address


def name(claims: Mapping[str, Any]) -> str | None:
    """The name that the provider tells, if it can be shown."""
    value = claims.get("name")
    return value[:MAX_NAME] if isinstance(value, str) and value.strip() and value.isprintable() else None


def _header(raw: str) -> Mapping[str, Any]:
    """Only what picks the key is taken from it; no key, and no address of one, ever is."""
    if len(raw) > MAX_ID_TOKEN or not raw.isascii() or raw.count(".") != 2:
        raise Unsound("no token")
    try:
        header = json.loads(base64url_decode(raw.partition(".")[0]))
    except (ValueError, RecursionError):
        raise Unsound("no token") from None
    if not isinstance(header, dict):
        raise Unsound("no token")
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or alg not in KEY_TYPES:
        raise Unsound("token of another algorithm")
    if "crit" in header or "b64" in header:  # RFC 7515, section 4.1.11: no extension is understood here
        raise Unsound("token with extensions")
    if kid is not None and not isinstance(kid, str):
        raise Unsound("no token")
    return header


def _check_origin(claims: Mapping[str, Any], issuers: Collection[str], audience: str) -> None:
    issuer, aud = claims.get("iss"), claims.get("aud")
    if not isinstance(issuer, str) or issuer not in issuers:
        raise Unsound("token of another issuer")
    if aud not in (audience, [audience]):  # nobody else's tokens, and none that is for others too
        raise Unsound("token for another audience")
    if claims.get("azp", audience) != audience:
        raise Unsound("token for another party")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expires, issued, start = (_time(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None:
        raise Unsound("token without its times")
    if expires <= now - LEEWAY:
        raise Unsound("token expired")
    if max(issued, start or 0.0) > now + LEEWAY:
        raise Unsound("token not yet valid")


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        raise Unsound("token with impossible times")
    return float(value)
