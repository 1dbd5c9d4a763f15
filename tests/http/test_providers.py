"""Signing in with Google and by single sign-on, as a page and a browser see it."""

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from meetmates.accounts.google import Google
from meetmates.accounts.oidc import SingleSignOn
from meetmates.domain.ladder import Kind
from meetmates.store.database import Database
from tests.support.clock import HandClock
from tests.support.google import RunningProvider, running_provider
from tests.support.openid import CLIENT as CAMPUS_CLIENT
from tests.support.openid import REDIRECT, TRUST, OpenIdProvider, running_openid_provider, sign_in
from tests.support.openid import SECRET as CAMPUS_SECRET
from tests.support.rest import OWN, Rest, assert_problem, opened
from tests.support.server import SECRET, free_port

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)

CLIENT = "1234-abc.apps.googleusercontent.com"
ANA = "ana@college.edu"


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture
async def house(provider: RunningProvider, database: Database, tmp_path: Path) -> AsyncIterator[Rest]:
    """Google is there; the campus's provider is not reachable."""
    away = f"http://127.0.0.1:{free_port()}"
    async with httpx.AsyncClient() as http:
        google = Google(CLIENT, provider.url, http, HandClock())
        back = f"{OWN}/api/auth/sso/callback"
        campus = SingleSignOn(away, "meetmates", None, back, http, HandClock(), SECRET.encode(), patience=5.0)
        settings = {"google_client_id": CLIENT, "oidc_name": "Example College"}
        async with opened(database, tmp_path, google=google, single_sign_on=campus, **settings) as made:
            yield made


@pytest.fixture(scope="module")
def college() -> Iterator[OpenIdProvider]:
    with running_openid_provider() as running:
        yield running


@pytest.fixture
async def campus(college: OpenIdProvider, database: Database, tmp_path: Path) -> AsyncIterator[Rest]:
    """The campus's provider is there; its own clock is the machine's."""
    async with httpx.AsyncClient(verify=TRUST) as http:
        clock, issuer, key = HandClock(time.time()), college.in_token, SECRET.encode()
        sso = SingleSignOn(issuer, CAMPUS_CLIENT, CAMPUS_SECRET, REDIRECT, http, clock, key, patience=20.0)
        async with opened(database, tmp_path, single_sign_on=sso) as made:
            yield made


def credential(provider: RunningProvider, house: Rest, **changes: object) -> str:
    """What Google's button hands to the page."""
    now = int(house.clock.wall())
    claims = {
        "iss": provider.url,
        "aud": CLIENT,
        "sub": "108",
        "email": ANA,
        "email_verified": True,
        "iat": now,
        "exp": now + 3600,
    }
    return provider.sign({"alg": "RS256", "kid": "rsa1"}, claims | changes)


async def test_signing_in_with_google(provider: RunningProvider, house: Rest) -> None:
    form = {"credential": credential(provider, house), "withVideo": True}
    answer = await house.post("/auth/google-login", form)
    body = answer.json()
    assert answer.status_code == 200
    assert body["success"] is True
    assert body["message"]
    assert (body["user"]["email"], body["user"]["isGoogleUser"]) == (ANA, True)
    assert answer.headers["cache-control"] == "no-store"
    profile = (await house.get("/profile", body["token"])).json()
    assert profile == {"success": True, "user": body["user"]}
    again = (await house.post("/auth/google-login", {**form, "cookie": True})).json()
    assert again["user"] == body["user"]
    assert "refreshToken" not in again
    assert (await house.post("/auth/refresh")).status_code == 200


async def test_what_google_did_not_sign_or_not_for_us(provider: RunningProvider, house: Rest) -> None:
    for changes in ({"aud": "another"}, {"email_verified": False}, {"exp": int(house.clock.wall()) - 3600}):
        answer = await house.post("/auth/google-login", {"credential": credential(provider, house, **changes)})
        assert_problem(answer, 400, "sign_in_failed")
    assert_problem(await house.post("/auth/google-login", {"credential": "x.y.z"}), 400, "sign_in_failed")


async def test_somebody_suspended_cannot_come_in_by_google(provider: RunningProvider, house: Rest) -> None:
    form = {"credential": credential(provider, house)}
    user = (await house.post("/auth/google-login", form)).json()["user"]["userId"]
    await house.sanctions.impose(user, Kind.BAN, "Threats.", by="command line")
    told = assert_problem(await house.post("/auth/google-login", form), 403, "sanctioned")
    assert (told["kind"], told["until"]) == ("ban", None)
    assert told["appealToken"]


async def test_the_page_learns_which_ways_there_are(house: Rest) -> None:
    offers = (await house.get("/config")).json()["signIn"]
    assert offers["google"] == {"clientId": CLIENT}
    assert offers["singleSignOn"] == {"name": "Example College", "start": "/api/auth/sso/start"}


async def test_a_provider_that_is_away_leads_back_to_the_page(house: Rest) -> None:
    answer = await house.get("/auth/sso/start")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/#problem=sign_in_failed"


@pytest.mark.parametrize(
    "query", ["", "code=a&state=b", "error=access_denied&state=b", "code=a&code=b&state=b&state=c"]
)
async def test_an_answer_that_nobody_waits_for_signs_nobody_in(house: Rest, query: str) -> None:
    for cookie in ({}, {"cookie": "mm_sso=made-up"}):
        answer = await house.client.get(f"/api/auth/sso/callback?{query}", headers=cookie)
        assert answer.status_code == 303
        target = urlsplit(answer.headers["location"])
        assert (target.scheme, target.netloc, target.path, target.query) == ("", "", "/", "")
        assert parse_qs(target.fragment) == {"problem": ["sign_in_failed"]}
        assert "mm_refresh" not in str(answer.headers.get_list("set-cookie"))


async def test_signing_in_at_the_campus(campus: Rest) -> None:
    away = await campus.get("/auth/sso/start")
    assert away.status_code == 303
    state = away.headers["set-cookie"].lower()
    for attribute in ("httponly", "samesite=lax", "path=/api/auth/sso", "max-age=600"):
        assert attribute in state
    returned = await sign_in(away.headers["location"])
    headers = {"sec-fetch-site": "cross-site"}  # the browser comes from the provider
    back = await campus.get("/auth/sso/callback", params=returned, headers=headers)
    assert (back.status_code, back.headers["location"]) == (303, "/#signedIn=sso")
    assert back.headers["cache-control"] == "no-store"
    given = " ".join(back.headers.get_list("set-cookie")).lower()
    assert "mm_refresh=mmr_" in given
    assert "samesite=strict" in given
    assert "mm_sso" not in campus.client.cookies
    signed_in = await campus.post("/auth/refresh")
    user = (await campus.get("/profile", signed_in.json()["token"])).json()["user"]
    assert (user["email"], user["isGoogleUser"]) == (ANA, False)
    again = await campus.get("/auth/sso/callback", params=returned)
    assert again.headers["location"] == "/#problem=sign_in_failed"


async def test_a_page_that_stands_elsewhere_is_led_back_to(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path, page_url="https://meet.college.edu") as rest:
        assert (await rest.get("/auth/sso/callback")).status_code == 404  # not set up
        sso = SingleSignOn("http://127.0.0.1:9", CAMPUS_CLIENT, None, REDIRECT, rest.client, HandClock(), b"x" * 32)
    async with opened(database, tmp_path, page_url="https://meet.college.edu", single_sign_on=sso) as rest:
        answer = await rest.get("/auth/sso/callback")
    assert answer.headers["location"] == "https://meet.college.edu/#problem=sign_in_failed"


async def test_an_answer_works_only_in_the_browser_that_asked(campus: Rest) -> None:
    returned = await sign_in((await campus.get("/auth/sso/start")).headers["location"])
    campus.client.cookies.clear()
    stolen = await campus.get("/auth/sso/callback", params=returned)
    assert stolen.headers["location"] == "/#problem=sign_in_failed"
    await campus.get("/auth/sso/start")  # another browser, with a sign-in of its own under way
    mixed = await campus.get("/auth/sso/callback", params=returned)
    assert mixed.headers["location"] == "/#problem=sign_in_failed"
    assert "mm_refresh" not in campus.client.cookies


async def test_somebody_suspended_is_told_so_on_the_page_and_in_no_log(campus: Rest) -> None:
    await campus.joined(ANA)
    user = (await campus.signed_in(ANA))["user"]["userId"]
    await campus.sanctions.impose(user, Kind.BAN, "Threats & more.", by="command line")
    returned = await sign_in((await campus.get("/auth/sso/start")).headers["location"])
    back = await campus.get("/auth/sso/callback", params=returned)
    target = urlsplit(back.headers["location"])
    told = parse_qs(target.fragment)
    assert (target.path, target.query) == ("/", "")
    assert (told["problem"], told["reason"], told["kind"]) == (["sanctioned"], ["Threats & more."], ["ban"])
    assert told["appealToken"]
    assert "mm_refresh" not in campus.client.cookies
