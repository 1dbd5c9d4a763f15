"""The refresh cookie: what it looks like, what it opens, and whose pages may act on it. One table for every route."""

from pathlib import Path

import httpx
import pytest

from meetmates.http.cookies import are_secure
from meetmates.http.guard import CORS_HEADERS
from meetmates.settings import load
from meetmates.store.database import Database
from tests.support.rest import FOREIGN, OWN, PAGE, PASSWORD, Rest, assert_problem, bearing, opened

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)

ANA = "ana@college.edu"
UNSAFE = [
    ("POST", "/auth/signup", {"email": "ben@college.edu", "password": PASSWORD}),
    ("POST", "/auth/login", {"email": ANA, "password": PASSWORD}),
    ("POST", "/auth/login", {"email": ANA, "password": PASSWORD, "cookie": True}),
    ("POST", "/auth/google-login", {"credential": "x"}),
    ("POST", "/auth/verify-email", {"email": ANA, "code": "123456"}),
    ("POST", "/auth/resend", {"email": ANA}),
    ("POST", "/auth/refresh", None),
    ("POST", "/auth/refresh", {}),
    ("POST", "/auth/logout", None),
    ("POST", "/auth/logout", {}),
    ("POST", "/auth/logout-all", None),
    ("POST", "/auth/password/forgot", {"email": ANA}),
    ("POST", "/auth/password/reset", {"email": ANA, "code": "123456", "password": PASSWORD}),
    ("DELETE", "/auth/sessions/x", None),
    ("DELETE", "/account", {"password": PASSWORD}),
    ("POST", "/appeals", {"appealToken": "x", "text": "Please."}),
]
STRANGERS = [
    FOREIGN,
    "null",
    "http://localhost:3001.evil.example",
    "http://localhost:3002",
    "https://localhost:3001",
    "",
]
ACTING = [  # routes that read or set the cookie
    ("POST", "/auth/refresh", None),
    ("POST", "/auth/logout", None),
    ("POST", "/auth/login", {"email": ANA, "password": PASSWORD, "cookie": True}),
    ("POST", "/auth/google-login", {"credential": "x", "cookie": True}),
]


async def with_cookie(rest: Rest) -> str:
    """Signs in with the cookie; the access token."""
    await rest.joined(ANA)
    token: str = (await rest.signed_in(ANA, cookie=True))["token"]
    return token


def attributes(answer: httpx.Response) -> tuple[str, set[str]]:
    """Name and value, and the attributes in small letters."""
    first, *rest = answer.headers["set-cookie"].split("; ")
    return first, {part.lower() for part in rest}


async def test_the_cookie_replaces_the_refresh_token_in_the_answer(rest: Rest) -> None:
    await rest.joined(ANA)
    answer = await rest.post("/auth/login", {"email": ANA, "password": PASSWORD, "cookie": True})
    assert "refreshToken" not in answer.json()
    value, told = attributes(answer)
    assert value.startswith("mm_refresh=mmr_")
    assert told == {"httponly", "samesite=strict", "path=/api/auth", f"max-age={30 * 86400}"}  # http on the loopback
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("settings", "secure"),
    [
        ({}, False),
        ({"host": "::1"}, False),
        ({"public_url": "http://localhost:8080", "host": "0.0.0.0"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"host": "192.0.2.7"}, True),
        ({"public_url": "https://meet.college.edu"}, True),
        ({"public_url": "https://localhost"}, True),
        ({"public_url": "http://meet.college.edu"}, True),
    ],
)
async def test_it_is_for_tls_alone_but_on_the_loopback(
    database: Database, tmp_path: Path, settings: dict[str, str], secure: bool
) -> None:
    assert are_secure(load(settings)) is secure
    async with opened(database, tmp_path, **settings) as rest:
        await rest.joined(ANA)
        answer = await rest.post("/auth/login", {"email": ANA, "password": PASSWORD, "cookie": True})
        assert ("secure" in attributes(answer)[1]) is secure


async def test_no_other_route_is_ever_sent_it(rest: Rest) -> None:
    await with_cookie(rest)
    for path, sent in (("/auth/sessions", True), ("/profile", False), ("/account/export", False)):
        request = rest.client.build_request("GET", f"/api{path}")
        assert ("cookie" in request.headers) is sent
        assert_problem(await rest.client.send(request), 401, "token_missing")  # and it stands for no access token


async def test_it_is_renewed_and_stays_out_of_the_answer(rest: Rest) -> None:
    await with_cookie(rest)
    before = rest.client.cookies["mm_refresh"]
    answer = await rest.post("/auth/refresh")
    assert answer.status_code == 200
    assert "refreshToken" not in answer.json()
    assert rest.client.cookies["mm_refresh"] != before
    assert attributes(answer)[1] >= {"httponly", "samesite=strict", "path=/api/auth"}


async def test_a_token_in_the_body_is_answered_in_the_body(rest: Rest) -> None:
    await with_cookie(rest)
    other = await rest.signed_in(ANA)
    answer = await rest.post("/auth/refresh", {"refreshToken": other["refreshToken"]})
    assert answer.json()["refreshToken"].startswith("mmr_")
    assert "set-cookie" not in answer.headers


async def test_a_cookie_that_works_no_more_is_taken_away(rest: Rest) -> None:
    token = await with_cookie(rest)
    await rest.parts.sessions.end_all((await rest.get("/profile", token)).json()["user"]["userId"])
    answer = await rest.post("/auth/refresh")
    assert_problem(answer, 401, "no_session")
    assert "max-age=0" in attributes(answer)[1]
    assert "mm_refresh" not in rest.client.cookies


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/auth/logout", None),
        ("POST", "/auth/logout-all", None),
        ("DELETE", "/account", {"password": PASSWORD}),
    ],
)
async def test_it_goes_with_the_session(rest: Rest, method: str, path: str, body: object) -> None:
    token = await with_cookie(rest)
    raw = rest.client.cookies["mm_refresh"]
    answer = await rest.client.request(method, f"/api{path}", json=body, headers=bearing(token))
    assert answer.status_code == 200
    assert "mm_refresh" not in rest.client.cookies
    assert_problem(await rest.post("/auth/refresh", {"refreshToken": raw}), 401, "no_session")


@pytest.mark.parametrize(("method", "path", "body"), UNSAFE)
async def test_a_foreign_page_changes_nothing(rest: Rest, method: str, path: str, body: object) -> None:
    token = await with_cookie(rest)
    letters = len(rest.shown)
    for origin in STRANGERS:
        headers = bearing(token) | {"origin": origin}
        answer = await rest.client.request(method, f"/api{path}", json=body, headers=headers)
        assert_problem(answer, 403, "foreign_origin")
        assert "access-control-allow-origin" not in answer.headers
        assert "set-cookie" not in answer.headers
    assert len(rest.shown) == letters
    assert (await rest.get("/profile", token)).status_code == 200
    assert (await rest.post("/auth/refresh")).status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), ACTING)
async def test_another_site_cannot_act_on_it_whatever_its_origin_says(
    rest: Rest, method: str, path: str, body: object
) -> None:
    await with_cookie(rest)
    for given in ({}, {"origin": OWN}, {"origin": PAGE}):
        headers = {"sec-fetch-site": "cross-site", **given}
        answer = await rest.client.request(method, f"/api{path}", json=body, headers=headers)
        assert_problem(answer, 403, "foreign_origin")
    assert (await rest.post("/auth/refresh")).status_code == 200


@pytest.mark.parametrize("origin", [None, OWN, PAGE])
async def test_our_own_pages_and_programs_act_on_it(rest: Rest, origin: str | None) -> None:
    await with_cookie(rest)
    for site in (None, "same-origin", "same-site", "none"):
        given = {"origin": origin, "sec-fetch-site": site}
        headers = {name: value for name, value in given.items() if value is not None}
        answer = await rest.post("/auth/refresh", headers=headers)
        assert answer.status_code == 200
        assert answer.headers.get("access-control-allow-origin") == origin
    assert (await rest.post("/auth/logout", headers=headers)).status_code == 200
    assert "mm_refresh" not in rest.client.cookies


# --- whose pages may read the answers


@pytest.mark.parametrize("origin", [OWN, PAGE])
async def test_configured_pages_may_ask_before_they_ask(rest: Rest, origin: str) -> None:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-auth-token",
    }
    answer = await rest.client.options("/api/auth/login", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-allow-headers"] == CORS_HEADERS
    assert "x-auth-token" in CORS_HEADERS
    assert "DELETE" in answer.headers["access-control-allow-methods"]
    assert answer.headers["vary"] == "Origin"


async def test_refusals_can_be_read_by_configured_pages_too(rest: Rest) -> None:
    for answer in (
        await rest.get("/profile", headers={"origin": PAGE}),
        await rest.get("/nothing", headers={"origin": PAGE}),
        await rest.post("/auth/login", {"email": 7}, headers={"origin": PAGE}),
    ):
        assert answer.status_code >= 400
        assert answer.headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("origin", STRANGERS)
async def test_other_pages_may_not(rest: Rest, origin: str) -> None:
    headers = {"origin": origin, "access-control-request-method": "POST"}
    asked = await rest.client.options("/api/auth/login", headers=headers)
    assert_problem(asked, 403, "foreign_origin")
    for answer in (asked, await rest.get("/config", headers={"origin": origin})):
        assert not any(name.startswith("access-control") for name in answer.headers)
        assert answer.headers["vary"] == "Origin"
