"""Whose pages may connect: every origin that looks like an allowed one, over each kind of request there is.

Longer than most files: each look-alike is tried over each kind of request, and each kind has an answer of its own.
"""

import asyncio
import json
from collections.abc import Iterator

import pytest

from tests.abuse.bystanders import eventually, log_is_busy, warnings
from tests.abuse.conftest import SETTINGS
from tests.support.engine import Handshake, Polls
from tests.support.frames import ENGINE_PATH, RawConnection, RawWebSocket, Response, upgrade_head
from tests.support.server import RunningServer, running_server

DEFAULTS = ["http://localhost:5173", "https://www.meetmates.space"]
PUBLIC, LISTED = "https://meet.college.edu", "https://www.college.edu:8443"
REQUESTS = ["GET", "POST", "upgrade", "preflight"]
OPENING = "EIO=4&transport=polling"
FORBIDDEN = b'{"code":4,"message":"Forbidden"}'
over_each = pytest.mark.parametrize("kind", REQUESTS)
watched = pytest.mark.usefixtures("bystanders")


@pytest.fixture(scope="module")
def public() -> Iterator[RunningServer]:
    """A server that browsers reach at an address of its own, with one more origin."""
    with running_server(**SETTINGS, PUBLIC_URL=PUBLIC, ORIGINS=LISTED) as running:
        yield running


async def ask(server: RunningServer, kind: str, origin: str | None, host: str = "127.0.0.1") -> Response:
    """The answer to one request of that kind: opening polls, a post to an open session, an upgrade, a preflight."""
    headers = "" if origin is None else f"Origin: {origin}\r\n"
    if kind == "POST":
        polls = Polls(server.url)
        await polls.open()
        polls.headers = headers
        answer = await polls.post("40")
        polls.headers = ""
        await assert_served(polls, connected=answer.status == 200)
        return answer
    async with await RawConnection.open(server.port) as connection:
        head = upgrade_head(headers=headers)
        if kind != "upgrade":
            method = "OPTIONS" if kind == "preflight" else "GET"
            asked = "Access-Control-Request-Method: POST\r\n" if kind == "preflight" else ""
            head = f"{method} {ENGINE_PATH}?{OPENING} HTTP/1.1\r\nHost: 127.0.0.1\r\n{asked}{headers}\r\n".encode(
                "latin-1"
            )
        await connection.write(head.replace(b"Host: 127.0.0.1\r\n", f"Host: {host}\r\n".encode()))
        answer = await connection.response()
        if kind == "GET" and answer.status == 200:
            sid = Handshake.read(answer.body.decode()).sid
            assert (await connection.request("POST", f"{OPENING}&sid={sid}", body=b"1")).body == b"ok"
        return answer


async def assert_served(polls: Polls, connected: bool) -> None:
    """The session lives, and what was posted to it has been heard, or has not."""
    if not connected:
        await polls.post("40")
    assert (await polls.get()).body.startswith(b'40{"sid":')
    await polls.post("1")
    await polls.leave()


def assert_forbidden(answer: Response) -> None:
    """403, word by word, and nothing by which a page could read it."""
    assert (answer.status, answer.body) == (403, FORBIDDEN)
    assert answer.headers["content-type"] == "application/json"
    assert not [name for name in answer.headers if name.startswith("access-control")]


def assert_allowed(kind: str, answer: Response, origin: str | None) -> None:
    """What the request asked for, and what a browser wants to read before its page may see it."""
    assert answer.status == {"GET": 200, "POST": 200, "upgrade": 101, "preflight": 204}[kind], answer
    cors = {name: value for name, value in answer.headers.items() if name.startswith("access-control")}
    if origin is None:
        assert "access-control-allow-origin" not in cors
    elif kind != "upgrade":  # where there is no such thing
        assert cors["access-control-allow-origin"] == origin
        assert cors["access-control-allow-credentials"] == "true"
        assert answer.headers["vary"] == "Origin"
    if kind == "preflight" and origin is not None:
        assert {name.strip() for name in cors["access-control-allow-headers"].split(",")} == {
            "authorization",
            "content-type",
            "x-auth-token",
        }
        assert {"GET", "POST"} <= {name.strip() for name in cors["access-control-allow-methods"].split(",")}


def own(server: RunningServer) -> list[str]:
    return [f"http://{name}:{server.port}" for name in ("localhost", "127.0.0.1", "[::1]")]


# --- refused

FOREIGN = {
    "another site": "https://evil.example",
    "null": "null",
    "empty": "",
    "a star": "*",
    "an allowed one with a suffix": "https://www.meetmates.space.evil.example",
    "an allowed one with a longer top level": "https://www.meetmates.spacex",
    "an allowed one with a prefix": "https://evilwww.meetmates.space",
    "a subdomain of an allowed one": "https://a.www.meetmates.space",
    "the parent of an allowed one": "https://meetmates.space",
    "another port": "http://localhost:5174",
    "a longer port": "http://localhost:51730",
    "no port": "http://localhost",
    "the scheme's own port, which browsers leave out": "https://www.meetmates.space:443",
    "another scheme": "https://localhost:5173",
    "the other way round": "http://www.meetmates.space",
    "a scheme of an extension": "chrome-extension://abcdefghijklmnop",
    "no scheme": "www.meetmates.space",
    "upper case": "HTTPS://WWW.MEETMATES.SPACE",
    "an upper case host": "https://WWW.meetmates.space",
    "a slash behind it": "https://www.meetmates.space/",
    "a path behind it": "https://www.meetmates.space/x",
    "a user in front of another host": "https://www.meetmates.space@evil.example",
    "a dot behind it": "https://www.meetmates.space.",
    "a letter that looks alike": "https://www.meetmate\xdf.space",
    "two at once": "https://www.meetmates.space, https://evil.example",
    "two headers": "https://www.meetmates.space\r\nOrigin: https://evil.example",
}


@watched
@over_each
@pytest.mark.parametrize("case", FOREIGN)
async def test_a_foreign_origin_is_refused(server: RunningServer, kind: str, case: str) -> None:
    """Nothing happens to the session that such a request names, either."""
    assert_forbidden(await ask(server, kind, FOREIGN[case]))


@watched
@over_each
async def test_the_own_name_with_another_port_or_scheme_is_foreign(server: RunningServer, kind: str) -> None:
    for origin in (f"http://localhost:{server.port + 1}", f"https://localhost:{server.port}", "http://127.0.0.1"):
        assert_forbidden(await ask(server, kind, origin))


@watched
@over_each
async def test_the_host_header_alone_makes_nobody_the_own_origin(server: RunningServer, kind: str) -> None:
    """Or any name that somebody points at the server's address would do (DNS rebinding)."""
    for host in ("evil.example", f"evil.example:{server.port}"):
        assert_forbidden(await ask(server, kind, f"http://{host}", host))


@watched
async def test_a_poll_of_a_foreign_page_reads_nothing(server: RunningServer) -> None:
    polls = Polls(server.url)
    await polls.open()
    await polls.post("40")
    polls.headers = "Origin: https://evil.example\r\n"
    assert_forbidden(await polls.get())
    assert_forbidden(await polls.post('42["findChat"]'))
    polls.headers = ""
    body = (await polls.get()).body
    assert body.startswith(b'40{"sid":')
    assert b"waiting" not in body
    await polls.post("1")
    await polls.leave()


@watched
async def test_a_foreign_page_cannot_take_a_polling_session_over(server: RunningServer) -> None:
    polls = Polls(server.url)
    await polls.open()
    async with await RawConnection.open(server.port) as connection:
        await connection.write(
            upgrade_head(polls.query(transport="websocket"), headers="Origin: https://evil.example\r\n")
        )
        assert_forbidden(await connection.response())
    await assert_served(polls, connected=False)


@watched
@over_each
async def test_a_refused_origin_leaves_one_line_in_the_log(server: RunningServer, kind: str) -> None:
    await eventually(lambda: not log_is_busy(server))
    before = len(warnings(server))
    assert_forbidden(await ask(server, kind, "https://evil.example"))
    await eventually(lambda: len(warnings(server)) > before)
    (line,) = warnings(server)[before:]
    assert (line["event"], line["reason"]) == ("Request refused", "origin not allowed")
    assert line["address"] == "127.0.0.0/24"


# --- allowed


@watched
@over_each
async def test_a_client_without_an_origin_is_no_browser(server: RunningServer, kind: str) -> None:
    assert_allowed(kind, await ask(server, kind, None), None)


@watched
@over_each
@pytest.mark.parametrize("origin", DEFAULTS)
async def test_the_listed_origins_may_connect(server: RunningServer, kind: str, origin: str) -> None:
    assert_allowed(kind, await ask(server, kind, origin), origin)


@watched
@over_each
async def test_the_own_origins_may_connect_whatever_the_host_header_says(server: RunningServer, kind: str) -> None:
    for origin in own(server):
        for host in ("127.0.0.1", f"localhost:{server.port}", "evil.example"):
            assert_allowed(kind, await ask(server, kind, origin, host), origin)


@over_each
async def test_the_public_url_takes_the_place_of_the_own_names(public: RunningServer, kind: str) -> None:
    for origin in (PUBLIC, LISTED):
        assert_allowed(kind, await ask(public, kind, origin), origin)
    for origin in (*own(public), *DEFAULTS, f"{PUBLIC}:443", f"{PUBLIC}:8443", "https://www.college.edu"):
        assert_forbidden(await ask(public, kind, origin, "meet.college.edu"))


@watched
async def test_a_page_may_read_what_went_wrong(server: RunningServer) -> None:
    """An error that a page cannot read looks to it like a network that is down."""
    origin = DEFAULTS[0]
    async with await RawConnection.open(server.port) as connection:
        for query in ("EIO=3&transport=polling", "EIO=4&transport=none", "EIO=4&transport=polling&sid=nobody"):
            answer = await connection.request("GET", query, headers=f"Origin: {origin}\r\n")
            assert answer.status == 400
            assert "message" in json.loads(answer.body)
            assert answer.headers["access-control-allow-origin"] == origin
            assert answer.headers["access-control-allow-credentials"] == "true"


@watched
async def test_an_allowed_page_goes_the_whole_way_over_both_transports(server: RunningServer) -> None:
    origin = DEFAULTS[0]
    polls = Polls(server.url, headers=f"Origin: {origin}\r\n")
    await polls.open()
    await polls.post("40")
    assert (await polls.get()).body.startswith(b'40{"sid":')
    async with await RawConnection.open(server.port) as connection:
        await connection.write(upgrade_head(polls.query(transport="websocket"), headers=f"Origin: {origin}\r\n"))
        assert (await connection.response()).status == 101
        socket = RawWebSocket(connection.reader, connection.writer)
        await socket.send("2probe", "5", '42["no-such-event"]')
        async with asyncio.timeout(5):
            while "unknown_event" not in await socket.text():
                pass
    await polls.leave()
