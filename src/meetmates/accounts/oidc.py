"""Campus single sign-on: OpenID Connect Core 1.0 by authorization code, at any provider.

RFC 6749, RFC 7636 (PKCE), RFC 9207 (issuer in the answer), RFC 9700 (everything that can be got wrong).
This file is long because one sign-in, from leaving to coming back, reads best on one page.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus

import httpx
from authlib.oauth2.auth import ClientAuth  # type: ignore[import-untyped]
from authlib.oauth2.client import OAuth2Client  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.parameters import prepare_token_request  # type: ignore[import-untyped]
from cryptography.fernet import Fernet, InvalidToken

from meetmates.accounts.backchannel import PATIENCE, Backchannel, Unsound
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.id_tokens import name, read_id_token, subject, verified_address
from meetmates.accounts.identity import Identity
from meetmates.accounts.provider import Provider
from meetmates.ports import Clock

STATE_TTL = 600  # seconds that somebody may take at the provider
MAX_COOKIE = 4096  # characters; browsers keep no longer ones
MAX_PARAMETER = 4096  # characters of what comes back
MAX_USED = 100_000  # states remembered as used
SCOPE = "openid email"  # nothing else is needed
_BEARER = re.compile(r"[\x21-\x7e]+")  # RFC 6750 section 2.1 allows fewer, and not every provider keeps to it
_FORM = "application/x-www-form-urlencoded"


class Attempts:
    """What one sign-in must remember between leaving for the provider and coming back: sealed, in the person's cookie.

    A used one is remembered here for as long as its cookie would be good.
    """

    def __init__(self, secret: bytes, clock: Clock) -> None:
        """`secret` is the server's; the key is derived from it."""
        key = hmac.digest(secret, b"meetmates single sign-on", hashlib.sha256)
        self._fernet = Fernet(base64.urlsafe_b64encode(key))
        self._clock = clock
        self._used: dict[str, float] = {}  # state -> when it is forgotten, the earliest first

    def begin(self, issuer: str) -> tuple[dict[str, str], str]:
        """A new attempt, and the cookie that holds it."""
        attempt = {part: secrets.token_urlsafe(32) for part in ("state", "nonce", "verifier")} | {"issuer": issuer}
        sealed = self._fernet.encrypt_at_time(json.dumps(attempt).encode(), int(self._clock.wall()))
        return attempt, sealed.decode()

    def resume(self, cookie: str | None, state: str) -> dict[str, str]:
        """The attempt in the cookie, if it is that of `state`; once. Raises `Unsound`."""
        if not cookie or len(cookie) > MAX_COOKIE or not cookie.isascii():
            raise Unsound("no sign-in was begun in this browser")
        now = self._clock.wall()
        try:
            opened = self._fernet.decrypt_at_time(cookie, STATE_TTL, int(now))
        except InvalidToken:
            raise Unsound("the sign-in was not begun here, or too long ago") from None
        attempt: dict[str, str] = json.loads(opened)
        if not hmac.compare_digest(attempt["state"].encode(), state.encode()):
            raise Unsound("the answer is to another sign-in")
        self._use(state, now)
        return attempt

    def _use(self, state: str, now: float) -> None:
        while self._used and (len(self._used) >= MAX_USED or next(iter(self._used.values())) <= now):
            del self._used[next(iter(self._used))]
        if state in self._used:
            raise Unsound("the answer came before")
        self._used[state] = now + STATE_TTL + 60


class SingleSignOn:
    """Sign-in at one provider, as the client `client_id`."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        redirect_uri: str,
        http: httpx.AsyncClient,
        clock: Clock,
        secret: bytes,
        failed: Callable[[str], None] = lambda why: None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        """`secret` seals the cookie; `failed` is told why a sign-in was refused, in a few words about nobody.

        Raises `ValueError` for an `issuer` that is neither at an HTTPS address nor on this machine.
        """
        self._backchannel = Backchannel(http, patience)
        self._provider = Provider(issuer, self._backchannel, clock)
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._attempts = Attempts(secret, clock)
        self._failed = failed

    async def start(self) -> tuple[str, str]:
        """Where to send the browser, and the value of its cookie: good for ten minutes. Raises `AccountRefused`."""
        try:
            endpoint = await self._provider.endpoint("authorization_endpoint")
        except Unsound as unsound:
            raise self._refusal(unsound) from unsound
        attempt, cookie = self._attempts.begin(self._provider.issuer)
        client = OAuth2Client(
            None,
            client_id=self._client_id,
            scope=SCOPE,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
        )
        url, _ = client.create_authorization_url(
            endpoint, state=attempt["state"], code_verifier=attempt["verifier"], nonce=attempt["nonce"]
        )
        return url, cookie

    async def finish(self, parameters: Mapping[str, str], cookie: str | None) -> Identity:
        """Who has come back with these query `parameters`. Raises `AccountRefused`."""
        try:
            attempt = self._attempts.resume(cookie, _parameter(parameters, "state"))
            await self._check_sender(parameters, attempt)
            if "error" in parameters:
                raise Unsound("the provider refused")
            tokens = await self._redeem(_parameter(parameters, "code"), attempt)
            return await self._identity(tokens, attempt)
        except Unsound as unsound:
            raise self._refusal(unsound) from unsound

    async def _check_sender(self, parameters: Mapping[str, str], attempt: Mapping[str, str]) -> None:
        """RFC 9207: an answer that another provider was tricked out of must not reach this one."""
        if attempt["issuer"] != self._provider.issuer:
            raise Unsound("the answer is to another sign-in")
        promised = (await self._provider.metadata()).get("authorization_response_iss_parameter_supported") is True
        sender = parameters.get("iss")
        if sender != self._provider.issuer and (promised or sender is not None):
            raise Unsound("the answer is another issuer's")

    async def _redeem(self, code: str, attempt: Mapping[str, str]) -> dict[str, Any]:
        """The tokens for a code (RFC 6749 section 4.1.3)."""
        url = await self._provider.endpoint("token_endpoint")
        form = prepare_token_request(
            "authorization_code", redirect_uri=self._redirect_uri, code=code, code_verifier=attempt["verifier"]
        )
        headers = {"Content-Type": _FORM}
        _, headers, form = (await self._client_auth()).prepare("POST", url, headers, form)
        answer = await self._backchannel.post(url, headers, form)
        if answer.status != 200:
            raise Unsound(f"provider answered {answer.status} for the code")
        return answer.body

    async def _client_auth(self) -> ClientAuth:
        """How we prove who we are: the first that both sides know (Discovery section 3 names the default)."""
        if self._client_secret is None:
            return ClientAuth(self._client_id, None, "none")
        metadata = await self._provider.metadata()
        offered = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if not isinstance(offered, list):
            offered = []
        if "client_secret_basic" in offered:  # RFC 6749 section 2.3.1: each part encoded as in a form
            return ClientAuth(quote_plus(self._client_id), quote_plus(self._client_secret), "client_secret_basic")
        if "client_secret_post" in offered:
            return ClientAuth(self._client_id, self._client_secret, "client_secret_post")
        raise Unsound("provider takes no password")

    async def _identity(self, tokens: Mapping[str, Any], attempt: Mapping[str, str]) -> Identity:
        raw = tokens.get("id_token")
        if not isinstance(raw, str):
            raise Unsound("provider gave no ID token")
        issuer = self._provider.issuer
        claims = await read_id_token(
            raw, self._provider, issuers=(issuer,), audience=self._client_id, now=self._clock.wall()
        )
        if claims.get("nonce") != attempt["nonce"]:
            raise Unsound("token of another sign-in")
        who = subject(claims)
        if "email" not in claims:
            claims = await self._user_info(tokens, who)
        return Identity(issuer, who, verified_address(claims), False, name(claims))

    async def _user_info(self, tokens: Mapping[str, Any], who: str) -> Mapping[str, Any]:
        """Where addresses are told by providers that leave them out of the token (Core section 5.4)."""
        access, kind = tokens.get("access_token"), tokens.get("token_type")
        if not isinstance(access, str) or not _BEARER.fullmatch(access) or str(kind).lower() != "bearer":
            raise Unsound("no address")
        url = await self._provider.endpoint("userinfo_endpoint")
        answer = await self._backchannel.get(url, {"Authorization": f"Bearer {access}"})
        if answer.status != 200:
            raise Unsound(f"provider answered {answer.status} for the address")
        if answer.body.get("sub") != who:  # Core section 5.3.2: else it is somebody else's
            raise Unsound("the address is somebody else's")
        return answer.body

    def _refusal(self, unsound: Unsound) -> AccountRefused:
        self._failed(str(unsound))
        return AccountRefused(Problem.SIGN_IN_FAILED)


def _parameter(parameters: Mapping[str, str], name: str) -> str:
    value = parameters.get(name, "")
    if not 0 < len(value) <= MAX_PARAMETER or not value.isascii() or not value.isprintable():
        raise Unsound(f"the answer has no {name}")
    return value
