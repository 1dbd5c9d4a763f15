"""The web page and the client's script, as a browser asks for them."""

import gzip
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from meetmates.http.app import make_http
from meetmates.http.page import STATES, Page, is_built, policy
from meetmates.http.statics import takes_gzip
from meetmates.service.measures import Measures
from meetmates.settings import load
from tests.support.api import assert_problem
from tests.support.page import FILES, SCRIPT, small_page
from tests.support.rest import FOREIGN, PAGE, Rest

OWN = ["http://127.0.0.1:3001", "http://[::1]:3001", "https://meet.college.edu"]


class Browser:
    """Asks one application, which has a small page."""

    def __init__(self, page: Page | None) -> None:
        self._app = make_http(
            settings=load({"metrics_token": None}),
            measures=Measures(),
            tables=lambda: {"connections": 3},
            ready=lambda: True,
            page=page,
        )

    async def ask(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        return await ask(self._app, path, method, headers)


async def ask(app: FastAPI, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        return await client.request(method, path, headers={"accept-encoding": "identity"} | named)


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(Page(small_page(tmp_path), OWN, google=False))


@pytest.mark.parametrize("path", ["/", *(f"/{state}" for state in STATES), "/chat/", "/account/devices/1", "/help?x=1"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_every_state_of_the_page_is_the_page(browser: Browser, path: str, method: str) -> None:
    answer = await browser.ask(path, method)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert int(answer.headers["content-length"]) == len(FILES["index.html"])


@pytest.mark.parametrize(
    "path", ["/nothing", "/chats", "/index.html", "/assets", "/assets/", "/icons/512.png", "/page"]
)
async def test_what_is_not_there_is_not_found(browser: Browser, path: str) -> None:
    assert_problem(await browser.ask(path), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        *("/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"),
        *("/icons/..%5c..%5csecret.txt", "/assets/%00", "/assets//sw.js", "/assets/%2e%2e/index.html"),
        "/socket.io/../../secret.txt",
    ],
)
async def test_nothing_leads_out_of_the_page(browser: Browser, path: str) -> None:
    assert (await browser.ask(path)).status_code == 404


@pytest.mark.parametrize(
    ("path", "kind", "kept"),
    [
        ("/assets/main-4f2a.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/assets/main-4f2a.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/icons/192.png", "image/png", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/offline.html", "text/html; charset=utf-8", "no-cache"),
    ],
)
async def test_every_file_has_its_type_and_its_time(browser: Browser, path: str, kind: str, kept: str) -> None:
    answer = await browser.ask(path)
    content = FILES[path[1:]]
    assert answer.content == (content if isinstance(content, bytes) else content.encode())
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (kind, kept)
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_a_browser_has_already_is_not_sent_again(browser: Browser) -> None:
    first = await browser.ask("/")
    again = await browser.ask("/chat", if_none_match=f'"other", W/{first.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert (await browser.ask("/", if_none_match='"other"')).status_code == 200


async def test_who_takes_gzip_gets_it(browser: Browser) -> None:
    plain, packed = (
        await browser.ask("/assets/main-4f2a.js"),
        await browser.ask("/assets/main-4f2a.js", accept_encoding="br, gzip"),
    )
    assert plain.text == packed.text == SCRIPT
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(SCRIPT) / 10
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert plain.headers["etag"] != packed.headers["etag"]
    again = await browser.ask("/assets/main-4f2a.js", accept_encoding="gzip", if_none_match=packed.headers["etag"])
    assert again.status_code == 304


async def test_what_would_not_get_smaller_is_not_packed(browser: Browser) -> None:
    assert "content-encoding" not in (await browser.ask("/icons/192.png", accept_encoding="gzip")).headers


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        *(("gzip", True), ("br, gzip, deflate", True), ("GZIP;q=0.1", True), ("*", True), ("gzip ; q=1", True)),
        *(("", False), ("br", False), ("gzip;q=0", False), ("gzip;q=0.000, *", False), ("*;q=0", False)),
    ],
)
def test_which_encodings_take_gzip(accepted: str, taken: bool) -> None:
    assert takes_gzip(accepted) is taken


async def test_the_files_are_read_once(tmp_path: Path) -> None:
    folder = small_page(tmp_path)
    browser = Browser(Page(folder, OWN, google=False))
    (folder / "index.html").unlink()
    assert (await browser.ask("/")).status_code == 200


async def test_the_page_may_do_what_it_needs_and_nothing_more(browser: Browser) -> None:
    headers = (await browser.ask("/")).headers
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["worker-src"] == "'self'"
    assert rules["connect-src"] == "'self' ws://127.0.0.1:3001 wss://meet.college.edu"
    assert "unsafe" not in headers["content-security-policy"]
    assert "google" not in headers["content-security-policy"]
    assert "camera=(self)" in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"


async def test_google_is_let_in_where_its_sign_in_is_offered(tmp_path: Path) -> None:
    headers = (await Browser(Page(small_page(tmp_path), OWN, google=True)).ask("/")).headers
    assert headers["cross-origin-opener-policy"] == "same-origin-allow-popups"
    rules = dict(rule.split(" ", 1) for rule in policy(OWN, google=True).split("; "))
    assert rules["script-src"] == "'self' https://accounts.google.com/gsi/client"
    assert rules["frame-src"] == "https://accounts.google.com/gsi/"
    assert headers["content-security-policy"] == policy(OWN, google=True)


async def test_the_plain_page_stays_at_status(browser: Browser) -> None:
    answer = await browser.ask("/status")
    assert "<strong>3</strong> online now" in answer.text
    assert "make setup" not in answer.text


async def test_without_a_page_the_plain_one_says_how_to_build_it(tmp_path: Path) -> None:
    assert not is_built(tmp_path)
    browser = Browser(None)
    for path in ("/", "/status"):
        answer = await browser.ask(path)
        assert "MeetMates is running" in answer.text
        assert "make setup" in answer.text
    assert_problem(await browser.ask("/chat"), 404, "not_found")


# --- the client's script


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_pages_can_load_the_client_from_here(browser: Browser, method: str) -> None:
    answer = await browser.ask("/socket.io/socket.io.js", method, accept_encoding="gzip")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=0"
    assert answer.headers["content-encoding"] == "gzip"
    again = await browser.ask("/socket.io/socket.io.js", accept_encoding="gzip", if_none_match=answer.headers["etag"])
    assert again.status_code == 304
    assert (await browser.ask("/socket.io/socket.io.js.map")).headers["content-type"] == "application/json"


async def test_pages_of_allowed_origins_can_load_it_as_a_module(rest: Rest, tmp_path: Path) -> None:
    page = Page(small_page(tmp_path), OWN, google=False)
    app = make_http(
        settings=rest.parts.settings,
        measures=Measures(),
        tables=lambda: {"connections": 0},
        ready=lambda: True,
        parts=rest.parts,
        page=page,
    )
    path = "/socket.io/socket.io.esm.min.js"
    allowed = await ask(app, path, headers={"origin": PAGE})
    assert allowed.headers["access-control-allow-origin"] == PAGE
    assert "access-control-allow-origin" not in (await ask(app, path, headers={"origin": FOREIGN})).headers
    assert "Origin" in allowed.headers["vary"]


async def test_what_is_no_client_is_not_found(browser: Browser) -> None:
    for name in ("index.html", "socket.io.js.map.map", "socket.io.exe", "..%2fsw.js"):
        assert_problem(await browser.ask(f"/socket.io/{name}"), 404, "not_found")


async def test_a_client_that_was_not_built_is_told(browser: Browser) -> None:
    for asked in (await browser.ask("/socket.io/socket.io.min.js"), await Browser(None).ask("/socket.io/socket.io.js")):
        assert "make setup" in assert_problem(asked, 404, "not_found")["detail"]


def test_packing_keeps_no_time(tmp_path: Path) -> None:
    """So that two servers with the same page have the same files."""
    one, other = (Page(small_page(tmp_path / name), OWN, google=False).files for name in "ab")
    assert one == other
    packed = one["assets/main-4f2a.js"].gzipped
    assert packed is not None
    assert gzip.decompress(packed).decode() == SCRIPT
