"""Tokens of accounts: whoever steals, forges, keeps or mixes up one gets nowhere, by REST or by socket.

Longer than most files: it is one table of attacks and what may become of a session. What each claim may hold is proved
one level below, in tests/accounts.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from meetmates.accounts.errors import Problem
from meetmates.store.database import Database
from tests.abuse.outside import GENEROUS, Outside, assert_disconnected, outside
from tests.abuse.test_tokens import ACCEPTED, ED, EXPIRED, FORGED, INVALID, NOW, RSA, knock, pem
from tests.accounts.house import PASSWORD as HOUSE_PASSWORD
from tests.accounts.house import House, refused
from tests.accounts.test_tokens import REFUSED
from tests.support.api import PASSWORD, assert_problem, bearing
from tests.support.engine import TRANSPORTS
from tests.support.server import SECRET, RunningServer, running_server
from tests.support.tokens import HEADER, encoded, signed, token, unsigned

over_both = pytest.mark.parametrize("transport", TRANSPORTS)
ANA, BEN = "ana@college.edu", "ben@college.edu"
OTHER_PASSWORD = "another long password"
SOON_ENOUGH = 3.0  # seconds in which a server hears of what was done elsewhere; it looks every second
ROUTES = [  # every one that takes an access token and would give something away
    ("GET", "/profile"),
    ("GET", "/verify-token"),
    ("GET", "/account/export"),
    ("GET", "/auth/sessions"),
    ("DELETE", "/auth/sessions/x"),
    ("POST", "/auth/logout-all"),
    ("DELETE", "/account"),
    ("GET", "/moderation/people"),
]


@dataclass(frozen=True)
class Loot:
    """What the attacker has of two people: all that their sign-ins were answered, and the server's other keys."""

    ana: dict[str, Any]
    ben: dict[str, Any]
    data: Path

    @property
    def access(self) -> str:
        """Ana's access token."""
        return str(self.ana["token"])

    def claims(self, whose: str = "ana", /, **changes: object) -> dict[str, object]:
        """What the access token says, changed."""
        told = jwt.decode(getattr(self, whose)["token"], options={"verify_signature": False})
        return told | changes

    def key(self, name: str) -> bytes:
        """A key of the server that signs no tokens."""
        return (self.data / name).read_bytes().strip()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One that takes tokens of its own secret and of two public keys."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "rsa.pem").write_bytes(pem(RSA))
    (folder / "ed.pem").write_bytes(pem(ED))
    with running_server(**GENEROUS, JWT_PUBLIC_KEYS=f"{folder}/rsa.pem,{folder}/ed.pem") as running:
        yield running


@pytest.fixture
async def api(server: RunningServer) -> AsyncIterator[Outside]:
    async with outside(server) as made:
        yield made
    assert "Traceback" not in server.logged()


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    """Sessions by a clock that is moved by hand."""
    made = House(database)
    yield made
    made.passwords.close()


@pytest.fixture(scope="module")
def loot(server: RunningServer) -> Loot:
    """Two people who are signed in."""

    async def sign_in() -> Loot:
        async with outside(server) as api:
            return Loot(await api.member(ANA), await api.member(BEN), api.data)

    return asyncio.run(sign_in())


async def assert_refused(api: Outside, raw: str, problem: str = "token_invalid", socket: str = INVALID) -> None:
    """On every route, in both headers; and on a socket, in `auth` and header, over both transports."""
    sent = [("authorization", f"Bearer {raw}"), ("x-auth-token", raw)] if _fits_a_header(raw) else []
    for name, value in sent:
        for method, path in ROUTES:
            headers = {name: value.encode()}
            answer = await api.client.request(method, f"/api{path}", headers=headers)  # type: ignore[arg-type]
            assert_problem(answer, 401, problem)
            assert answer.headers["www-authenticate"] == "Bearer"
    for transport in TRANSPORTS:
        assert await knock(api.server, transport, {"token": raw}) == socket
        if sent and raw.isascii():
            assert await knock(api.server, transport, authorization=f"Bearer {raw}") == socket


def _fits_a_header(raw: str) -> bool:
    """RFC 9110, section 5.5; what breaks the request is no token but another attack."""
    return raw == raw.strip() and raw.isprintable() and len(raw) < 8000


def whose(answer: httpx.Response) -> Any:
    """The id of the account that a route names."""
    assert answer.status_code == 200, answer.text
    return answer.json()["user"]["userId"]


# --- forged and mangled

HEAD = encoded(json.dumps(HEADER).encode())
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def tampered(loot: Loot, whose: str = "ana", **changes: object) -> str:
    """Claims exchanged beneath a true signature."""
    head, _, signature = loot.access.split(".")
    return f"{head}.{encoded(json.dumps(loot.claims(whose, **changes)).encode())}.{signature}"


def with_alg(loot: Loot, alg: object, key: bytes = SECRET.encode(), digest: Any = hashlib.sha256) -> str:
    return signed(HEADER | {"alg": alg}, loot.claims(), key, digest)


def with_signature(loot: Loot, alg: str, signature: bytes) -> str:
    return unsigned(HEADER | {"alg": alg}, loot.claims()) + encoded(signature)


def with_another_last_letter(raw: str) -> str:
    """The last letter of the signature has bits that mean nothing: RFC 4648, section 3.5."""
    return raw[:-1] + ALPHABET[ALPHABET.index(raw[-1]) ^ 1]


def packed(loot: Loot) -> str:
    """`zip`, which is for encrypted tokens alone: RFC 7516, section 4.1.3."""
    body = encoded(zlib.compress(json.dumps(loot.claims()).encode(), wbits=-15))
    head = encoded(json.dumps(HEADER | {"zip": "DEF"}).encode())
    return signed_parts(head, body)


def signed_parts(head: str, body: str) -> str:
    """A true signature over any two parts."""
    signature = hmac.digest(SECRET.encode(), f"{head}.{body}".encode(), hashlib.sha256)
    return f"{head}.{body}.{encoded(signature)}"


ATTACKS: dict[str, Callable[[Loot], str]] = {
    # keys and algorithms
    "HS384 with the true secret": lambda loot: with_alg(loot, "HS384", digest=hashlib.sha384),
    "HS512 with the true secret": lambda loot: with_alg(loot, "HS512", digest=hashlib.sha512),
    "alg in small letters": lambda loot: with_alg(loot, "hs256"),
    "alg with a space": lambda loot: with_alg(loot, "HS256 "),
    "alg with a NUL": lambda loot: with_alg(loot, "HS256\0"),
    "alg as a list": lambda loot: with_alg(loot, ["HS256"]),
    "alg as an object": lambda loot: with_alg(loot, {"$ne": "none"}),
    "alg null": lambda loot: with_alg(loot, None),
    "alg a number": lambda loot: with_alg(loot, 256),
    "alg empty": lambda loot: with_alg(loot, ""),
    "RS256 over a true HMAC": lambda loot: with_alg(loot, "RS256"),
    "RS256 over an HMAC by the public key": lambda loot: with_alg(loot, "RS256", pem(RSA)),
    "EdDSA over a true HMAC": lambda loot: with_alg(loot, "EdDSA"),
    "RS256 with no signature": lambda loot: with_signature(loot, "RS256", b""),
    "RS256 with a signature of zeros": lambda loot: with_signature(loot, "RS256", bytes(256)),
    "EdDSA with a signature of zeros": lambda loot: with_signature(loot, "EdDSA", bytes(64)),
    "ES256 with a signature of zeros": lambda loot: with_signature(loot, "ES256", bytes(64)),
    "HS256 with a signature of zeros": lambda loot: with_signature(loot, "HS256", bytes(32)),
    "the secret of every example": lambda loot: signed(HEADER, loot.claims(), b"secret"),
    "the secret without its last letter": lambda loot: signed(HEADER, loot.claims(), SECRET[:-1].encode()),
    "the secret in base64": lambda loot: signed(HEADER, loot.claims(), base64.b64encode(SECRET.encode())),
    "the hash of the secret": lambda loot: signed(
        HEADER, loot.claims(), hashlib.sha256(SECRET.encode()).hexdigest().encode()
    ),
    "the key of addresses": lambda loot: signed(HEADER, loot.claims(), loot.key("address.key")),
    "the key of evidence": lambda loot: signed(HEADER, loot.claims(), loot.key("evidence.key")),
    "one's own password as secret": lambda loot: signed(HEADER, loot.claims(), PASSWORD.encode()),
    "one's own refresh token as secret": lambda loot: signed(HEADER, loot.claims(), loot.ana["refreshToken"].encode()),
    "one's own token as secret": lambda loot: signed(HEADER, loot.claims(), loot.access.encode()),
    "kid as the file of the secret": lambda loot: signed(HEADER | {"kid": "../data/jwt.secret"}, loot.claims(), b""),
    "jku of our own address": lambda loot: signed(HEADER | {"jku": "/metrics"}, loot.claims(), b"k"),
    "x5t and x5u": lambda loot: signed(HEADER | {"x5t": "AAAA", "x5u": "file:///dev/null"}, loot.claims(), b""),
    "crit of b64": lambda loot: signed(HEADER | {"crit": ["b64"], "b64": True}, loot.claims()),
    "crit as text": lambda loot: signed(HEADER | {"crit": "exp"}, loot.claims()),
    "b64 false": lambda loot: signed(HEADER | {"b64": False}, loot.claims()),
    # claims exchanged beneath a true signature
    "somebody else's userId": lambda loot: tampered(loot, userId=loot.ben["user"]["userId"]),
    "somebody else's claims": lambda loot: tampered(loot, "ben"),
    "somebody else's sign-in": lambda loot: tampered(loot, sid=loot.claims("ben")["sid"]),
    "somebody else's address": lambda loot: tampered(loot, email=BEN),
    "role administrator": lambda loot: tampered(loot, role="administrator"),
    "a second factor": lambda loot: tampered(loot, amr=["pwd", "otp"]),
    "another campus": lambda loot: tampered(loot, campus="other"),
    "a Google account": lambda loot: tampered(loot, isGoogleUser=True),
    "a longer life": lambda loot: tampered(loot, exp=NOW() + 86_400),
    "no sign-in": lambda loot: tampered(loot, sid=None),
    "the same claims written otherwise": tampered,
    # encodings
    "a letter more": lambda loot: loot.access + "A",
    "four letters less": lambda loot: loot.access[:-4],
    "padding": lambda loot: loot.access + "=",
    "another last letter": lambda loot: with_another_last_letter(loot.access),
    "the signature twice": lambda loot: f"{loot.access}.{loot.access.split('.')[2]}",
    "the signature first": lambda loot: ".".join(reversed(loot.access.split("."))),
    "five parts, as an encrypted one": lambda loot: f"{loot.access}.AAAA.AAAA",
    "two parts": lambda loot: loot.access.rpartition(".")[0],
    "only dots": lambda loot: "..",
    "small letters": lambda loot: loot.access.lower(),
    "escaped as in an address": lambda loot: loot.access.replace(".", "%2E"),
    "in quotes": lambda loot: f'"{loot.access}"',
    "Bearer twice": lambda loot: f"Bearer Bearer {loot.access}",
    "two tokens with a comma": lambda loot: f"{loot.access},{loot.ben['token']}",
    "as base64 once more": lambda loot: encoded(loot.access.encode()),
    "a letter that is no ASCII": lambda loot: f"{loot.access}é",
    "a dot that looks like one": lambda loot: loot.access.replace(".", "․"),
    "a NUL behind it": lambda loot: f"{loot.access}\0",
    "a line break behind it": lambda loot: f"{loot.access}\n",
    "the JSON form": lambda loot: json.dumps(
        dict(zip(("protected", "payload", "signature"), loot.access.split("."), strict=True))
    ),
    "packed": packed,
    "a token in a token": lambda loot: signed(HEADER | {"cty": "JWT"}, loot.access),
    "a payload that is a list": lambda loot: signed(HEADER, [loot.claims()]),
    "a payload that is no JSON": lambda loot: signed_parts(HEAD, encoded(b"{'a':1}")),
    "a payload that is no UTF-8": lambda loot: signed_parts(HEAD, encoded(b"\xff\xfe{")),
    "a payload 2,000 deep": lambda loot: signed_parts(HEAD, encoded(b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}")),
    "more than 8 KiB, and true": lambda loot: signed(HEADER, loot.claims(padding="x" * 8192)),
    # what is signed, and cannot be meant
    "userId with a NUL": lambda loot: token("ana\0"),
    "userId as a list": lambda loot: signed(HEADER, loot.claims(userId=[loot.ana["user"]["userId"]])),
    "userId as an object": lambda loot: signed(HEADER, loot.claims(userId={"$ne": None})),
    "userId true": lambda loot: signed(HEADER, loot.claims(userId=True)),
    "userId half a character": lambda loot: signed(HEADER, loot.claims(userId="\ud83d")),
    "exp NaN": lambda loot: signed(HEADER, loot.claims(exp=float("nan"))),
    "exp Infinity": lambda loot: signed(HEADER, loot.claims(exp=float("inf"))),
    "exp below zero": lambda loot: signed(HEADER, loot.claims(exp=-1)),
    "exp true": lambda loot: signed(HEADER, loot.claims(exp=True)),
    "iat as text": lambda loot: signed(HEADER, loot.claims(iat="now")),
    # what is no access token
    "a refresh token": lambda loot: str(loot.ana["refreshToken"]),
    "the id of a sign-in": lambda loot: str(loot.claims()["sid"]),
    "the id of a token": lambda loot: str(loot.claims()["jti"]),
    "the id of an account": lambda loot: str(loot.ana["user"]["userId"]),
    "an address": lambda loot: ANA,
    "the secret itself": lambda loot: SECRET,
    "null as text": lambda loot: "null",
    "[object Object]": lambda loot: "[object Object]",
    "SQL": lambda loot: "' OR '1'='1",
    "another template": lambda loot: "${jndi:ldap://127.0.0.1/a}",
}  # fmt: skip


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) + len(FORGED) >= 130


@pytest.mark.parametrize("case", ACCEPTED)
async def test_a_sound_token_is_accepted(api: Outside, case: str) -> None:
    """Without this, a server that refuses everything would pass what follows."""
    for headers in (bearing(ACCEPTED[case]()), {"x-auth-token": ACCEPTED[case]()}):
        for path in ("/profile", "/verify-token"):
            assert whose(await api.get(path, headers=headers)) == "ana"


async def test_the_token_of_a_sign_in_is_accepted(api: Outside, loot: Loot) -> None:
    for path in ("/profile", "/verify-token"):
        assert whose(await api.get(path, loot.access)) == loot.ana["user"]["userId"]
    for transport in TRANSPORTS:
        client = await api.socket(loot.access, transport)
        await client.leave()


@pytest.mark.parametrize("case", FORGED)
async def test_a_forged_token_opens_nothing(api: Outside, case: str) -> None:
    """What is refused on a socket is refused by REST."""
    raw = FORGED[case]().strip()
    for headers in (bearing(raw), {"x-auth-token": raw}):
        for path in ("/profile", "/verify-token"):
            assert_problem(await api.get(path, headers=headers), 401, "token_invalid")


@pytest.mark.parametrize("case", ATTACKS)
async def test_an_attack_with_what_a_sign_in_gave_opens_nothing(api: Outside, loot: Loot, case: str) -> None:
    await assert_refused(api, ATTACKS[case](loot))
    assert whose(await api.get("/profile", loot.access)) == loot.ana["user"]["userId"]


def test_the_table_of_single_claims_is_there() -> None:
    """Each of those is proved against the verifier itself, which both doors share."""
    assert len(REFUSED) >= 70


async def test_a_token_that_is_over_is_told_so_and_a_forged_one_is_not(api: Outside, loot: Loot) -> None:
    over = loot.claims(iat=int(NOW()) - 900, exp=int(NOW()) - 300)
    await assert_refused(api, signed(HEADER, over), "token_expired", EXPIRED)
    await assert_refused(api, signed(HEADER, over, b"another-key-of-more-than-32-bytes-000"))


async def test_no_token_is_none(api: Outside) -> None:
    for headers in ({}, {"authorization": ""}, {"x-auth-token": ""}, {"authorization": "Basic YW5hOnNlY3JldA=="}):
        for method, path in ROUTES:
            answer = await api.client.request(method, f"/api{path}", headers=headers)
            assert assert_problem(answer, 401, "token_missing")["error"] == "No token provided"


# --- in the wrong place


@pytest.mark.parametrize("name", ["token", "access_token", "t%6Fken"])
@pytest.mark.parametrize("beside", ["nothing", "a good one"])
async def test_a_token_in_the_query_is_refused_even_beside_a_good_one(
    api: Outside, loot: Loot, name: str, beside: str
) -> None:
    headers = {} if beside == "nothing" else bearing(loot.access)
    for method, path in ROUTES:
        answer = await api.client.request(method, f"/api{path}?{name}={loot.access}", headers=headers)
        assert_problem(answer, 401, "token_invalid")
    assert loot.access not in api.server.logged()


async def test_a_token_in_a_cookie_a_body_or_another_header_is_none(api: Outside, loot: Loot) -> None:
    for name in ("token", "access_token", "mm_refresh", "authorization"):
        answer = await api.get("/profile", headers={"cookie": f"{name}={loot.access}"})
        assert_problem(answer, 401, "token_missing")
    for name in ("proxy-authorization", "x-access-token", "x-original-authorization", "authentication"):
        assert_problem(await api.get("/profile", headers={name: f"Bearer {loot.access}"}), 401, "token_missing")
    assert_problem(await api.post("/auth/logout-all", {"token": loot.access}), 401, "token_missing")


async def test_of_two_headers_the_first_kind_counts_alone(api: Outside, loot: Loot) -> None:
    """A bad token is never made up for by a good one elsewhere."""
    mixed = {"authorization": "Bearer ana", "x-auth-token": loot.access}
    assert_problem(await api.get("/profile", headers=mixed), 401, "token_invalid")
    both = {"authorization": f"Bearer {loot.access}", "x-auth-token": loot.ben["token"]}
    assert whose(await api.get("/profile", headers=both)) == loot.ana["user"]["userId"]


# --- claims that decide nothing


async def test_role_campus_and_second_factor_are_read_from_the_database_and_not_from_the_token(
    api: Outside, loot: Loot
) -> None:
    """Also where the signature is true, as that of a college whose key is known."""
    wishes = {"role": "administrator", "campus": "other", "amr": ["pwd", "otp"], "isGoogleUser": True, "email": BEN}
    for raw in (signed(HEADER, loot.claims(**wishes)), jwt.encode(loot.claims(**wishes), RSA, "RS256")):
        user = (await api.get("/profile", raw)).json()["user"]
        assert user == loot.ana["user"]
        assert_problem(await api.get("/moderation/people?email=ben", raw), 403, "forbidden")
        assert_problem(await api.get("/moderation/numbers", raw), 403, "forbidden")


async def test_a_moderator_whose_sign_in_showed_no_second_factor_gains_none_by_a_claim(api: Outside) -> None:
    mod = await api.member("mod@college.edu")
    await api.command("user", "promote", "mod@college.edu", "--role", "administrator")
    told = jwt.decode(mod["token"], options={"verify_signature": False})
    for raw in (mod["token"], signed(HEADER, told | {"amr": ["pwd", "otp"]})):
        assert_problem(await api.get("/moderation/numbers", raw), 401, "second_factor")
    borrowed = signed(HEADER, told | {"amr": ["otp"], "sid": None})
    assert_problem(await api.get("/moderation/numbers", borrowed), 401, "second_factor")


# --- sessions that are over

Ending = Callable[[Outside, str, dict[str, Any]], Awaitable[object]]


async def _sign_in_twenty_times(api: Outside, email: str, mine: dict[str, Any]) -> None:
    """At the most 20 live: the oldest goes."""
    for _ in range(20):
        await api.signed_in(email)


async def _reset(api: Outside, email: str, mine: dict[str, Any]) -> None:
    await api.post("/auth/password/forgot", {"email": email})
    form = {"email": email, "code": api.code(email), "password": OTHER_PASSWORD}
    assert (await api.post("/auth/password/reset", form)).status_code == 200


async def _reuse(api: Outside, email: str, mine: dict[str, Any]) -> None:
    """A refresh token that was used before comes again, more than 20 s later."""
    form = {"refreshToken": mine["refreshToken"]}
    assert (await api.post("/auth/refresh", form)).status_code == 200
    api.rows("UPDATE refresh_tokens SET rotated_at = rotated_at - 21 WHERE rotated_at IS NOT NULL")
    assert_problem(await api.post("/auth/refresh", form), 401, "no_session")


async def _end_from_another(api: Outside, email: str, mine: dict[str, Any]) -> None:
    other = await api.signed_in(email)
    sid = jwt.decode(mine["token"], options={"verify_signature": False})["sid"]
    assert (await api.delete(f"/auth/sessions/{sid}", other["token"])).status_code == 200


ENDINGS: dict[str, Ending] = {
    "signed out with the refresh token": lambda api, email, mine: api.post(
        "/auth/logout", {"refreshToken": mine["refreshToken"]}
    ),
    "signed out with the access token": lambda api, email, mine: api.post(
        "/auth/logout", headers=bearing(mine["token"])
    ),
    "signed out everywhere": lambda api, email, mine: api.post("/auth/logout-all", headers=bearing(mine["token"])),
    "ended from another device": _end_from_another,
    "a new password": _reset,
    "a twenty-first sign-in": _sign_in_twenty_times,
    "a refresh token used again": _reuse,
    "the account deleted": lambda api, email, mine: api.delete("/account", mine["token"], {"password": PASSWORD}),
}


@pytest.mark.parametrize("how", ENDINGS)
async def test_with_a_session_end_its_tokens_and_its_live_sockets(api: Outside, how: str) -> None:
    """Over both transports, for good; nobody else notices."""
    email = f"{how.replace(' ', '.')}@college.edu"
    mine = await api.member(email)
    there = [await api.socket(mine["token"], transport) for transport in TRANSPORTS]
    bystander = await api.socket(token("somebody"))
    await ENDINGS[how](api, email, mine)
    for client in there:
        await assert_disconnected(client, SOON_ENOUGH)
    await assert_refused(api, mine["token"])
    assert_problem(await api.post("/auth/refresh", {"refreshToken": mine["refreshToken"]}), 401, "no_session")
    answer = await bystander.call("refreshToken", mine["token"])
    assert (answer["ok"], answer["code"]) == (False, "not_allowed")
    assert (await bystander.call("cancelSearch"))["ok"] is True
    for client in (*there, bystander):
        await client.leave()


async def test_whoever_comes_back_with_the_same_mailbox_is_not_reached_by_tokens_of_before(api: Outside) -> None:
    """The account has the same id again; its old tokens are over all the same."""
    email = "back@college.edu"
    before = await api.member(email)
    await api.delete("/account", before["token"], {"password": PASSWORD})
    after = await api.member(email, OTHER_PASSWORD)
    assert after["user"]["userId"] == before["user"]["userId"]
    await assert_refused(api, before["token"])
    assert_problem(await api.post("/auth/refresh", {"refreshToken": before["refreshToken"]}), 401, "no_session")
    assert whose(await api.get("/profile", after["token"])) == after["user"]["userId"]


# --- refresh tokens


async def test_an_access_token_is_no_refresh_token(api: Outside, loot: Loot) -> None:
    for raw in (loot.access, f"mmr_{loot.access}", str(loot.claims()["sid"]), f"mmr_{loot.claims()['sid']}"):
        assert_problem(await api.post("/auth/refresh", {"refreshToken": raw}), 401, "no_session")
        assert_problem(await api.post("/auth/refresh", headers={"cookie": f"mm_refresh={raw}"}), 401, "no_session")
    assert whose(await api.get("/profile", loot.access)) == loot.ana["user"]["userId"]


async def test_a_refresh_token_has_one_place(api: Outside, loot: Loot) -> None:
    """Not the query, not a header, not `refreshToken` of a socket."""
    raw = loot.ana["refreshToken"]
    assert_problem(await api.post(f"/auth/refresh?refreshToken={raw}"), 401, "no_session")
    assert_problem(await api.post("/auth/refresh", headers=bearing(raw)), 401, "no_session")
    assert_problem(await api.post("/auth/refresh", {"refresh_token": raw, "token": raw}), 401, "no_session")
    client = await api.socket(loot.access)
    for given in (raw, f"Bearer {raw}", loot.ben["token"], ATTACKS["a second factor"](loot), ""):
        answer = await client.call("refreshToken", given)
        assert (answer["ok"], answer["code"]) == (False, "not_allowed"), given
    assert (await client.call("refreshToken", loot.access))["ok"] is True
    await client.leave()
    assert raw not in api.server.logged()


SHAPES: dict[str, object] = {
    "a number": 7,
    "true": True,
    "a list": ["mmr_x"],
    "an object": {"$gt": ""},
    "64,000 letters": "mmr_" + "x" * 60_000,
    "half a character": "mmr_\ud83d",
    "a NUL": "mmr_\0",
    "letters that are no ASCII": "mmr_ä",
    "SQL": "' OR 1=1 --",
    "the mark alone": "mmr_",
    "a space": " ",
}


@pytest.mark.parametrize("case", SHAPES)
async def test_a_refresh_token_of_another_shape_is_none(api: Outside, case: str) -> None:
    body = json.dumps({"refreshToken": SHAPES[case]})
    answer = await api.post("/auth/refresh", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 401)
    assert_problem(answer, answer.status_code, "bad_request" if answer.status_code == 400 else "no_session")
    assert str(SHAPES[case]) not in answer.text or len(str(SHAPES[case])) < 8


async def test_letters_changed_behind_its_beginning_make_another_refresh_token(api: Outside) -> None:
    mine = await api.member("letters@college.edu")
    raw = mine["refreshToken"]
    for other in (raw + "A", raw + "=", raw[:-1], raw.upper(), f" {raw}", f"{raw}\n", raw.removeprefix("mmr_")):
        assert_problem(await api.post("/auth/refresh", {"refreshToken": other}), 401, "no_session")
    assert (await api.post("/auth/refresh", {"refreshToken": raw})).status_code == 200


async def test_replayed_within_twenty_seconds_it_gives_the_same_successor_and_no_second_session(api: Outside) -> None:
    mine = await api.member("replay@college.edu")
    form = {"refreshToken": mine["refreshToken"]}
    answers = await asyncio.gather(*[api.post("/auth/refresh", form) for _ in range(20)])
    assert {answer.status_code for answer in answers} == {200}
    (successor,) = {answer.json()["refreshToken"] for answer in answers}
    second = (await api.post("/auth/refresh", {"refreshToken": successor})).json()
    assert (await api.post("/auth/refresh", form)).json()["refreshToken"] == successor
    listed = (await api.get("/auth/sessions", second["token"])).json()["sessions"]
    assert [session["current"] for session in listed] == [True]


@over_both
async def test_reuse_ends_the_thief_as_well_as_the_owner(api: Outside, transport: str) -> None:
    """Nobody can tell who of the two is the thief: both sign in again, if they can."""
    email = f"stolen.{transport}@college.edu"
    owner, elsewhere = await api.member(email), await api.signed_in(email)
    stolen = {"refreshToken": owner["refreshToken"]}
    thief = (await api.post("/auth/refresh", stolen)).json()
    live = await api.socket(thief["token"], transport)
    other = await api.socket(elsewhere["token"], transport)
    api.rows("UPDATE refresh_tokens SET rotated_at = rotated_at - 21 WHERE rotated_at IS NOT NULL")
    assert_problem(await api.post("/auth/refresh", stolen), 401, "no_session")
    await assert_disconnected(live, SOON_ENOUGH)
    assert_problem(await api.post("/auth/refresh", {"refreshToken": thief["refreshToken"]}), 401, "no_session")
    await assert_refused(api, thief["token"])
    assert (await other.call("cancelSearch"))["ok"] is True  # another sign-in of the same person goes on
    assert (await api.post("/auth/refresh", {"refreshToken": elsewhere["refreshToken"]})).status_code == 200
    for client in (live, other):
        await client.leave()


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
async def test_at_the_twenty_first_second_a_replay_is_reuse(house: House) -> None:
    """The same by a clock that is moved."""
    tokens = await house.sessions.open(await house.member(), "phone")
    successor = (await house.sessions.refresh(tokens.refresh)).refresh
    house.clock.advance(20)
    assert (await house.sessions.refresh(tokens.refresh)).refresh == successor
    house.clock.advance(0.1)
    async with refused(Problem.NO_SESSION):
        await house.sessions.refresh(tokens.refresh)
    async with refused(Problem.NO_SESSION):
        await house.sessions.refresh(successor)
    assert await house.told("session") == [tokens.session_id]
    assert await house.signin.with_password(ANA, HOUSE_PASSWORD)


async def test_a_session_that_nobody_used_for_long_is_over(api: Outside) -> None:
    mine = await api.member("long@college.edu")
    sid = jwt.decode(mine["token"], options={"verify_signature": False})["sid"]
    api.rows("UPDATE sessions SET expires_at = 1 WHERE id = ?", sid)
    assert_problem(await api.post("/auth/refresh", {"refreshToken": mine["refreshToken"]}), 401, "no_session")
    assert_problem(await api.get("/profile", mine["token"]), 401, "token_invalid")


async def test_only_hashes_of_refresh_tokens_are_kept(api: Outside, loot: Loot) -> None:
    """Who reads the database holds no key to any session."""
    kept = [bytes(row[0]) for row in api.rows("SELECT token_hash FROM refresh_tokens")]
    assert kept
    raw = loot.ana["refreshToken"]
    assert hashlib.sha256(raw.encode()).digest() not in kept
    file = (api.data / "meetmates.db").read_bytes() + (api.data / "meetmates.db-wal").read_bytes()
    for secret in (raw, raw.removeprefix("mmr_"), loot.access, PASSWORD):
        assert secret.encode() not in file


# --- people who are not let in


@pytest.mark.parametrize("step", ["ban", "suspend"])
async def test_the_token_of_somebody_banned_or_suspended_opens_no_socket(api: Outside, step: str) -> None:
    """Nor is it renewed. What is held about one, and the end of it, stay in reach."""
    email = f"{step}@college.edu"
    mine = await api.member(email)
    live = await api.socket(mine["token"])
    await api.command("user", step, email, "--reason", "Insults.", *(["--for", "1h"] if step == "suspend" else []))
    await assert_disconnected(live, SOON_ENOUGH)
    raw = mine["token"]
    for transport in TRANSPORTS:
        told = await api.denied(raw, transport)
        assert told["code"] == ("account_banned" if step == "ban" else "account_suspended")
        assert ("until" in told) is (step == "suspend")
    for answer in (
        await api.post("/auth/refresh", {"refreshToken": mine["refreshToken"]}),
        *[await api.get(path, raw) for path in ("/profile", "/verify-token")],
    ):
        refused = assert_problem(answer, 403, "sanctioned")
        assert refused["reason"] == "Insults."
        assert (refused["until"] is None) is (step == "ban")
    assert_problem(await api.get("/moderation/numbers", raw), 403, "forbidden")
    assert (await api.get("/account/export", mine["token"])).json()["sanctions"]
    assert_problem(await api.post("/auth/login", {"email": email, "password": PASSWORD}), 403, "sanctioned")
    assert (await api.delete("/account", mine["token"], {"password": PASSWORD})).status_code == 200


async def test_a_moderator_who_is_banned_is_no_moderator_any_more(api: Outside) -> None:
    mod = await api.member("gone@college.edu")
    await api.command("user", "promote", "gone@college.edu", "--role", "administrator")
    assert_problem(await api.get("/moderation/numbers", mod["token"]), 401, "second_factor")
    await api.command("user", "ban", "gone@college.edu", "--reason", "Abuse.")
    assert_problem(await api.get("/moderation/numbers", mod["token"]), 403, "forbidden")


# --- with the gate closed, and over a restart


async def test_who_is_over_stays_over_when_the_server_starts_again(tmp_path: Path) -> None:
    """Also somebody who belongs to no campus, and whose account is gone."""
    settings = {**GENEROUS, "DATA_DIR": str(tmp_path), "CAMPUSES": "College=college.edu"}
    with running_server(**settings) as first:
        async with outside(first, tmp_path) as api:
            out, kept, gone = [await api.member(f"{name}@college.edu") for name in ("out", "kept", "gone")]
            await api.post("/auth/logout", {"refreshToken": out["refreshToken"]})
            await api.delete("/account", gone["token"], {"password": PASSWORD})
    with running_server(**settings) as second:
        async with outside(second, tmp_path) as api:
            for over in (out, gone):
                await assert_refused(api, over["token"])
            stranger = token("eve")
            assert_problem(await api.get("/profile", stranger), 401, "account_gone")
            assert (await api.denied(stranger))["code"] == "account_gone"
            signed_out = jwt.decode(gone["token"], options={"verify_signature": False}) | {"sid": None}
            assert (await api.denied(signed(HEADER, signed_out)))["code"] == "account_gone"
            client = await api.socket(kept["token"])
            assert (await client.call("findChat"))["position"] == 1
            await client.leave()
            assert whose(await api.get("/profile", kept["token"])) == kept["user"]["userId"]
