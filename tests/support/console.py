"""The moderators' API and pages over real parts, and people of every role.

`desk` is a fixture: `desk.moderator()` and the like make accounts at once, without any mail; `desk.browser(who)` signs
one in at the pages: password, six digits, cookie.
"""

import contextlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from meetmates.accounts.addresses import parse_address
from meetmates.accounts.hashing import account_id
from meetmates.accounts.rows import add_account
from meetmates.domain.ladder import Kind
from meetmates.http.admin import admin_router
from meetmates.http.app import make_http
from meetmates.http.moderation import moderation_router
from meetmates.http.parts import Moderation, Parts
from meetmates.safety import audit
from meetmates.safety.console import Console
from meetmates.safety.reports import Line, NewReport, Reports
from meetmates.safety.sealing import Sealer
from meetmates.service.measures import Measures
from meetmates.store.database import Database
from tests.support.clock import HandClock
from tests.support.rest import ADDRESS_KEY, EVIDENCE_KEY, OWN, PASSWORD, Rest, bearing, nobody_to_wake, opened

TABLES = {"connections": 12, "waiting": 3, "chats": 4}
LINES = (Line("reporter", "Hello you", 1_800_000_000.0), Line("reported", "Go away, fool", 1_800_000_005.0))


@dataclass
class Somebody:
    """An account of a test; `secret` is that of its authenticator app, `token` an access token."""

    id: str
    email: str
    token: str = ""
    secret: str = ""


@dataclass
class Browser:
    """A browser at the pages: cookies, and forms sent as a browser does."""

    client: httpx.AsyncClient
    page: str = ""
    seen: list[httpx.Response] = field(default_factory=list)

    async def get(self, path: str) -> httpx.Response:
        """Opens a page of /admin."""
        return self._keep(await self.client.get(f"/admin{path}"))

    @property
    def token(self) -> str:
        """That of the forms on the page that is open."""
        found = re.search(r'name="form" value="([^"]+)"', self.page)
        return found[1] if found else ""

    async def send(self, path: str, *, origin: str | None = OWN, **fields: str) -> httpx.Response:
        """Sends a form of the page that is open, with its token unless a field `form` says otherwise."""
        headers = {} if origin is None else {"origin": origin}
        data = {"form": self.token} | fields
        return self._keep(await self.client.post(f"/admin{path}", data=data, headers=headers))

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        """The first step."""
        await self.get("/sign-in")
        return await self.send("/sign-in", email=email, password=password)

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.page = answer.text
        self.seen.append(answer)
        return answer


@dataclass
class Desk:
    """The API, the pages, and what stands behind them."""

    rest: Rest
    parts: Parts
    console: Console
    reports: Reports
    client: httpx.AsyncClient
    transport: httpx.ASGITransport
    database: Database
    browsers: contextlib.AsyncExitStack
    password_hash: str

    @property
    def clock(self) -> HandClock:
        """The one that all parts have."""
        return self.rest.clock

    async def member(self, email: str = "mia@college.edu", role: str = "member") -> Somebody:
        """Somebody with an account and a session that began without a second factor."""
        address = parse_address(email)
        id = account_id(ADDRESS_KEY, address.mailbox)
        async with self.database.begin() as connection:
            more = {"now": self.clock.wall(), "campus_id": None, "password_hash": self.password_hash, "role": role}
            await add_account(connection, id, address, **more)  # type: ignore[arg-type]
        return Somebody(id, email, (await self.parts.sessions.open(id, "a test")).access)

    async def staff(self, role: str, email: str = "") -> Somebody:
        """A moderator or an administrator with a second factor, signed in with it."""
        somebody = await self.member(email or f"{role}@college.edu", role)
        somebody.secret = (await self.rest.totp.begin(somebody.id)).secret
        await self.rest.totp.confirm(somebody.id, self.code(somebody))
        somebody.token = (await self.parts.sessions.open(somebody.id, "a test", second_factor=True)).access
        return somebody

    async def moderator(self, email: str = "") -> Somebody:
        """One of those who judge reports."""
        return await self.staff("moderator", email)

    async def administrator(self, email: str = "") -> Somebody:
        """One of those who give roles."""
        return await self.staff("administrator", email)

    def code(self, somebody: Somebody) -> str:
        """What the authenticator app shows: a new code at each call, since none works twice."""
        self.clock.advance(30)
        return pyotp.TOTP(somebody.secret).at(self.clock.wall())

    async def file(self, reported: str, reporter: str = "guest-1", **more: Any) -> str:
        """A report with a note and evidence."""
        told = {"reason": "harassment", "note": "They were rude", "evidence": LINES} | more
        return await self.reports.file(NewReport(told.pop("chat_id", f"chat-{reporter}"), reporter, reported, **told))

    async def appeal(self, somebody: Somebody, text: str = "It was a joke") -> str:
        """Bans somebody, who appeals; the sanction's id."""
        made = await self.rest.sanctions.impose(somebody.id, Kind.BAN, "You insulted people", by="command line")
        held = await self.rest.sanctions.sanctioned(somebody.id)
        assert held is not None
        await self.parts.appeals.file(held["appealToken"], text)
        return made.id

    async def log(self) -> list[tuple[str, str, str]]:
        """Actor, action and subject of every entry of the audit log, the oldest first."""
        async with self.database.read() as connection:
            entries = await audit.entries(connection, None, 500)
        return [(entry.actor, entry.action, entry.subject) for entry in reversed(entries)]

    async def ask(self, method: str, path: str, who: Somebody | None = None, body: object = None) -> httpx.Response:
        """A request to a path below /api/moderation."""
        headers = bearing(who.token if who is not None else None)
        content = None if body is None else json.dumps(body)  # half a surrogate pair goes through, as an escape
        if content is not None:
            headers["content-type"] = "application/json"
        return await self.client.request(method, f"/api/moderation{path}", headers=headers, content=content)

    async def visitor(self) -> Browser:
        """A browser that nobody has signed in with."""
        client = httpx.AsyncClient(transport=self.transport, base_url=OWN)
        return Browser(await self.browsers.enter_async_context(client))

    async def browser(self, somebody: Somebody) -> Browser:
        """A browser in which somebody who has a second factor has signed in, step by step."""
        browser = await self.visitor()
        await browser.sign_in(somebody.email)
        await browser.get("/second-factor")
        entered = await browser.send("/second-factor", code=self.code(somebody))
        assert entered.headers["location"] == "/admin", entered.text
        return browser


@contextlib.asynccontextmanager
async def desk_over(database: Database, folder: Path, **settings: Any) -> AsyncIterator[Desk]:
    """The API and the pages with settings by attribute name."""
    async with opened(database, folder, **settings) as rest, contextlib.AsyncExitStack() as browsers:
        clock, old, sealer = rest.clock, rest.parts, Sealer(EVIDENCE_KEY)
        reports = Reports(database, clock, sealer, rest.sanctions, nobody_to_wake)
        console = Console(
            database,
            clock,
            reports=reports,
            sanctions=rest.sanctions,
            appeals=old.appeals,
            profiles=old.profiles,
            sessions=old.sessions,
            totp=rest.totp,
        )
        moderation = Moderation(
            console=console, totp=rest.totp, sealer=sealer, numbers=lambda: TABLES, own_origins=frozenset([OWN])
        )
        parts = replace(old, moderation=moderation)
        app = make_http(
            settings=parts.settings,
            measures=Measures(),
            tables=lambda: TABLES,
            ready=lambda: True,
            parts=parts,
            routers=[moderation_router(parts), admin_router(parts)],
        )
        transport = httpx.ASGITransport(app, raise_app_exceptions=True, client=("192.0.2.1", 1234))
        client = await browsers.enter_async_context(httpx.AsyncClient(transport=transport, base_url=OWN))
        password = await parts.passwords.hash(PASSWORD)
        yield Desk(rest, parts, console, reports, client, transport, database, browsers, password)


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    """With the settings as they come."""
    async with desk_over(database, tmp_path) as made:
        yield made


class Outline(HTMLParser):
    """What a page is made of, for those who do not see it or have no mouse."""

    VOID = frozenset({"meta", "link", "input", "br", "path", "img"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.headings: list[int] = []
        self.unclosed: list[str] = []
        self.wrapped: set[int] = set()  # fields inside of their own label, by place in `tags`
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("input", "select", "textarea") and "label" in self.open:
            self.wrapped.add(len(self.tags))
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unclosed.append(tag)

    def every(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]

    def unlabelled(self) -> list[dict[str, str | None]]:
        """Fields that no label names."""
        named = {attributes.get("for") for attributes in self.every("label")}
        return [
            attributes
            for place, (tag, attributes) in enumerate(self.tags)
            if tag in ("input", "select", "textarea")
            and attributes.get("type") != "hidden"
            and place not in self.wrapped
            and attributes.get("id") not in named
        ]
