"""The composition root's second half: accounts and safety on one database, ready for the node and for the routes."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Protocol

import httpx
from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from meetmates.accounts.campuses import Campuses
from meetmates.accounts.mail import FolderMail, Mail, SmtpMail
from meetmates.accounts.passwords import Passwords
from meetmates.accounts.profiles import Profiles
from meetmates.accounts.recovery import Recovery
from meetmates.accounts.roster import LiveRoster
from meetmates.accounts.rows import is_key_of
from meetmates.accounts.sessions import Sessions
from meetmates.accounts.signin import SignIn
from meetmates.accounts.signup import Signup
from meetmates.accounts.tokens import TokenVerifier
from meetmates.accounts.totp import Totp
from meetmates.cluster.memory import MemorySafety
from meetmates.http.limits import Limits
from meetmates.http.parts import Moderation, Parts
from meetmates.ports import Clock
from meetmates.safety.appeals import Appeals
from meetmates.safety.blocks import Blocks
from meetmates.safety.console import Console
from meetmates.safety.live import LiveSafety, StoredCasework
from meetmates.safety.reports import Reports
from meetmates.safety.sanctions import Sanctions
from meetmates.safety.sealing import Sealer
from meetmates.service.steward import Steward
from meetmates.settings import WRONG_KEY, Settings, SettingsError, resolve_keys
from meetmates.store.changes import Feed, prune
from meetmates.store.database import Database, database_url

if TYPE_CHECKING:
    from meetmates.accounts.google import Google
    from meetmates.accounts.oidc import SingleSignOn

CALLBACK = "/api/auth/sso/callback"
SWEEP_EVERY = 3600.0  # seconds
MAIL_PATIENCE = 3.0  # seconds for letters that wait when the server stops
OUTSIDE = httpx.Timeout(10.0)  # seconds for each step of a request to a sign-in provider


class Journal(Protocol):
    """What is reported from here."""

    def failed(self, reason: str) -> None:
        """Something of our own went wrong."""

    def troubled(self, reason: str) -> None:
        """Another machine, such as the mail server, does not do what we need."""

    def refused(self, address: str, reason: str) -> None:
        """A request was turned away."""


class Office:
    """Everything that needs the database. To be made inside the running loop; `start` before anybody is let in."""

    def __init__(self, settings: Settings, secret: bytes, clock: Clock, journal: Journal) -> None:
        """`secret` signs tokens."""
        keys = resolve_keys(settings)
        self._settings = settings
        self._secret = secret
        self._address_key = keys.address
        self._clock = clock
        self._journal = journal
        self._tasks: list[asyncio.Task[None]] = []
        self.database = Database(database_url(settings.database_url, settings.data_dir))
        self.safety = MemorySafety()
        self.roster = LiveRoster(clock, settings.access_ttl, settings.match_scope == "any")
        self._live = LiveSafety(self.safety, clock)
        self._feed = Feed(self.database, [self.roster, self._live], journal.failed)
        wake = self._feed.wake
        self.mail = _mail(settings, journal.troubled)
        self.http = httpx.AsyncClient(timeout=OUTSIDE, follow_redirects=False, trust_env=False)
        self.sealer = Sealer(keys.evidence)
        self.passwords = Passwords()
        self.campuses = Campuses(self.database, clock)
        self.sanctions = Sanctions(self.database, clock, wake, self.mail)
        self.reports = Reports(self.database, clock, self.sealer, self.sanctions, wake)
        self.appeals = Appeals(self.database, clock, self.sealer, self.sanctions, wake)
        self.blocks = Blocks(self.database, clock, wake)
        self.casework = StoredCasework(self.blocks, self.reports)
        self.totp = Totp(self.database, clock, self.sealer)
        self.sessions = Sessions(
            self.database,
            clock,
            secret,
            keys.address,
            settings.jwt_issuer,
            settings.jwt_audience,
            settings.access_ttl,
            settings.refresh_ttl,
            wake,
        )
        self.profiles = Profiles(self.database, clock, wake)
        self.signup = Signup(self.database, clock, self.passwords, self.mail, self.campuses, keys.address, wake)
        self.signin = SignIn(
            self.database,
            clock,
            self.passwords,
            self.sessions,
            self.campuses,
            keys.address,
            self.sanctions.sanctioned,
            self.totp.second_factor,
            wake,
        )
        self.recovery = Recovery(self.database, clock, self.passwords, self.mail, keys.address, wake)

    async def start(self, steward: Steward, reconsider: Callable[[], None]) -> None:
        """Reads what must be in memory, and from then on tells `steward` what happens to those who are here.

        `reconsider` is called when campuses have changed.
        """
        self.roster.on_gone = steward.account_gone
        self.roster.on_over = steward.signed_out
        self.roster.on_campuses = reconsider
        self._live.on_sanction = steward.sanctioned
        async with self.database.read() as connection:
            if not await is_key_of(connection, self._address_key):
                raise SettingsError(WRONG_KEY)
        await self.campuses.seed([(campus.name, campus.domains) for campus in self._settings.campuses])
        await self._feed.start()
        self._tasks.append(asyncio.create_task(self._sweep(), name="sweep"))

    async def stop(self) -> None:
        """Lets go of everything."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._feed.stop()
        if isinstance(self.mail, SmtpMail):
            await self.mail.close(MAIL_PATIENCE)
        await self.http.aclose()
        self.passwords.close()
        await self.database.close()

    def parts(
        self,
        verifier: TokenVerifier,
        allows_origin: Callable[[str | None], bool],
        address_of: Callable[[Request], str],
        numbers: Callable[[], Mapping[str, int]],
        own_origins: frozenset[str],
        own_url: str,
    ) -> Parts:
        """What the routes need. `numbers` tells how the server fares now, `own_url` where browsers find it."""
        settings = self._settings
        return Parts(
            settings=settings,
            clock=self._clock,
            database=self.database,
            verifier=verifier,
            campuses=self.campuses,
            passwords=self.passwords,
            signup=self.signup,
            signin=self.signin,
            sessions=self.sessions,
            recovery=self.recovery,
            profiles=self.profiles,
            appeals=self.appeals,
            limits=Limits(self._clock, settings.limit_factor, address_of),
            allows_origin=allows_origin,
            google=self._google(),
            single_sign_on=self._single_sign_on(own_url),
            moderation=self._moderation(numbers, own_origins),
        )

    def _moderation(self, numbers: Callable[[], Mapping[str, int]], own_origins: frozenset[str]) -> Moderation:
        console = Console(
            self.database,
            self._clock,
            reports=self.reports,
            sanctions=self.sanctions,
            appeals=self.appeals,
            profiles=self.profiles,
            sessions=self.sessions,
            totp=self.totp,
        )
        return Moderation(console=console, totp=self.totp, sealer=self.sealer, numbers=numbers, own_origins=own_origins)

    def _google(self) -> Google | None:
        settings = self._settings
        if settings.google_client_id is None:
            return None
        from meetmates.accounts.google import Google  # noqa: PLC0415 - it takes its time, and few need it

        return Google(settings.google_client_id, settings.google_issuer, self.http, self._clock, self._not_verified)

    def _single_sign_on(self, own_url: str) -> SingleSignOn | None:
        settings = self._settings
        if settings.oidc_issuer is None or settings.oidc_client_id is None:
            return None
        from meetmates.accounts.oidc import SingleSignOn  # noqa: PLC0415 - as above

        hidden = settings.oidc_client_secret
        return SingleSignOn(
            settings.oidc_issuer,
            settings.oidc_client_id,
            None if hidden is None else hidden.get_secret_value(),
            own_url + CALLBACK,
            self.http,
            self._clock,
            self._secret,
            self._not_verified,
        )

    def _not_verified(self, why: str) -> None:
        """Mostly what somebody made up; but it may be a wrong client secret, too."""
        self._journal.refused("", f"sign-in: {why}")

    async def _sweep(self) -> None:
        """What is kept for a time only is deleted within the hour."""
        while True:
            for part in (self.reports, self.appeals, self.sanctions, self.sessions, self.signup, self.recovery):
                await self._try(part.sweep)
            await self._try(self._prune)
            await asyncio.sleep(SWEEP_EVERY)

    async def _try(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except (SQLAlchemyError, OSError):
            self._journal.failed("what is kept for a time only could not be deleted")

    async def _prune(self) -> None:
        async with self.database.begin() as connection:
            await prune(connection, self._clock.wall())


def _mail(settings: Settings, troubled: Callable[[str], None]) -> Mail:
    if settings.smtp_url is not None:
        return SmtpMail(settings.smtp_url, settings.mail_from, troubled)
    show = _show if settings.mode == "development" else _keep_quiet
    return FolderMail(settings.data_dir / "mail", settings.mail_from, show)


def _show(letter: str) -> None:
    """On the terminal of whoever develops. Not a log line: it is what the letter's reader would see."""
    print(letter, file=sys.stderr, flush=True)


def _keep_quiet(letter: str) -> None:
    """In production, codes have no business on a terminal or in a log."""
