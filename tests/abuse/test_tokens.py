"""Tokens at the door: every way to lie about who one is, with the exact answer, over both transports.

Longer than most files: it is the table of "Tokens and origins", and where a token may stand. What each claim may hold
is proved one level below, in tests/accounts.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.abuse.bystanders import assert_empty, eventually, log_is_busy, warnings
from tests.abuse.conftest import SETTINGS
from tests.support.doors import open_session
from tests.support.engine import TRANSPORTS
from tests.support.frames import SOON
from tests.support.server import RunningServer, running_server
from tests.support.sockets import SocketClient
from tests.support.tokens import HEADER, claims, encoded, signed, token, unsigned

watched = pytest.mark.usefixtures("bystanders")
over_both = pytest.mark.parametrize("transport", TRANSPORTS)

RSA, OTHER_RSA = generate_private_key(65537, 2048), generate_private_key(65537, 2048)
ED, OTHER_ED = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
GRANTED = '40{"sid":"'
MISSING = '44{"message":"Authentication token required","data":{"code":"token_missing"}}'
INVALID = '44{"message":"Authentication failed","data":{"code":"token_invalid"}}'
EXPIRED = '44{"message":"Authentication failed","data":{"code":"token_expired"}}'


def pem(key: Any) -> bytes:
    text: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return text


def der(key: Any) -> bytes:
    data: bytes = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return data


def jwk(key: Any) -> dict[str, Any]:
    """The public key as a JWK."""
    value: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return value


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One that takes tokens of its own secret and of two public keys, and guests."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "rsa.pem").write_bytes(pem(RSA))
    (folder / "ed.pem").write_bytes(pem(ED))
    with running_server(
        **SETTINGS, REMATCH_AFTER="1", LIMIT_FACTOR="100", JWT_PUBLIC_KEYS=f"{folder}/rsa.pem,{folder}/ed.pem"
    ) as running:
        yield running


@pytest.fixture(scope="module")
def campus() -> Iterator[RunningServer]:
    """One that takes no guests."""
    with running_server(**SETTINGS, AUTH="required") as running:
        yield running


async def knock(
    server: RunningServer, transport: str, auth: object = None, *, query: str = "", authorization: str | None = None
) -> str:
    """The first packet that answers a CONNECT, as it came."""
    engine = await open_session(server.url, transport, query=query, authorization=authorization)
    await engine.send("40" if auth is None else f"40{json.dumps(auth)}")
    answer = await engine.receive()
    assert isinstance(answer, str)
    await engine.leave()
    return answer


async def whose(
    server: RunningServer, transport: str, auth: object = None, *, authorization: str | None = None
) -> str | None:
    """Whose connection a CONNECT has made: only a token of the same account may renew another; None for a guest."""
    client = SocketClient(await open_session(server.url, transport, authorization=authorization))
    await client.connect(auth=auth)
    accounts = [user for user in ("ana", "ben") if (await client.call("refreshToken", token(user)))["ok"]]
    await client.leave()
    assert len(accounts) <= 1
    return accounts[0] if accounts else None


# --- forged, stolen, stale

NOW = time.time
ACCEPTED: dict[str, Callable[[], str]] = {
    "HS256": token,
    "RS256": lambda: jwt.encode(claims(), RSA, "RS256"),
    "EdDSA": lambda: jwt.encode(claims(), ED, "EdDSA"),
    "a kid that nobody knows": lambda: signed(HEADER | {"kid": "7"}, claims()),
    "a clock 25 s fast": lambda: token(iat=NOW() + 25, nbf=NOW() + 25),
    "a clock 25 s slow": lambda: token(iat=NOW() - 85, exp=NOW() - 25),
}
FORGED: dict[str, Callable[[], str]] = {
    "alg none": lambda: unsigned(HEADER | {"alg": "none"}, claims()),
    "alg None": lambda: unsigned(HEADER | {"alg": "None"}, claims()),
    "alg nOnE": lambda: unsigned(HEADER | {"alg": "nOnE"}, claims()),
    "alg NONE": lambda: unsigned(HEADER | {"alg": "NONE"}, claims()),
    "alg none with a true signature": lambda: signed(HEADER | {"alg": "none"}, claims()),
    "alg nOnE with a true signature": lambda: signed(HEADER | {"alg": "nOnE"}, claims()),
    "no alg": lambda: signed({"typ": "JWT"}, claims()),
    "no signature": lambda: unsigned(HEADER, claims()),
    "another key": lambda: signed(HEADER, claims(), b"another-key-of-more-than-32-bytes-000"),
    "an empty key": lambda: signed(HEADER, claims(), b""),
    "another RSA key": lambda: jwt.encode(claims(), OTHER_RSA, "RS256"),
    "another Ed25519 key": lambda: jwt.encode(claims(), OTHER_ED, "EdDSA"),
    "the RSA public key as secret": lambda: signed(HEADER, claims(), pem(RSA)),
    "the RSA public key without its last line break as secret": lambda: signed(HEADER, claims(), pem(RSA).strip()),
    "the RSA public key in DER as secret": lambda: signed(HEADER, claims(), der(RSA)),
    "the RSA public key as JWK as secret": lambda: signed(HEADER, claims(), json.dumps(jwk(RSA)).encode()),
    "the Ed25519 public key as secret": lambda: signed(HEADER, claims(), pem(ED)),
    "the raw Ed25519 public key as secret": lambda: signed(HEADER, claims(), ED.public_key().public_bytes_raw()),
    "PS256 by the right RSA key": lambda: jwt.encode(claims(), RSA, "PS256"),
    "jwk": lambda: jwt.encode(claims(), OTHER_RSA, "RS256", {"jwk": jwk(OTHER_RSA)}),
    "jwk with a secret": lambda: signed(
        HEADER | {"jwk": {"kty": "oct", "k": encoded(b"k" * 32)}}, claims(), b"k" * 32
    ),
    "jku": lambda: jwt.encode(claims(), OTHER_RSA, "RS256", {"jku": "https://evil.example/keys.json"}),
    "x5u": lambda: jwt.encode(claims(), OTHER_RSA, "RS256", {"x5u": "https://evil.example/chain.pem"}),
    "x5c": lambda: jwt.encode(claims(), OTHER_RSA, "RS256", {"x5c": [encoded(der(OTHER_RSA))]}),
    "kid as the path of an empty file": lambda: signed(HEADER | {"kid": "../../../../dev/null"}, claims(), b""),
    "kid as a path of known content": lambda: signed(HEADER | {"kid": "/proc/sys/kernel/ostype"}, claims(), b"Linux\n"),
    "kid as SQL": lambda: signed(HEADER | {"kid": "x' UNION SELECT 'k' -- "}, claims(), b"k"),
    "kid as a shell command": lambda: signed(HEADER | {"kid": "|echo k"}, claims(), b"k"),
    "kid as a list": lambda: signed(HEADER | {"kid": ["x"]}, claims()),
    "kid as a number": lambda: signed(HEADER | {"kid": 7}, claims()),
    "unknown crit": lambda: signed(HEADER | {"crit": ["x-new"], "x-new": 1}, claims()),
    "empty crit": lambda: signed(HEADER | {"crit": []}, claims()),
    "crit of a known name": lambda: signed(HEADER | {"crit": ["exp"]}, claims()),
    "a payload exchanged": lambda: ".".join((token().split(".")[0], token("ben").split(".")[1], token().split(".")[2])),
    "no exp": lambda: token(exp=...),
    "exp as text": lambda: token(exp="2999-01-01"),
    "nbf 5 min ahead": lambda: token(nbf=NOW() + 300),
    "a clock 5 min fast": lambda: token(iat=NOW() + 300),
    "no aud": lambda: token(aud=...),
    "another aud": lambda: token(aud="elsewhere"),
    "aud as a list": lambda: token(aud=["meetmates"]),
    "no iss": lambda: token(iss=...),
    "another iss": lambda: token(iss="elsewhere"),
    "iss as a list": lambda: token(iss=["meetmates"]),
    "a refresh token": lambda: token(typ="refresh"),
    "a refresh token by its type": lambda: token(type="refresh_token"),
    "a refresh token by its use": lambda: token(token_use="refresh"),
    "a refresh token by its header": lambda: signed(HEADER | {"typ": "refresh+jwt"}, claims()),
    "no account": lambda: token(userId=...),
    "no token at all": lambda: "ana",
    "undefined, as a page sends it": lambda: "undefined",
    "Bearer and nothing": lambda: "Bearer ",
}  # fmt: skip


@watched
@over_both
@pytest.mark.parametrize("case", ACCEPTED)
async def test_a_sound_token_is_accepted(server: RunningServer, transport: str, case: str) -> None:
    """Without this, a server that refuses everything would pass what follows."""
    assert (await knock(server, transport, {"token": ACCEPTED[case]()})).startswith(GRANTED)
    assert await whose(server, transport, {"token": ACCEPTED[case]()}) == "ana"


@watched
@over_both
@pytest.mark.parametrize("case", FORGED)
async def test_a_bad_token_is_refused(server: RunningServer, transport: str, case: str) -> None:
    """In `auth` as in the header, and never downgraded to a guest."""
    assert await knock(server, transport, {"token": FORGED[case]()}) == INVALID
    assert await knock(server, transport, authorization=f"Bearer {FORGED[case]()}".strip()) == INVALID


@watched
@over_both
async def test_a_clock_5_min_slow_is_told_that_the_token_is_over(server: RunningServer, transport: str) -> None:
    assert await knock(server, transport, {"token": token(iat=NOW() - 360, exp=NOW() - 300)}) == EXPIRED
    assert await knock(server, transport, authorization=token(exp=NOW() - 300)) == EXPIRED


@watched
@over_both
async def test_who_forges_a_token_that_is_over_is_not_told_so(server: RunningServer, transport: str) -> None:
    forged = signed(HEADER, claims(exp=NOW() - 300), b"another-key-of-more-than-32-bytes-000")
    assert await knock(server, transport, {"token": forged}) == INVALID


@watched
@over_both
async def test_after_a_refusal_the_same_session_may_try_again(server: RunningServer, transport: str) -> None:
    engine = await open_session(server.url, transport)
    await engine.send('40{"token":"ana"}')
    assert await engine.receive() == INVALID
    await engine.send(f'40{{"token":"{token()}"}}')
    assert str(await engine.receive()).startswith(GRANTED)
    await engine.leave()


@watched
@over_both
async def test_a_refusal_leaves_one_line_in_the_log(server: RunningServer, transport: str) -> None:
    await eventually(lambda: not log_is_busy(server))
    before = len(warnings(server))
    await knock(server, transport, {"token": "ana"})
    (line,) = warnings(server)[before:]
    assert (line["event"], line["code"], line["address"]) == ("Connection denied", "token_invalid", "127.0.0.0/24")


# --- in the query

QUERIES: dict[str, Callable[[], str]] = {
    "a sound one": lambda: f"token={token()}",
    "as access_token": lambda: f"access_token={token()}",
    "one that is none": lambda: "token=ana",
    "an empty one": lambda: "token=",
    "with an escaped name": lambda: f"t%6Fken={token()}",
}


@watched
@over_both
@pytest.mark.parametrize("beside", ["nothing", "auth", "header"])
@pytest.mark.parametrize("case", QUERIES)
async def test_a_token_in_the_query_is_refused_even_beside_a_good_one(
    server: RunningServer, transport: str, case: str, beside: str
) -> None:
    auth = {"token": token()} if beside == "auth" else None
    authorization = f"Bearer {token()}" if beside == "header" else None
    query = QUERIES[case]()
    assert await knock(server, transport, auth, query=query, authorization=authorization) == INVALID


# --- where a token may stand

NONE = {"no auth": None, "an empty auth": {}, "null": {"token": None}, "empty": {"token": ""}}
IGNORED = {
    "Basic": "Basic YW5hOnNlY3JldA==",
    "Digest": 'Digest username="ana", realm="campus", nonce="1", response="2"',
    "Negotiate": "Negotiate YIIZ",
}
WRONG_TYPES: dict[str, object] = {
    "a number": 7,
    "zero": 0,
    "a fraction": 1.5,
    "true": True,
    "false": False,
    "a list": ["ana"],
    "an empty list": [],
    "an object": {"token": "ana"},
    "an empty object": {},
}


@watched
@over_both
async def test_bearer_and_the_bare_token_are_one_in_either_place(server: RunningServer, transport: str) -> None:
    for prefix in ("", "Bearer ", "bearer ", "BEARER  "):
        assert await whose(server, transport, {"token": prefix + token()}) == "ana"
        assert await whose(server, transport, authorization=prefix + token()) == "ana"


@watched
@over_both
async def test_the_token_in_auth_beats_the_header(server: RunningServer, transport: str) -> None:
    assert await whose(server, transport, {"token": token("ana")}, authorization=f"Bearer {token('ben')}") == "ana"
    assert await whose(server, transport, {"token": token("ana")}, authorization="Bearer ben") == "ana"
    assert await knock(server, transport, {"token": "ana"}, authorization=f"Bearer {token('ben')}") == INVALID


@watched
@over_both
@pytest.mark.parametrize("case", NONE)
async def test_without_a_token_in_auth_the_header_counts(server: RunningServer, transport: str, case: str) -> None:
    assert await whose(server, transport, NONE[case], authorization=f"Bearer {token('ben')}") == "ben"
    assert await knock(server, transport, NONE[case], authorization="Bearer ben") == INVALID


@watched
@over_both
@pytest.mark.parametrize("case", NONE)
async def test_without_any_token_one_is_a_guest(server: RunningServer, transport: str, case: str) -> None:
    assert await whose(server, transport, NONE[case]) is None


@watched
@over_both
@pytest.mark.parametrize("scheme", IGNORED)
async def test_a_header_of_another_scheme_is_a_proxy_s(server: RunningServer, transport: str, scheme: str) -> None:
    assert await whose(server, transport, authorization=IGNORED[scheme]) is None
    assert await whose(server, transport, {"token": token()}, authorization=IGNORED[scheme]) == "ana"


@watched
@over_both
@pytest.mark.parametrize("case", WRONG_TYPES)
async def test_a_token_of_another_type_is_refused(server: RunningServer, transport: str, case: str) -> None:
    auth = {"token": WRONG_TYPES[case]}
    assert await knock(server, transport, auth) == INVALID
    assert await knock(server, transport, auth, authorization=f"Bearer {token()}") == INVALID


@watched
async def test_only_the_header_of_the_opening_request_counts(server: RunningServer) -> None:
    client = SocketClient(await open_session(server.url, "polling"))
    client.engine.polls.headers = f"Authorization: Bearer {token('ben')}\r\n"  # type: ignore[union-attr]
    await client.connect()
    assert (await client.call("refreshToken", token("ben")))["code"] == "not_allowed"
    await client.leave()


@over_both
@pytest.mark.parametrize("case", NONE)
async def test_where_it_is_required_no_token_is_refused(campus: RunningServer, transport: str, case: str) -> None:
    assert await knock(campus, transport, NONE[case]) == MISSING
    for header in IGNORED.values():
        assert await knock(campus, transport, NONE[case], authorization=header) == MISSING
    assert await whose(campus, transport, NONE[case], authorization=token("ben")) == "ben"


@over_both
async def test_where_it_is_required_a_bad_token_is_no_missing_one(campus: RunningServer, transport: str) -> None:
    assert await whose(campus, transport, {"token": token()}) == "ana"
    assert await knock(campus, transport, {"token": "ana"}) == INVALID
    assert await knock(campus, transport, {"token": False}) == INVALID
    assert await knock(campus, transport, {"token": token(exp=NOW() - 300)}) == EXPIRED
    assert await knock(campus, transport, query=f"token={token()}") == INVALID


# --- one token on many sockets


@watched
@over_both
async def test_one_token_on_fifty_sockets(server: RunningServer, transport: str) -> None:
    """The newest five stay; each other one is told, disconnected and closed. None is paired with another."""
    auth = {"token": token("fifty")}
    clients = [await SocketClient.join(server.url, transport, auth) for _ in range(50)]
    *replaced, _, _, _, _, _ = clients
    newest = clients[-5:]
    for client in replaced:
        assert await client.engine.wait_end() == ("1000" if transport == "websocket" else "1")
        *_, farewell, disconnect = await client.take_all()
        assert farewell.data == ["replaced", {}]
        assert (disconnect.kind, disconnect.namespace, disconnect.data) == ("1", "/", None)
    for client in newest:
        assert (await client.call("findChat"))["position"] == 1
    stranger = await SocketClient.join(server.url, transport)
    assert (await stranger.call("findChat"))["position"] == 0
    assert (await newest[-1].expect("chatStart"))[0]["partnerId"] == stranger.sid
    assert (await stranger.expect("chatStart"))[0]["partnerId"] == newest[-1].sid
    for client in newest:
        assert client.engine.is_open
        assert not [packet for packet in await client.take_all() if packet.is_event and packet.data[0] == "chatStart"]
    assert server.tables()["connections"] == 8  # the five, the stranger and the two who watch
    for client in (*clients, stranger):
        await client.leave()


# --- the end of a token


def ending_in(seconds: float, user: str) -> dict[str, object]:
    """An `auth` whose token carries a connection for so long, the leeway of 30 s included."""
    return {"token": token(user, exp=NOW() + seconds - 30)}


@watched
@over_both
async def test_a_connection_ends_with_its_token(server: RunningServer, transport: str) -> None:
    auth = ending_in(2, "short")
    client = await SocketClient.join(server.url, transport, auth)
    (warning,) = await client.expect("tokenExpiring")
    assert set(warning) == {"expiresAt"}
    assert warning["expiresAt"].endswith("Z")
    assert await client.engine.wait_end(2 + SOON) == ("1000" if transport == "websocket" else "1")
    *_, farewell, disconnect = await client.take_all()
    assert farewell.data == ["tokenExpired", {}]
    assert (disconnect.kind, disconnect.data) == ("1", None)
    await client.leave()


@watched
@over_both
async def test_a_refreshed_token_carries_on(server: RunningServer, transport: str) -> None:
    client = await SocketClient.join(server.url, transport, ending_in(2, "renewed"))
    await client.expect("tokenExpiring")
    for another in (token("another"), token("renewed", exp=NOW() - 300), "renewed", ""):
        refusal = await client.call("refreshToken", another)
        assert (refusal["ok"], refusal["code"]) == (False, "not_allowed")
    for wrong in (7, None, {"token": token("renewed")}):
        assert (await client.call("refreshToken", wrong))["code"] == "bad_argument"
    assert await client.call("refreshToken", f"Bearer {token('renewed')}") == {"ok": True}
    with pytest.raises(TimeoutError):
        await client.engine.wait_end(2.5)
    assert not [packet for packet in await client.take_all() if packet.data[0] == "tokenExpired"]
    await client.leave()


@watched
@over_both
async def test_a_page_that_cannot_refresh_is_kept_to_the_end_of_its_chat(server: RunningServer, transport: str) -> None:
    client = await SocketClient.join(server.url, transport, ending_in(1.5, "original"))
    partner = await SocketClient.join(server.url, transport)
    for one in (client, partner):
        await one.call("findChat")
    with pytest.raises(TimeoutError):
        await client.engine.wait_end(2.5)
    assert (await client.call("sendMessage", "still here"))["ok"] is True
    assert (await partner.call("leaveChat"))["ok"] is True
    await client.expect("partnerLeft")
    await client.expect("tokenExpired")
    await client.engine.wait_end()
    await client.leave()
    await partner.leave()


# --- the log


async def test_nothing_of_a_token_is_in_the_log() -> None:
    """Nor of an address in it, at the most talkative level, whatever was done with it."""
    with running_server(**SETTINGS, LOG_LEVEL="debug") as server:
        used = [
            token("logged"),
            token("logged", exp=NOW() - 300),
            token("logged", aud="x"),
            *(f() for f in FORGED.values()),
        ]
        used = [raw for raw in used if raw.count(".") == 2]
        for transport in TRANSPORTS:
            for raw in used[:6]:
                await knock(server, transport, {"token": raw})
                await knock(server, transport, authorization=f"Bearer {raw}")
                await knock(server, transport, query=f"token={raw}")
            engine = await open_session(server.url, transport)
            await engine.send(f"40{used[0]}")  # no JSON: closed
            await engine.wait_end()
            client = await SocketClient.join(server.url, transport, {"token": used[0]})
            for raw in used[:6]:
                await client.call("refreshToken", raw)
                await client.call("no-such-event", raw)
            await client.raw(f"2{used[0]}")  # no event: closed
            await client.engine.wait_end()
            await client.leave()
        await assert_empty(server)
        log = server.logged()
        assert "Connection denied" in log
        assert "Client cut off" in log
        assert "eyJ" not in log
        for raw in used[:6]:
            assert not [part for part in raw.split(".") if len(part) > 10 and part in log]
        assert "college.edu" not in log
