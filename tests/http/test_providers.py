"""Signing in with Google and by single sign-on, as a page and a browser see it."""

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
