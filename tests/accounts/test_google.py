"""Sign-in with Google against a provider process: what is accepted, and every attack known with what it fails on."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from meetmates.accounts.backchannel import is_trusted_address
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.google import Google
from meetmates.accounts.identity import Identity
from meetmates.accounts.provider import NEW_KEYS_EVERY, REST
from tests.support.clock import HandClock
from tests.support.google import DISCOVERY, KEYS, RunningProvider, running_provider

CLIENT = "1234-abc.apps.googleusercontent.com"
FOREIGN = generate_private_key(65537, 2048)
PLENTY = 20.0  # seconds; only what never ends reaches it


@pytest.fixture(scope="module")
def process() -> Iterator[RunningProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def provider(process: RunningProvider) -> RunningProvider:
    process.behave()
    return process


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def google(provider: RunningProvider, http: httpx.AsyncClient, clock: HandClock, told: list[str]) -> Google:
    return Google(CLIENT, provider.url, http, clock, told.append, patience=PLENTY)


@pytest.fixture
def claims(provider: RunningProvider, clock: HandClock) -> dict[str, Any]:
    now = int(clock.wall())
    return {
        "iss": provider.url,
        "aud": CLIENT,
        "azp": CLIENT,
        "sub": "110169484474386276334",
        "email": "ana@college.edu",
        "email_verified": True,
        "hd": "college.edu",
        "name": "Ana",
        "iat": now,
        "nbf": now - 300,
        "exp": now + 3600,
    }


def header(kid: str = "rsa1", **more: object) -> dict[str, object]:
    return {"alg": "RS256", "typ": "JWT", "kid": kid, **more}


async def refusal(google: Google, token: str, told: list[str]) -> str:
    """Why `token` is refused: the operator hears it, and the person only that it was."""
    with pytest.raises(AccountRefused) as refused:
        await google.verify(token)
    assert refused.value.problem is Problem.SIGN_IN_FAILED
    assert refused.value.data == {}
    return told[-1]


Given = Callable[[RunningProvider, dict[str, Any]], str]


async def test_a_good_credential_says_who_it_is(
    google: Google, provider: RunningProvider, claims: dict[str, Any]
) -> None:
    identity = await google.verify(provider.sign(header(), claims))
    assert identity == Identity(provider.url, "110169484474386276334", "ana@college.edu", True, "Ana")


GOOD: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ES256": (header("ec1", alg="ES256"), {}),
    "an audience list of us alone": (header(), {"aud": [CLIENT]}),
    "clocks 25 s apart, behind": (header(), {"iat": 25, "nbf": 25}),
    "clocks 25 s apart, ahead": (header(), {"iat": -3625, "exp": -25}),
    "keys of an attacker in the header, unread": (header(jku="http://127.0.0.1:1/", x5u="http://127.0.0.1:1/"), {}),
    "no name": (header(), {"name": None}),
}


def at(clock: HandClock, changes: dict[str, Any]) -> dict[str, Any]:
    """Times in tables are seconds from now."""

    def moved(name: str, value: Any) -> Any:
        is_time = name in ("iat", "nbf", "exp") and isinstance(value, int) and not isinstance(value, bool)
        return int(clock.wall()) + value if is_time else value

    return {name: moved(name, value) for name, value in changes.items()}


@pytest.mark.parametrize("case", GOOD)
async def test_what_else_is_good(
    case: str, google: Google, provider: RunningProvider, claims: dict[str, Any], clock: HandClock
) -> None:
    head, changes = GOOD[case]
    identity = await google.verify(provider.sign(head, claims | at(clock, changes), head["kid"]))
    assert identity.email == "ana@college.edu"


CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "aud of somebody else": ({"aud": "5678-def.apps.googleusercontent.com"}, "audience"),
    "aud of us and others": ({"aud": [CLIENT, "other"]}, "audience"),
    "aud of us twice": ({"aud": [CLIENT, CLIENT]}, "audience"),
    "aud with our name in it": ({"aud": f"{CLIENT}.evil"}, "audience"),
    "aud an object": ({"aud": {CLIENT: True}}, "audience"),
    "aud null": ({"aud": None}, "audience"),
    "aud empty": ({"aud": []}, "audience"),
    "azp of somebody else": ({"azp": "5678-def.apps.googleusercontent.com"}, "party"),
    "azp null": ({"azp": None}, "party"),
    "iss of somebody else": ({"iss": "https://accounts.evil.test"}, "issuer"),
    "iss of Google, whom we did not choose": ({"iss": "https://accounts.google.com"}, "issuer"),
    "iss a list": ({"iss": ["https://accounts.google.com"]}, "issuer"),
    "iss null": ({"iss": None}, "issuer"),
    "expired": ({"iat": -3700, "exp": -31}, "expired"),
    "exp null": ({"exp": None}, "times"),
    "exp text": ({"exp": "1900000000"}, "times"),
    "exp true": ({"exp": True}, "times"),
    "exp beyond all years": ({"exp": 10**15}, "times"),
    "iat null": ({"iat": None}, "times"),
    "iat ahead": ({"iat": 31}, "not yet"),
    "nbf ahead": ({"nbf": 31}, "not yet"),
    "email_verified false": ({"email_verified": False}, "not verified"),
    'email_verified "true"': ({"email_verified": "true"}, "not verified"),
    "email_verified 1": ({"email_verified": 1}, "not verified"),
    "email_verified null": ({"email_verified": None}, "not verified"),
    "email null": ({"email": None}, "no address"),
    "email empty": ({"email": ""}, "no address"),
    "email a list": ({"email": ["ana@college.edu"]}, "no address"),
    "email with a line break": ({"email": "ana@college.edu\r\nBcc: eve@evil.test"}, "no address"),
    "email without end": ({"email": f"{'a' * 250}@college.edu"}, "no address"),
    "sub null": ({"sub": None}, "subject"),
    "sub empty": ({"sub": ""}, "subject"),
    "sub a number": ({"sub": 110169484474386276334}, "subject"),
    "sub without end": ({"sub": "1" * 256}, "subject"),
}


@pytest.mark.parametrize("case", CLAIMS)
async def test_claims_that_are_refused(
    case: str, google: Google, provider: RunningProvider, claims: dict[str, Any], clock: HandClock, told: list[str]
) -> None:
    changes, why = CLAIMS[case]
    assert why in await refusal(google, provider.sign(header(), claims | at(clock, changes)), told)


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "email", "email_verified", "iat", "exp"])
async def test_claims_that_are_missed(
    name: str, google: Google, provider: RunningProvider, claims: dict[str, Any], told: list[str]
) -> None:
    del claims[name]
    await refusal(google, provider.sign(header(), claims), told)


def foreign(claims: dict[str, Any], **head: object) -> str:
    return jwt.encode(claims, FOREIGN, "RS256", headers={"kid": "rsa1", **head})


def own_jwk() -> dict[str, Any]:
    jwk: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(FOREIGN.public_key(), as_dict=True)
    return jwk


def swapped(token: str, **changes: object) -> str:
    """`token` with other claims and its old signature."""
    head, payload, signature = token.split(".")
    old = json.loads(base64.urlsafe_b64decode(payload + "=="))
    new = base64.urlsafe_b64encode(json.dumps(old | changes).encode()).rstrip(b"=").decode()
    return f"{head}.{new}.{signature}"


TOKENS: dict[str, tuple[Given, str]] = {
    "a foreign key under our kid": (lambda p, c: foreign(c), "not signed"),
    "a foreign key in jwk": (lambda p, c: foreign(c, jwk=own_jwk()), "not signed"),
    "a foreign key behind jku": (lambda p, c: foreign(c, jku=f"{p.url}/foreign-keys"), "not signed"),
    "a foreign key behind x5u": (lambda p, c: foreign(c, x5u=f"{p.url}/foreign-keys"), "not signed"),
    "a kid that is an address": (lambda p, c: foreign(c, kid=f"{p.url}/foreign-keys"), "key unknown"),
    "a kid that climbs": (lambda p, c: foreign(c, kid="../../../../dev/null"), "key unknown"),
    "an unknown kid": (lambda p, c: p.sign(header("rsa9"), c), "key unknown"),
    "a kid of another type": (lambda p, c: p.sign(header(kid=["rsa1"]), c), "no token"),  # type: ignore[arg-type]
    "the kid of another key": (lambda p, c: p.sign(header("rsa1"), c, "rsa2"), "not signed"),
    "a kid in other letters": (lambda p, c: p.sign(header("RSA1"), c), "key unknown"),
    "alg none": (lambda p, c: p.sign(header(alg="none"), c, "none"), "algorithm"),
    "alg nOnE": (lambda p, c: p.sign(header(alg="nOnE"), c, "none"), "algorithm"),
    "RS256 without a signature": (lambda p, c: p.sign(header(), c, "none"), "not signed"),
    "HS256 with the public key": (lambda p, c: p.sign(header(alg="HS256"), c, "pem"), "algorithm"),
    "RS256 said, HMAC with the public key": (lambda p, c: p.sign(header(), c, "pem"), "not signed"),
    "alg missing": (lambda p, c: p.sign({"kid": "rsa1"}, c), "algorithm"),
    "alg a list": (lambda p, c: p.sign(header(alg=["RS256"]), c), "algorithm"),
    "alg RS512": (lambda p, c: p.sign(header(alg="RS512"), c), "algorithm"),
    "alg PS256": (lambda p, c: p.sign(header(alg="PS256"), c), "algorithm"),
    "alg of an elliptic key on an RSA key": (lambda p, c: p.sign(header(alg="ES256"), c), "key unknown"),
    "alg RS256 on an elliptic key": (lambda p, c: p.sign(header("ec1"), c, "ec1"), "key unknown"),
    "crit": (lambda p, c: p.sign(header(crit=["exp"]), c), "extensions"),
    "crit, and what it names": (lambda p, c: p.sign(header(crit=["x"], x=1), c), "extensions"),
    "b64 false": (lambda p, c: p.sign(header(b64=False), c), "extensions"),
    "header a list": (lambda p, c: p.sign([header()], c), "no token"),
    "claims a list": (lambda p, c: p.sign(header(), [c]), "not signed"),
    "claims text": (lambda p, c: p.sign(header(), "claims"), "not signed"),
    "other claims under an old signature": (lambda p, c: swapped(p.sign(header(), c), email="eve@college.edu"), "not signed"),
    "truncated": (lambda p, c: p.sign(header(), c)[:-10], "not signed"),
    "two parts": (lambda p, c: p.sign(header(), c).rpartition(".")[0], "no token"),
    "five parts": (lambda p, c: p.sign(header(), c) + ".a.b", "no token"),
    "empty": (lambda p, c: "", "no token"),
    "dots": (lambda p, c: "..", "no token"),
    "no base64": (lambda p, c: "!!!.!!!.!!!", "no token"),
    "no ASCII": (lambda p, c: p.sign(header(), c) + "é", "no token"),
    "half a character": (lambda p, c: p.sign(header(), c) + "\ud800", "no token"),
    "huge": (lambda p, c: p.sign(header(), c | {"more": "x" * 20_000}), "no token"),
    "a header that nests without sense": (lambda p, c: encoded(b"[" * 10_000) + ".e30.e30", "no token"),
}  # fmt: skip


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@pytest.mark.parametrize("case", TOKENS)
async def test_tokens_that_are_refused(
    case: str, google: Google, provider: RunningProvider, claims: dict[str, Any], told: list[str]
) -> None:
    make, why = TOKENS[case]
    assert why in await refusal(google, make(provider, claims), told)
    assert provider.asked("/foreign-keys") == 0


@pytest.mark.parametrize(
    ("key", "alg", "why"),
    [
        ("small", "RS256", "too small"),
        ("p384", "ES256", "unusable|not signed"),
        ("sealing", "RS256", "unknown"),
        ("other_use", "RS256", "unknown"),
        ("secret", "RS256", "unknown"),
    ],
)
async def test_published_keys_that_are_not_for_this(
    key: str, alg: str, why: str, google: Google, provider: RunningProvider, claims: dict[str, Any], told: list[str]
) -> None:
    provider.behave(keys=["rsa1", key])
    reason = await refusal(google, provider.sign(header(key, alg=alg), claims, key), told)
    assert any(part in reason for part in why.split("|"))


async def test_two_keys_of_one_kid_are_none(
    google: Google, provider: RunningProvider, claims: dict[str, Any], told: list[str]
) -> None:
    provider.behave(keys=["rsa1", "rsa1"])
    assert await refusal(google, provider.sign(header(), claims), told) == "key ambiguous"


async def test_a_token_without_a_kid_needs_a_single_key(
    google: Google, provider: RunningProvider, clock: HandClock, claims: dict[str, Any], told: list[str]
) -> None:
    token = provider.sign({"alg": "RS256"}, claims)
    assert (await google.verify(token)).email == "ana@college.edu"
    provider.behave(keys=["rsa1", "rsa2"])
    clock.advance(3601)
    assert await refusal(google, token, told) == "key ambiguous"


# --- keys, and how long they are kept


@pytest.mark.parametrize(
    ("control", "seconds"),
    [
        ({"Cache-Control": "public, max-age=600, must-revalidate"}, 600),
        ({"Cache-Control": "Max-Age=600"}, 600),
        ({"Cache-Control": "max-age=900", "Age": "300"}, 600),
        ({"Cache-Control": "s-maxage=5, max-age=600"}, 600),
        ({}, 3600),
        ({"Cache-Control": "max-age=rubbish"}, 3600),
        ({"Cache-Control": "max-age=9999999999"}, 86400),
        ({"Cache-Control": "max-age=0"}, 10),
        ({"Cache-Control": "no-store, max-age=600"}, 10),
        ({"Cache-Control": "max-age=600", "Age": "9999"}, 10),
    ],
)
async def test_keys_are_kept_for_their_own_lifetime(
    control: dict[str, str],
    seconds: int,
    provider: RunningProvider,
    http: httpx.AsyncClient,
    clock: HandClock,
    claims: dict[str, Any],
) -> None:
    provider.behave(headers=control)
    google = Google(CLIENT, provider.url, http, clock, patience=PLENTY)
    token = provider.sign(header(), claims | {"exp": int(clock.wall()) + 200_000})
    for _ in range(3):
        await google.verify(token)
    clock.advance(seconds - 1)
    await google.verify(token)
    assert (provider.asked(KEYS), provider.asked(DISCOVERY)) == (1, 1)
    clock.advance(2)
    await google.verify(token)
    assert (provider.asked(KEYS), provider.asked(DISCOVERY)) == (2, 2)


async def test_a_key_that_was_withdrawn_is_good_no_longer_than_that(
    google: Google, provider: RunningProvider, clock: HandClock, claims: dict[str, Any], told: list[str]
) -> None:
    provider.behave(headers={"Cache-Control": "max-age=600"})
    token = provider.sign(header(), claims)
    await google.verify(token)
    provider.behave(keys=["ec1"])
    await google.verify(token)
    clock.advance(601)
    assert await refusal(google, token, told) == "key unknown"


async def test_new_keys_are_looked_for_when_one_is_unknown(
    google: Google, provider: RunningProvider, claims: dict[str, Any]
) -> None:
    await google.verify(provider.sign(header(), claims))
    provider.behave(keys=["rsa2"])
    assert (await google.verify(provider.sign(header("rsa2"), claims, "rsa2"))).is_google
    assert (provider.asked(KEYS), provider.asked(DISCOVERY)) == (1, 0)


async def test_unknown_keys_are_no_way_to_make_us_ask_without_end(
    google: Google, provider: RunningProvider, clock: HandClock, claims: dict[str, Any], told: list[str]
) -> None:
    for number in range(20):
        await refusal(google, provider.sign(header(f"made-up-{number}"), claims), told)
    assert provider.asked(KEYS) == 2
    clock.advance(NEW_KEYS_EVERY + 1)
    await refusal(google, provider.sign(header("made-up"), claims), told)
    assert provider.asked(KEYS) == 3


async def test_many_at_once_ask_once(google: Google, provider: RunningProvider, claims: dict[str, Any]) -> None:
    token = provider.sign(header(), claims)
    await asyncio.gather(*(google.verify(token) for _ in range(50)))
    assert (provider.asked(KEYS), provider.asked(DISCOVERY)) == (1, 1)


# --- a provider that misbehaves


WAYS = {
    "down": "not reached",
    "huge": "too much",
    "packed": "packed",
    "rubbish": "no JSON",
    "a_list": "no JSON object",
    "deep": "no JSON",
    "empty": "provider",
    "broken": "answered 500",
    "elsewhere": "answered 302",
}


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
@pytest.mark.parametrize("way", WAYS)
async def test_a_provider_that_misbehaves_lets_nobody_in(
    way: str,
    path: str,
    google: Google,
    provider: RunningProvider,
    clock: HandClock,
    claims: dict[str, Any],
    told: list[str],
) -> None:
    provider.behave(modes={path: way})
    token = provider.sign(header(), claims)
    assert WAYS[way] in await refusal(google, token, told)
    assert WAYS[way] in await refusal(google, token, told)
    assert provider.asked(path) == 1  # it is left alone for a moment
    assert provider.asked(path + "?elsewhere") == 0
    provider.behave()
    clock.advance(REST + 0.1)
    assert (await google.verify(token)).is_google


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
async def test_a_provider_that_is_slow_costs_a_limited_time(
    path: str,
    provider: RunningProvider,
    http: httpx.AsyncClient,
    clock: HandClock,
    claims: dict[str, Any],
    told: list[str],
) -> None:
    google = Google(CLIENT, provider.url, http, clock, told.append, patience=0.3)
    provider.behave(modes={path: "slow"})
    assert await refusal(google, provider.sign(header(), claims), told) == "provider too slow"


async def test_nobody_listens_there(
    http: httpx.AsyncClient, clock: HandClock, told: list[str], provider: RunningProvider, claims: dict[str, Any]
) -> None:
    google = Google(CLIENT, "http://127.0.0.1:1", http, clock, told.append)
    assert "not reached" in await refusal(google, provider.sign(header(), claims), told)


DESCRIPTIONS: dict[str, dict[str, Any]] = {
    "of another issuer": {"issuer": "https://accounts.evil.test"},
    "of an issuer with a slash more": {"issuer": "http://127.0.0.1/"},
    "of no issuer": {"issuer": None},
    "without keys": {"jwks_uri": None},
    "with keys in clear text elsewhere": {"jwks_uri": "http://keys.evil.test/keys"},
    "with keys in a file": {"jwks_uri": "file:///etc/passwd"},
    "with keys behind a password": {"jwks_uri": "https://a:b@127.0.0.1/keys"},
    "with keys that are no address": {"jwks_uri": ["https://127.0.0.1/keys"]},
}


@pytest.mark.parametrize("case", DESCRIPTIONS)
async def test_descriptions_that_are_refused(
    case: str, google: Google, provider: RunningProvider, claims: dict[str, Any], told: list[str]
) -> None:
    provider.behave(description=DESCRIPTIONS[case])
    reason = await refusal(google, provider.sign(header(), claims), told)
    assert reason in ("provider is another issuer", "provider has no sound jwks_uri")
    assert provider.asked(KEYS) == 0


@pytest.mark.parametrize(
    "issuer",
    ["http://accounts.google.com", "ftp://127.0.0.1", "127.0.0.1:9000", "", "https://a:b@c.d", "https://c.d/#e"],
)
async def test_what_is_no_issuer(issuer: str, http: httpx.AsyncClient, clock: HandClock) -> None:
    with pytest.raises(ValueError, match="issuer"):
        Google(CLIENT, issuer, http, clock)


@pytest.mark.parametrize("url", ["http://localhost:1/", "http://[::1]/", "http://127.0.0.1/", "https://keys.test/"])
def test_a_provider_on_this_machine_may_do_without_tls(url: str) -> None:
    assert is_trusted_address(url, "http://127.0.0.1:9000")
    assert is_trusted_address(url, "https://login.college.edu") == url.startswith("https")


# --- as Google itself is


class Detour(httpx.AsyncHTTPTransport):
    """Takes what would go to Google to the provider of the tests."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return await super().handle_async_request(request)


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
async def test_google_spells_its_name_in_two_ways(
    issuer: str, provider: RunningProvider, clock: HandClock, claims: dict[str, Any]
) -> None:
    provider.behave(
        description={"issuer": "https://accounts.google.com", "jwks_uri": f"https://www.googleapis.com{KEYS}"}
    )
    async with httpx.AsyncClient(transport=Detour(urlsplit(provider.url).port or 0)) as http:
        google = Google(CLIENT, "https://accounts.google.com", http, clock)
        identity = await google.verify(provider.sign(header(), claims | {"iss": issuer}))
    assert identity.issuer == "https://accounts.google.com"
