"""Weaknesses that were published for servers of this kind, each replayed against this one.

The names are those of the CVE records; docs/security.md says in a sentence what each was about.
"""

import ast
import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.abuse.bystanders import HEARTBEAT, Stopwatch, cpu_seconds, resident_bytes
from tests.abuse.conftest import SETTINGS
from tests.support.engine import TRANSPORTS, Polls, open_engine
from tests.support.frames import SOON, Frame, Opcode, RawConnection, RawWebSocket, frame, request_head, upgrade_head
from tests.support.malformed import ONE, TWO
from tests.support.server import SECRET, RunningServer, running_server
from tests.support.sockets import Refused, SocketClient

pytestmark = pytest.mark.usefixtures("bystanders")

SOURCE = Path(__file__).parents[2] / "src" / "meetmates"
MEBIBYTE = 1 << 20
ALLOWED = "http://localhost:5173"
PRIVATE = rsa.generate_private_key(65537, 2048)
PUBLIC = PRIVATE.public_key()
PUBLIC_PEM = PUBLIC.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One that also accepts RS256 tokens of a public key, as a campus with its own sign-in has it."""
    key = tmp_path_factory.mktemp("keys") / "public.pem"
    key.write_bytes(PUBLIC_PEM)
    with running_server(**SETTINGS, JWT_PUBLIC_KEYS=key) as running:
        yield running


async def assert_serves(server: RunningServer) -> None:
    """The process lives, and a newcomer gets in."""
    assert server.process.poll() is None
    client = await SocketClient.join(server.url)
    assert (await client.call("cancelSearch"))["ok"] is True
    await client.leave()


async def polls_of(server: RunningServer) -> Polls:
    """A polling session that is connected."""
    polls = Polls(server.url)
    await polls.open()
    await polls.post("40")
    return polls


# --- memory


async def test_cve_2020_36048_huge_polling_body_is_not_held(server: RunningServer) -> None:
    polls = await polls_of(server)
    before = resident_bytes(server)
    for _ in range(5):
        async with await RawConnection.open(server.port) as connection:
            await connection.write(request_head("POST", polls.query(), length=100 * 1000 * 1000))
            writing = asyncio.create_task(connection.write(bytes(8 * MEBIBYTE)))
            assert (await connection.response(2)).status == 413
            await connection.wait_closed()
            await writing
    assert resident_bytes(server) - before < 4 * MEBIBYTE
    await polls.post("1")
    await polls.leave()


async def test_cve_2020_36048_payload_of_countless_packets_is_cheap(server: RunningServer) -> None:
    """The cost of a payload grows with its length and not with the square of it."""
    costs = []
    for count in (12_000, 48_000):
        before = cpu_seconds(server)
        for _ in range(5):
            polls = await polls_of(server)
            assert (await polls.post("\x1e".join(["4x"] * count))).status == 400
            await polls.leave()
        costs.append(cpu_seconds(server) - before)
    assert costs[1] < max(8 * costs[0], 0.25)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_cve_2020_36049_packet_of_countless_strings_is_cheap(server: RunningServer, transport: str) -> None:
    """The decoder put the attachment count and the id together digit by digit, a new string for each."""
    before, memory = cpu_seconds(server), resident_bytes(server)
    for packet in ("5" + "1" * 150_000 + '-["a"]', "2" + "1" * 150_000 + '["a"]', "2/" + "x" * 150_000 + ',["a"]'):
        client = await SocketClient.join(server.url, transport)
        await client.raw(packet)
        await client.engine.wait_end()
        await client.leave()
    assert cpu_seconds(server) - before < 0.3
    assert resident_bytes(server) - memory < 8 * MEBIBYTE


# --- origins


@pytest.mark.parametrize("upgrade", [False, True], ids=TRANSPORTS)
@pytest.mark.parametrize("cve", ["CVE-2020-28481", "CVE-2019-13611"])
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", f"{ALLOWED}.evil.example", f"{ALLOWED}0", "https://localhost:5173", "*", ""],
)
async def test_cve_2020_28481_and_cve_2019_13611_origin(
    server: RunningServer, cve: str, origin: str, upgrade: bool
) -> None:
    """The first let every page read the answers, the second let every page connect with the user's cookies."""
    headers = f"Origin: {origin}\r\nCookie: session=1\r\n"
    async with await RawConnection.open(server.port) as connection:
        plain = request_head("GET", "EIO=4&transport=polling", headers=headers)
        await connection.write(upgrade_head(headers=headers) if upgrade else plain)
        answer = await connection.response()
    assert (answer.status, json.loads(answer.body)) == (403, {"code": 4, "message": "Forbidden"})
    assert "access-control-allow-origin" not in answer.headers


async def test_cve_2020_28481_allowed_origin_is_named_and_never_a_star(server: RunningServer) -> None:
    async with await RawConnection.open(server.port) as connection:
        answer = await connection.request("GET", "EIO=4&transport=polling", headers=f"Origin: {ALLOWED}\r\n")
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == ALLOWED


# --- what ended the process


@pytest.mark.parametrize("rsv", [1, 2, 3], ids=["RSV3", "RSV2", "both"])
async def test_cve_2022_21676_frame_with_reserved_bits(server: RunningServer, rsv: int) -> None:
    query = "EIO=4&transport=websocket"
    async with await RawWebSocket.upgrade(server.port, query) as socket:
        await socket.write(frame("", Opcode.PING, rsv=rsv))
        assert await socket.wait_close_frame() == 1002
    polls = await polls_of(server)
    async with await RawWebSocket.upgrade(server.port, polls.query(transport="websocket")) as socket:
        await socket.write(frame("2probe", rsv=rsv))
        assert await socket.wait_close_frame() == 1002
    await polls.post("1")
    await polls.leave()
    await assert_serves(server)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("num", ['"splice"', '"__proto__"', '"constructor"', '"0"', "[0]", "{}", "null", "-0.5"])
async def test_cve_2022_2421_placeholder_that_is_no_number(server: RunningServer, transport: str, num: str) -> None:
    client = await SocketClient.join(server.url, transport)
    await client.raw(f'51-["sendMessage",{{"_placeholder":true,"num":{num}}}]', b"x")
    await client.engine.wait_end()
    await client.leave()
    await assert_serves(server)


async def test_cve_2022_41940_reset_during_an_upgrade(server: RunningServer) -> None:
    for read_answer in (False, True) * 25:
        connection = await RawConnection.open(server.port)
        await connection.write(upgrade_head("EIO=4&transport=websocket&sid=nobody" if read_answer else ""))
        if read_answer:
            assert (await connection.response()).status == 400
        connection.reset()
        await connection.leave()
    await assert_serves(server)


@pytest.mark.parametrize(
    "transport", ["constructor", "__proto__", "toString", "hasOwnProperty", "undefined", "%00", ""]
)
async def test_cve_2023_31125_upgrade_to_a_transport_that_is_none(server: RunningServer, transport: str) -> None:
    for query in (f"EIO=4&transport={transport}", f"transport={transport}", f"EIO=4&transport={transport}&sid=x"):
        async with await RawConnection.open(server.port) as connection:
            await connection.write(upgrade_head(query))
            answer = await connection.response()
            assert (answer.status, json.loads(answer.body)) == (400, {"code": 0, "message": "Transport unknown"})
    await assert_serves(server)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", ['{"toString":"foo"}', '{"toString":1}', "{}", "[]", '["a"]', "null", "1", "true"])
async def test_cve_2023_32695_event_name_that_is_no_string(server: RunningServer, transport: str, name: str) -> None:
    client = await SocketClient.join(server.url, transport)
    await client.raw(f"2[{name}]")
    await client.engine.wait_end()
    await client.leave()
    await assert_serves(server)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    "packet", ['2["error"]', '2["error",{"message":"x"}]', '20["error",null]', '2["uncaughtException"]']
)
async def test_cve_2024_38355_event_called_error(server: RunningServer, transport: str, packet: str) -> None:
    """An `error` event that nobody listened to was thrown. Here it is one more event that nobody knows."""
    client = await SocketClient.join(server.url, transport)
    await client.raw(packet)
    answer = await client.answer(0) if packet[1] == "0" else (await client.expect("eventError"))[0]
    assert answer["code"] == "unknown_event"
    await client.leave()
    await assert_serves(server)


# --- attachments


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("count", [11, 100, 99_999_999_999])
async def test_cve_2026_33151_attachments_without_limit(server: RunningServer, transport: str, count: int) -> None:
    client = await SocketClient.join(server.url, transport)
    await client.raw(f'5{count}-["sendMessage",{ONE}]')
    await client.engine.wait_end()
    await client.leave()
    await assert_serves(server)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("packets", [[f'451-["a",{ONE}]'], [f'451-["a",{ONE}]', b"x"], [b"x"], ["461-1[]"]], ids=str)
async def test_cve_2026_48804_attachments_before_connect(
    server: RunningServer, transport: str, packets: list[str | bytes]
) -> None:
    session = await open_engine(server.url, transport)
    await session.send(*packets)
    await session.wait_end()
    await session.leave()


async def test_cve_2026_48804_withheld_attachments_do_not_add_up(server: RunningServer) -> None:
    """A client announces, sends all but the last, and announces again: the second time it is closed."""
    clients = [await SocketClient.join(server.url) for _ in range(30)]
    before = resident_bytes(server)
    for client in clients:
        await client.raw(f'52-["a",{TWO}]', bytes(190_000))
    await asyncio.gather(*(client.raw(f'52-["a",{TWO}]', bytes(190_000)) for client in clients))
    for client in clients:
        await client.engine.wait_end()
        await client.leave()
    assert resident_bytes(server) - before < 12 * MEBIBYTE


# --- heartbeat


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_cve_2026_48802_flood_of_pong(server: RunningServer, transport: str) -> None:
    """Each PONG started another heartbeat. Here there is one, however many PONG packets come."""
    session = await open_engine(server.url, transport)
    session.answers_pings = False
    await session.send("40")
    threads, memory = thread_count(server), resident_bytes(server)
    for _ in range(20):
        await session.send(*["3"] * 500)
    assert thread_count(server) == threads
    assert resident_bytes(server) - memory < 4 * MEBIBYTE
    watch = Stopwatch()
    await session.wait_end(HEARTBEAT + SOON)
    assert watch.seconds < HEARTBEAT + 0.7
    await session.leave()


async def test_cve_2026_48802_more_pongs_bring_no_more_pings(server: RunningServer) -> None:
    """One PING in each interval, for as long as a client that answers each of them twenty times is suffered."""
    async with await RawWebSocket.upgrade(server.port) as socket:
        await socket.write(frame("40"))
        pings = 0
        with contextlib.suppress(TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            async with asyncio.timeout(1.4 * HEARTBEAT):
                while True:
                    if await socket.receive(HEARTBEAT) == Frame(Opcode.TEXT, b"2"):
                        pings += 1
                        await socket.write(*[frame("3")] * 20)
        assert 1 <= pings <= 2


def thread_count(server: RunningServer) -> int:
    """The number of the server's threads."""
    return len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))


# --- bodies


async def test_cve_2026_48809_body_of_a_stranger_is_not_read(server: RunningServer) -> None:
    """Who is unknown is refused before any of the body has come."""
    for query in ("EIO=4&transport=polling&sid=nobody", "EIO=4&transport=polling", "transport=polling"):
        async with await RawConnection.open(server.port) as connection:
            await connection.write(request_head("POST", query, length=100_000))
            assert (await connection.response(1)).status == 400


async def test_cve_2026_48809_body_is_measured_before_it_is_read(server: RunningServer) -> None:
    polls = await polls_of(server)
    async with await RawConnection.open(server.port) as connection:
        await connection.write(request_head("POST", polls.query(), length=200_001))
        assert (await connection.response(1)).status == 413
    await polls.post("1")
    await polls.leave()


@pytest.mark.parametrize("body", [b"\x00\x01\x02", b"\x04abc", b"bAQID", b"4\xff\xfe", b""])
async def test_cve_2026_59725_binary_post_is_answered(server: RunningServer, body: bytes) -> None:
    """The request was never answered and its connection stayed open for ever."""
    polls = await polls_of(server)
    async with await RawConnection.open(server.port) as connection:
        headers = "Content-Type: application/octet-stream\r\n"
        answer = await connection.request("POST", polls.query(), body=body, headers=headers)
        assert answer.status == 400
    assert (await polls.get()).status == 400
    await polls.leave()


# --- between nodes


def test_cve_2025_61765_nothing_is_ever_unpickled() -> None:
    dangerous = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "marshal", "shelve", "jsonpickle"}
    imported: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
    assert "asyncio" in imported  # the walk does see imports
    assert imported & dangerous == set()


# --- tokens


def claims(**changes: Any) -> dict[str, Any]:
    """What a sound token says."""
    now = int(time.time())
    return {
        "userId": "u1",
        "email": "ana@college.edu",
        "isGoogleUser": False,
        "iat": now,
        "exp": now + 600,
        "jti": "1",
        "iss": "meetmates",
        "aud": "meetmates",
    } | changes


def encoded(part: bytes) -> str:
    """base64url without padding: RFC 7515, section 2."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def forged(header: dict[str, Any], secret: bytes) -> str:
    """A token with any header, signed with HMAC by hand: libraries refuse to."""
    body = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims()).encode())}"
    return f"{body}.{encoded(hmac.digest(secret, body.encode(), hashlib.sha256))}"


async def assert_token_refused(server: RunningServer, token: str) -> None:
    """Over each transport, and in the header as in the auth object."""
    for transport in TRANSPORTS:
        client = SocketClient(await open_engine(server.url, transport))
        with pytest.raises(Refused) as refused:
            await client.connect(auth={"token": token})
        assert refused.value.data == {"message": "Authentication failed", "data": {"code": "token_invalid"}}
        await client.leave()
    polls = Polls(server.url, headers=f"Authorization: Bearer {token}\r\n")
    await polls.open()
    await polls.post("40")
    assert b"token_invalid" in (await polls.get()).body
    await polls.post("1")
    await polls.leave()


JWK = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(PUBLIC))
DER = PUBLIC.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
PUBLIC_AS_SECRET = {
    "PEM": PUBLIC_PEM,
    "PEM without its last line break": PUBLIC_PEM.rstrip(),
    "DER": DER,
    "JWK": json.dumps(JWK).encode(),
    "JWK without white space": json.dumps(JWK, separators=(",", ":")).encode(),
    "modulus": base64.urlsafe_b64decode(JWK["n"] + "=="),
    "nothing": b"",
}


@pytest.mark.parametrize("cve", ["CVE-2026-48526", "CVE-2024-37568"])
@pytest.mark.parametrize("secret", PUBLIC_AS_SECRET.values(), ids=PUBLIC_AS_SECRET)
async def test_cve_2026_48526_and_cve_2024_37568_public_key_as_secret(
    server: RunningServer, secret: bytes, cve: str
) -> None:
    """The first took a JWK for an HMAC secret, the second a PEM or DER text."""
    await assert_token_refused(server, forged({"alg": "HS256", "typ": "JWT"}, secret))


@pytest.mark.parametrize("where", ["jwk", "jku", "x5u", "x5c", "kid"])
async def test_cve_2026_27962_key_from_the_header_of_the_token(server: RunningServer, where: str) -> None:
    own = rsa.generate_private_key(65537, 2048)
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(own.public_key()))
    der = own.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    headers = {
        "jwk": jwk,
        "jku": f"{server.url}/keys.json",
        "x5u": f"{server.url}/chain.pem",
        "x5c": [base64.b64encode(der).decode()],
        "kid": "../../../../dev/null",
    }
    await assert_token_refused(server, jwt.encode(claims(), own, "RS256", {where: headers[where]}))
    secret = encoded(b"k" * 32)
    symmetric = {"kty": "oct", "k": secret} if where == "jwk" else headers[where]
    await assert_token_refused(server, forged({"alg": "HS256", where: symmetric}, b"k" * 32))


@pytest.mark.parametrize("crit", [["x-unknown"], ["b64"], ["exp"], [], "exp", None, [1]], ids=str)
async def test_unknown_crit_is_refused(server: RunningServer, crit: object) -> None:
    """RFC 7515, section 4.1.11: what must be understood and is not makes the token invalid."""
    header = {"alg": "HS256", "typ": "JWT", "crit": crit, "x-unknown": 1}
    await assert_token_refused(server, forged(header, SECRET.encode()))


async def test_sound_tokens_of_both_kinds_are_accepted(server: RunningServer) -> None:
    """Without this, a server that refuses everything would pass."""
    for token in (
        forged({"alg": "HS256", "typ": "JWT"}, SECRET.encode()),
        jwt.encode(claims(), PRIVATE, "RS256"),
        jwt.encode(claims(), PRIVATE, "RS256", {"kid": "any"}),
    ):
        client = SocketClient(await open_engine(server.url, "websocket"))
        await client.connect(auth={"token": token})
        await client.leave()
