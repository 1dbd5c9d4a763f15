"""Signing up: an account comes to be once somebody has shown that the mailbox is theirs.

Whoever asks gets one answer, after the same work, whether the address has an account or not; its owner gets a letter.
Several pending sign-ups of a mailbox live side by side, each with the code and the password that belong together. So
nobody can put a password of their own under the code that somebody else was sent.
"""

import secrets
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts import letters
from meetmates.accounts.addresses import Address, parse_address
from meetmates.accounts.campuses import Campuses
from meetmates.accounts.codes import TRIES, TTL, code_hash, fits, new_code
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.hashing import account_id
from meetmates.accounts.mail import Letter, Mail
from meetmates.accounts.passwords import Passwords
from meetmates.accounts.rows import add_account, lock_mailbox, write_in_vain
from meetmates.ports import Clock
from meetmates.store.changes import Kind, Wake, announce
from meetmates.store.database import Database
from meetmates.store.schema import accounts, signups

MOST = 3  # pending sign-ups of one mailbox
KEPT = 86_400.0  # seconds; a pending sign-up may ask for new codes that long
PURPOSE = "signup"


class Signup:
    """From an address and a password to an account."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        passwords: Passwords,
        mail: Mail,
        campuses: Campuses,
        keys_address: bytes,
        wake: Wake,
    ) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._mail = mail
        self._campuses = campuses
        self._key = keys_address
        self._wake = wake

    async def start(self, email: str, password: str) -> None:
        """Sends a code to the address; or, where it has an account, tells its owner.

        Raises `AccountRefused`: `bad_address`, `no_campus`, `password_*`, and `too_many`. None of them depends on
        whether the account exists.
        """
        address = parse_address(email)
        async with self._database.read() as connection:
            await self._campus(connection, address)
        self._passwords.check(password, address)
        password_hash = await self._passwords.hash(password)
        async with self._database.begin() as connection:
            await lock_mailbox(connection, address.mailbox)
            letter = await self._pend(connection, address, password_hash)
            owner = await _owner(connection, address.mailbox)
            if owner is not None:  # after the same work
                await connection.execute(delete(signups).where(signups.c.mailbox == address.mailbox))
                letter = letters.somebody_signed_up(owner)
        await self._mail.send(letter)

    async def verify(self, email: str, code: str) -> str:
        """Makes the account that belongs to this code; its id. A code is good once.

        Raises `AccountRefused`: `bad_address`; `wrong_code` (wrong, too old, used, tried too often, never sent);
        `no_campus`, where the gate was closed since.
        """
        address = parse_address(email)
        async with self._database.begin() as connection:
            made = await self._redeem(connection, address.mailbox, code)
            if made is None:
                await write_in_vain(connection, self._clock.wall())
        if made is None:  # only here: what a wrong code costs is committed
            raise AccountRefused(Problem.WRONG_CODE)
        await self._wake()
        return made

    async def resend(self, email: str) -> None:
        """A new code for the latest pending sign-up, if there is one. Raises `AccountRefused` (`bad_address`)."""
        address = parse_address(email)
        async with self._database.begin() as connection:
            await lock_mailbox(connection, address.mailbox)
            pending = await self._pending(connection, address.mailbox)
            letter = await self._renew(connection, pending) if pending else None
            if letter is None:
                await write_in_vain(connection, self._clock.wall())
        if letter is not None:
            await self._mail.send(letter)

    async def sweep(self) -> int:
        """Deletes pending sign-ups of more than a day ago. How many they were."""
        async with self._database.begin() as connection:
            old = delete(signups).where(signups.c.created_at < self._clock.wall() - KEPT)
            return (await connection.execute(old)).rowcount

    async def _campus(self, connection: AsyncConnection, address: Address) -> str | None:
        """The campus of an address; None while there is none at all. Raises `AccountRefused` (`no_campus`)."""
        campus_id = await self._campuses.for_domain(connection, address.domain)
        if campus_id is None and await self._campuses.is_gate_closed(connection):
            raise AccountRefused(Problem.NO_CAMPUS)
        return campus_id

    async def _pend(self, connection: AsyncConnection, address: Address, password_hash: str) -> Letter:
        pending = await self._pending(connection, address.mailbox)
        surplus = [row.id for row in pending[MOST - 1 :]]
        await connection.execute(delete(signups).where(signups.c.id.in_(surplus)))
        now, signup_id, code = self._clock.wall(), secrets.token_urlsafe(12), new_code()
        await connection.execute(
            insert(signups).values(
                id=signup_id,
                mailbox=address.mailbox,
                email=address.email,
                password_hash=password_hash,
                created_at=now,
                **self._sent(signup_id, code),
            )
        )
        return letters.verification(address.email, code, others=bool(pending))

    async def _renew(self, connection: AsyncConnection, pending: list[Any]) -> Letter:
        code, latest = new_code(), pending[0]
        renewed = update(signups).where(signups.c.id == latest.id).values(**self._sent(latest.id, code))
        await connection.execute(renewed)
        return letters.verification(latest.email, code, others=len(pending) > 1)

    def _sent(self, signup_id: str, code: str) -> dict[str, Any]:
        kept = code_hash(self._key, PURPOSE, signup_id, code)
        return {"code_hash": kept, "tries_left": TRIES, "expires_at": self._clock.wall() + TTL}

    async def _redeem(self, connection: AsyncConnection, mailbox: str, code: str) -> str | None:
        """The id of the account made; None, and every pending sign-up has one try less, where the code fits none."""
        await lock_mailbox(connection, mailbox)
        now = self._clock.wall()
        live = [row for row in await self._pending(connection, mailbox) if row.tries_left > 0 and row.expires_at > now]
        for row in live:
            if fits(self._key, row.code_hash, PURPOSE, row.id, code):
                return await self._make(connection, row)
        tried = update(signups).where(signups.c.id.in_([row.id for row in live]))
        await connection.execute(tried.values(tries_left=signups.c.tries_left - 1))
        return None

    async def _make(self, connection: AsyncConnection, pending: Any) -> str | None:
        """The account of a pending sign-up; None where the mailbox has one already."""
        address, now = parse_address(pending.email), self._clock.wall()
        campus_id = await self._campus(connection, address)
        made = account_id(self._key, address.mailbox)
        kept = pending.password_hash
        if not await add_account(connection, made, address, now=now, campus_id=campus_id, password_hash=kept):
            return None
        await announce(connection, Kind.ACCOUNT, made, now)
        return made

    async def _pending(self, connection: AsyncConnection, mailbox: str) -> list[Any]:
        """The latest first."""
        recent = signups.c.mailbox == mailbox, signups.c.created_at >= self._clock.wall() - KEPT
        ordered = select(signups).where(*recent).order_by(signups.c.created_at.desc(), signups.c.id)
        return list((await connection.execute(ordered)).all())


async def _owner(connection: AsyncConnection, mailbox: str) -> str | None:
    """The address of the account that the mailbox has."""
    return (await connection.execute(select(accounts.c.email).where(accounts.c.mailbox == mailbox))).scalar()
