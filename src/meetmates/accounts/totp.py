"""The second factor of those who can do the most: six digits of an authenticator app. RFC 6238.

A secret is kept sealed. While nobody has shown a code for it, it counts for nothing: `totp_step` is empty then. After
that it names the last time step whose code was used, so that a code that somebody looked over a shoulder for is spent.
"""

import hmac
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import pyotp
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.ports import Clock
from meetmates.store.database import Database
from meetmates.store.schema import accounts

DIGITS = 6
STEP = 30  # seconds, RFC 6238, section 5.2
DRIFT = 1  # steps before and after: the phone's clock is a little off, or the code was typed slowly
ISSUER = "MeetMates"


class Seals(Protocol):
    """Encrypts what only the server reads; what was sealed about one thing does not open as another."""

    def seal(self, plain: bytes, about: str) -> bytes:
        """What may be stored."""

    def open(self, sealed: bytes, about: str) -> bytes:
        """What was sealed. Raises `ValueError`: it was changed, or sealed about something else or with another key."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What goes into an authenticator app: by a picture of `uri`, or by typing `secret` (base32)."""

    uri: str
    secret: str


class Totp:
    """The codes of every account.

    Raises `AccountRefused`, whatever is asked: `not_found` for an account that is gone, and
    `second_factor_unreadable` for a secret that was sealed with another key.
    """

    def __init__(self, database: Database, clock: Clock, sealer: Seals, issuer: str = ISSUER) -> None:
        """`issuer` is the name that the app shows."""
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._issuer = issuer

    async def is_set(self, account_id: str) -> bool:
        """Whether the account has a second factor that was confirmed."""
        async with self._database.read() as connection:
            return (await _kept(connection, account_id)).step is not None

    async def second_factor(self, account_id: str, code: str | None) -> bool:
        """True: the code is right, and is spent now. False: the account has no second factor.

        Raises `AccountRefused` (`second_factor`): it has one, and the code is missing, wrong, too old or spent.
        """
        if not await self.is_set(account_id):
            return False
        async with self._database.begin() as connection:
            kept = await _kept(connection, account_id)
            if kept.step is None or not await self._spend(connection, account_id, kept, code):
                raise AccountRefused(Problem.SECOND_FACTOR)
        return True

    async def begin(self, account_id: str) -> Enrolment:
        """A new secret, for an account that has none that was confirmed.

        Raises `AccountRefused` (`forbidden`) where it has one: that must be reset first.
        """
        secret = pyotp.random_base32()
        sealed = self._sealer.seal(secret.encode(), _about(account_id))
        async with self._database.begin() as connection:
            if (await _kept(connection, account_id)).step is not None:
                raise AccountRefused(Problem.FORBIDDEN)
            await connection.execute(update(accounts).where(accounts.c.id == account_id).values(totp_secret=sealed))
            return await self._enrolment(connection, account_id, secret)

    async def begun(self, account_id: str) -> Enrolment | None:
        """The secret that `begin` made and that waits for its first code, so that a page can show it again."""
        async with self._database.read() as connection:
            kept = await _kept(connection, account_id)
            if kept.sealed is None or kept.step is not None:
                return None
            return await self._enrolment(connection, account_id, self._opened(account_id, kept.sealed))

    async def confirm(self, account_id: str, code: str) -> None:
        """The app shows the right code: from now on sign-ins ask for one.

        Raises `AccountRefused`: `wrong_code`, also where nothing was begun; `forbidden` where it was confirmed.
        """
        async with self._database.begin() as connection:
            kept = await _kept(connection, account_id)
            if kept.step is not None:
                raise AccountRefused(Problem.FORBIDDEN)
            if not await self._spend(connection, account_id, kept, code):
                raise AccountRefused(Problem.WRONG_CODE)

    async def reset(self, account_id: str) -> None:
        """The phone is lost: the next sign-in sets up a new one. Idempotent."""
        cleared = update(accounts).where(accounts.c.id == account_id).values(totp_secret=None, totp_step=None)
        async with self._database.begin() as connection:
            await connection.execute(cleared)

    async def _spend(self, connection: AsyncConnection, account_id: str, kept: "_Kept", code: str | None) -> bool:
        """Whether the code is right and nobody was faster with it."""
        if kept.sealed is None:
            return False
        step = self._step_of(self._opened(account_id, kept.sealed), code)
        if step is None:
            return False
        unused = or_(accounts.c.totp_step.is_(None), accounts.c.totp_step < step)
        spent = update(accounts).where(accounts.c.id == account_id, accounts.c.totp_secret == kept.sealed, unused)
        return (await connection.execute(spent.values(totp_step=step))).rowcount == 1

    def _step_of(self, secret: str, code: str | None) -> int | None:
        """The time step, near now, that the code belongs to. Every candidate is compared, whichever fits."""
        given = "".join((code or "").split())
        if len(given) != DIGITS or not (given.isascii() and given.isdigit()):
            return None
        totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
        now = int(self._clock.wall()) // STEP
        near = range(max(0, now - DRIFT), now + DRIFT + 1)
        fits = [step for step in near if hmac.compare_digest(totp.generate_otp(step), given)]
        return fits[-1] if fits else None

    def _opened(self, account_id: str, sealed: bytes) -> str:
        try:
            return self._sealer.open(sealed, _about(account_id)).decode()
        except ValueError:
            raise AccountRefused(Problem.SECOND_FACTOR_UNREADABLE) from None

    async def _enrolment(self, connection: AsyncConnection, account_id: str, secret: str) -> Enrolment:
        named = select(accounts.c.email).where(accounts.c.id == account_id)
        email = (await connection.execute(named)).scalar_one()
        totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
        return Enrolment(totp.provisioning_uri(name=email, issuer_name=self._issuer), secret)


class _Kept(NamedTuple):
    """What the database has of an account's second factor."""

    sealed: bytes | None
    step: int | None


async def _kept(connection: AsyncConnection, account_id: str) -> _Kept:
    """Raises `AccountRefused` (`not_found`) for an account that is gone."""
    columns = select(accounts.c.totp_secret, accounts.c.totp_step).where(accounts.c.id == account_id)
    row = (await connection.execute(columns)).one_or_none()
    if row is None:
        raise AccountRefused(Problem.NOT_FOUND)
    return _Kept(row.totp_secret, row.totp_step)


def _about(account_id: str) -> str:
    return f"totp {account_id}"
