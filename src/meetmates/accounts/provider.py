"""What an OpenID provider publishes: where its endpoints are and what it signs with, each kept for its own lifetime.

OpenID Connect Discovery 1.0, RFC 7517 (keys), RFC 9111 (lifetimes).
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oidc.discovery import get_well_known_url  # type: ignore[import-untyped]
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from meetmates.accounts.backchannel import Answer, Backchannel, Unsound, is_trusted_address
from meetmates.ports import Clock

LIFETIME = 3600.0  # seconds, for what names none
SHORTEST, LONGEST = 10.0, 86400.0  # seconds: no request for each sign-in, and no key for ever
REST = 5.0  # seconds without another try after one that failed
NEW_KEYS_EVERY = 60.0  # seconds between looks for a key that is not among those we hold
KEY_TYPES = {"RS256": "RSA", "ES256": "EC"}  # the algorithms that we accept, and the keys that go with them
_MAX_AGE = re.compile(r'(?:^|,)\s*max-age\s*=\s*"?(\d{1,10})', re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|,)\s*no-(?:store|cache)\s*(?:,|$)", re.IGNORECASE)


@dataclass(slots=True)
class _Kept:
    """One document, fetched by one request however many ask; times are the steady clock's."""

    body: dict[str, Any] | None = None
    good_until: float = 0.0
    rest_until: float = -1.0
    why: str = ""


class Published:
    """A document at an address that is known only when it is needed."""

    def __init__(self, backchannel: Backchannel, clock: Clock, check: Callable[[dict[str, Any]], None]) -> None:
        """`check` raises `Unsound` for a document that is not to be used."""
        self._backchannel = backchannel
        self._clock = clock
        self._check = check
        self._kept = _Kept()
        self._one_at_a_time = asyncio.Lock()

    async def read(self, url: str, *, not_this: dict[str, Any] | None = None) -> dict[str, Any]:
        """The document, from memory while it is good and is `not_this`. Raises `Unsound`."""
        async with self._one_at_a_time:
            kept, now = self._kept, self._clock.now()
            if kept.body is not None and now < kept.good_until and kept.body is not not_this:
                return kept.body
            if now < kept.rest_until:
                raise Unsound(kept.why)
            try:
                answer = await self._backchannel.get(url)
                if answer.status != 200:
                    raise Unsound(f"provider answered {answer.status}")
                self._check(answer.body)
            except Unsound as unsound:
                kept.rest_until, kept.why = now + REST, str(unsound)
                raise
            self._kept = _Kept(answer.body, now + lifetime(answer))
            return answer.body


def lifetime(answer: Answer) -> float:
    """Seconds that `answer` may be kept for, by its own word, within our bounds."""
    control = answer.headers.get("cache-control", "")
    if _NOT_KEPT.search(control):
        return SHORTEST
    found = _MAX_AGE.search(control)
    if found is None:
        return LIFETIME
    age = answer.headers.get("age", "")
    passed = int(age) if age.isascii() and age.isdigit() and len(age) <= 10 else 0
    return min(max(float(int(found[1]) - passed), SHORTEST), LONGEST)


class Provider:
    """An OpenID provider by its `issuer`."""

    def __init__(self, issuer: str, backchannel: Backchannel, clock: Clock) -> None:
        """Raises `ValueError` for an `issuer` that is neither at an HTTPS address nor on this machine."""
        if not is_trusted_address(issuer, issuer):
            raise ValueError("an issuer is an address such as https://login.college.edu")
        self.issuer = issuer
        self._clock = clock
        self._metadata = Published(backchannel, clock, self._check_metadata)
        self._keys = Published(backchannel, clock, _check_keys)
        self._looked_again = float("-inf")

    async def metadata(self) -> dict[str, Any]:
        """What the provider says of itself. Raises `Unsound`."""
        return await self._metadata.read(get_well_known_url(self.issuer, external=True))

    async def endpoint(self, name: str) -> str:
        """The address of an endpoint, such as `token_endpoint`. Raises `Unsound`."""
        url = (await self.metadata()).get(name)
        if not isinstance(url, str) or not is_trusted_address(url, self.issuer):
            raise Unsound(f"provider has no sound {name}")
        return url

    async def key(self, header: Mapping[str, Any]) -> PyJWK:
        """The one key that a token with `header` may be signed with. Raises `Unsound`."""
        url = await self.endpoint("jwks_uri")
        keys = await self._keys.read(url)
        found = _fitting(keys, header)
        if not found and self._may_look_again():
            found = _fitting(await self._keys.read(url, not_this=keys), header)
        if len(found) != 1:
            raise Unsound("key unknown" if not found else "key ambiguous")
        try:
            return PyJWK(found[0], header["alg"])
        except (PyJWTError, ValueError, TypeError, KeyError):
            raise Unsound("key unusable") from None

    def _may_look_again(self) -> bool:
        now = self._clock.now()
        if now < self._looked_again + NEW_KEYS_EVERY:
            return False
        self._looked_again = now
        return True

    def _check_metadata(self, body: dict[str, Any]) -> None:
        if body.get("issuer") != self.issuer:  # Discovery, section 4.3: exactly
            raise Unsound("provider is another issuer")


def _check_keys(body: dict[str, Any]) -> None:
    if not isinstance(body.get("keys"), list):
        raise Unsound("provider published no keys")


def _fitting(keys: dict[str, Any], header: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The published keys that are for signatures of this algorithm and have the header's `kid`, if it has one."""
    alg, kid = header["alg"], header.get("kid")
    return [
        key
        for key in keys["keys"]
        if isinstance(key, dict)
        and key.get("kty") == KEY_TYPES[alg]
        and key.get("use", "sig") == "sig"
        and key.get("alg", alg) == alg
        and (kid is None or key.get("kid") == kid)
    ]
