"""The REST API over real parts: a database of its own, letters in a folder, and a clock that is moved by hand.

Argon2 runs with small numbers here. `rest` is a fixture; `opened` is for tests that want other settings.
"""

import contextlib
import email
import email.policy
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from meetmates.accounts.campuses import Campuses
from meetmates.accounts.mail import FolderMail
from meetmates.accounts.passwords import Passwords
from meetmates.accounts.profiles import Profiles
from meetmates.accounts.recovery import Recovery
from meetmates.accounts.sessions import Sessions
from meetmates.accounts.signin import SignIn
from meetmates.accounts.signup import Signup
from meetmates.accounts.tokens import TokenVerifier
from meetmates.accounts.totp import Totp
from meetmates.http.app import make_http
from meetmates.http.limits import Limits
from meetmates.http.parts import Parts
from meetmates.safety.appeals import Appeals
from meetmates.safety.sanctions import Sanctions
from meetmates.safety.sealing import Sealer
from meetmates.service.measures import Measures
from meetmates.settings import load
from meetmates.store.database import Database
from tests.support.clock import HandClock
from tests.support.server import SECRET

PASSWORD = "correct horse battery"
OWN = "http://localhost:3001"
PAGE = "http://localhost:5173"  # a configured origin
FOREIGN = "https://evil.example"
ADDRESS_KEY = b"a key for addresses, 32 bytes long"
EVIDENCE_KEY = b"a key for evidence, 32 bytes long!"
TABLES = {"connections": 0}


async def nobody_to_wake() -> None:
    """No server runs beside, that would have to hear of changes."""


@dataclass
class Rest:
    """A client of the API, and what stands behind it."""

    app: FastAPI
    client: httpx.AsyncClient
    clock: HandClock
    parts: Parts
    sanctions: Sanctions
    totp: Totp
    folder: Path
    shown: list[str] = field(default_factory=list)

    async def post(self, path: str, body: object = None, **options: Any) -> httpx.Response:
        """POSTs JSON to a path below /api."""
        if body is not None:
            options["json"] = body
        return await self.client.post(f"/api{path}", **options)

    async def get(self, path: str, token: str | None = None, **options: Any) -> httpx.Response:
        """GETs a path below /api."""
        return await self.client.get(f"/api{path}", headers=bearing(token) | options.pop("headers", {}), **options)

    async def delete(self, path: str, token: str | None = None, body: object = None, **options: Any) -> httpx.Response:
        """DELETEs a path below /api."""
        if body is not None:
            options["json"] = body
        headers = bearing(token) | options.pop("headers", {})
        return await self.client.request("DELETE", f"/api{path}", headers=headers, **options)

    async def member(self, address: str = "ana@college.edu", password: str = PASSWORD) -> dict[str, Any]:
        """Signs up, verifies and signs in: the answer of the latter."""
        await self.joined(address, password)
        return await self.signed_in(address, password)

    async def joined(self, address: str = "ana@college.edu", password: str = PASSWORD) -> None:
        """Signs up and verifies."""
        made = await self.post("/auth/signup", {"email": address, "password": password})
        assert made.status_code == 201, made.text
        verified = await self.post("/auth/verify-email", {"email": address, "code": self.code(address)})
        assert verified.status_code == 200, verified.text

    async def signed_in(
        self, address: str = "ana@college.edu", password: str = PASSWORD, **more: Any
    ) -> dict[str, Any]:
        """Signs in; the body of the answer."""
        answer = await self.post("/auth/login", {"email": address, "password": password, **more})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def letters(self, address: str) -> list[str]:
        """The subjects of the letters to an address, the oldest first."""
        subjects = []
        for path in sorted(self.folder.glob("*.eml")):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if message["To"] == address:
                subjects.append(str(message["Subject"]))
        return subjects

    def code(self, address: str) -> str:
        """The newest code that was sent to an address."""
        codes = [found[0] for subject in self.letters(address) if (found := re.search(r"\b\d{6}\b", subject))]
        return codes[-1]


def bearing(token: str | None) -> dict[str, str]:
    """The header that carries an access token."""
    return {} if token is None else {"authorization": f"Bearer {token}"}


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """A refusal as problem details, with the names that older pages read."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"] == body["msg"] == body["error"] != ""
    return body


@contextlib.asynccontextmanager
async def opened(database: Database, folder: Path, peer: str = "192.0.2.1", **settings: Any) -> AsyncIterator[Rest]:
    """The API over `database`; letters go to `folder`. `google` and `single_sign_on` may be given, too."""
    google, single_sign_on = settings.pop("google", None), settings.pop("single_sign_on", None)
    chosen = load({"metrics_token": None, **settings})
    clock, shown = HandClock(), list[str]()
    campuses, passwords, sealer = Campuses(database, clock), Passwords(memory=8, passes=1), Sealer(EVIDENCE_KEY)
    mail = FolderMail(folder / "mail", chosen.mail_from, shown.append)
    sanctions, totp = Sanctions(database, clock, nobody_to_wake), Totp(database, clock, sealer)
    sessions = Sessions(
        database,
        clock,
        SECRET.encode(),
        ADDRESS_KEY,
        chosen.jwt_issuer,
        chosen.jwt_audience,
        chosen.access_ttl,
        chosen.refresh_ttl,
        nobody_to_wake,
    )
    parts = Parts(
        settings=chosen,
        clock=clock,
        database=database,
        verifier=TokenVerifier(SECRET.encode(), [], chosen.jwt_issuer, chosen.jwt_audience),
        campuses=campuses,
        passwords=passwords,
        signup=Signup(database, clock, passwords, mail, campuses, ADDRESS_KEY, nobody_to_wake),
        signin=SignIn(
            database,
            clock,
            passwords,
            sessions,
            campuses,
            ADDRESS_KEY,
            sanctions.sanctioned,
            totp.second_factor,
            nobody_to_wake,
        ),
        sessions=sessions,
        recovery=Recovery(database, clock, passwords, mail, ADDRESS_KEY, nobody_to_wake),
        profiles=Profiles(database, clock, nobody_to_wake),
        appeals=Appeals(database, clock, sealer, sanctions, nobody_to_wake),
        limits=Limits(clock, chosen.limit_factor),
        allows_origin=lambda origin: origin in (None, OWN, *chosen.origins),
        google=google,
        single_sign_on=single_sign_on,
    )
    app = make_http(settings=chosen, measures=Measures(), tables=lambda: TABLES, ready=lambda: True, parts=parts)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(peer, 1234))
    async with httpx.AsyncClient(transport=transport, base_url=OWN) as client:
        yield Rest(app, client, clock, parts, sanctions, totp, folder / "mail", shown)
    passwords.close()


@pytest.fixture
async def rest(database: Database, tmp_path: Path) -> AsyncIterator[Rest]:
    """The API with the settings as they come."""
    async with opened(database, tmp_path) as made:
        yield made
