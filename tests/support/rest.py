"""The REST API over real parts: a database of its own, letters in a folder, and a clock that is moved by hand.

Argon2 runs with small numbers here. `rest` is a fixture; `opened` is for tests that want other settings.
"""

import contextlib
from collections.abc import AsyncIterator
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
from meetmates.cluster.memory import MemorySafety
from meetmates.domain.people import Person
from meetmates.http.app import make_http
from meetmates.http.limits import Limits
from meetmates.http.parts import Ice, Parts
from meetmates.safety.appeals import Appeals
from meetmates.safety.blocks import Blocks
from meetmates.safety.sanctions import Sanctions
from meetmates.safety.sealing import Sealer
from meetmates.service.ice import IceKeys, IceServers
from meetmates.service.measures import Measures
from meetmates.settings import load
from meetmates.store.database import Database
from tests.support.api import PASSWORD, Api, assert_problem, bearing
from tests.support.clock import HandClock
from tests.support.server import SECRET

__all__ = ["PASSWORD", "Rest", "assert_problem", "bearing", "opened", "rest"]

OWN = "http://localhost:3001"
PAGE = "http://localhost:5173"  # a configured origin
FOREIGN = "https://evil.example"
ADDRESS_KEY = b"a key for addresses, 32 bytes long"
EVIDENCE_KEY = b"a key for evidence, 32 bytes long!"
TABLES = {"connections": 0}


async def nobody_to_wake() -> None:
    """No server runs beside, that would have to hear of changes."""


class Rest(Api):
    """A client of the API, and what stands behind it."""

    def __init__(
        self,
        app: FastAPI,
        client: httpx.AsyncClient,
        clock: HandClock,
        parts: Parts,
        sanctions: Sanctions,
        totp: Totp,
        folder: Path,
        shown: list[str],
        people: dict[str, Person],
    ) -> None:
        super().__init__(client, folder)
        self.app = app
        self.clock = clock
        self.parts = parts
        self.sanctions = sanctions
        self.totp = totp
        self.shown = shown
        self.people = people  # who is on a socket, by socket id


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
        sanctions.kept_out,
    )
    people: dict[str, Person] = {}
    turn_secret = chosen.turn_secret.get_secret_value() if chosen.turn_secret is not None else ""
    ice = Ice(
        keys=IceKeys(SECRET.encode(), clock.wall, people.get),
        servers=IceServers(
            chosen.stun_urls, chosen.turn_urls, turn_secret, chosen.relay_only, SECRET.encode(), clock.wall
        ),
        safety=MemorySafety(),
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
        sanctions=sanctions,
        appeals=Appeals(database, clock, sealer, sanctions, nobody_to_wake),
        blocks=Blocks(database, clock, nobody_to_wake),
        limits=Limits(clock, chosen.limit_factor),
        ice=ice,
        allows_origin=lambda origin: origin in (None, OWN, *chosen.origins),
        google=google,
        single_sign_on=single_sign_on,
    )
    app = make_http(settings=chosen, measures=Measures(), tables=lambda: TABLES, ready=lambda: True, parts=parts)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(peer, 1234))
    async with httpx.AsyncClient(transport=transport, base_url=OWN) as client:
        yield Rest(app, client, clock, parts, sanctions, totp, folder / "mail", shown, people)
    passwords.close()


@pytest.fixture
async def rest(database: Database, tmp_path: Path) -> AsyncIterator[Rest]:
    """The API with the settings as they come."""
    async with opened(database, tmp_path) as made:
        yield made
