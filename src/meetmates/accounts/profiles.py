"""Accounts as their owners and those who run the place see them; what is held about one; and its end."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts.addresses import parse_address
from meetmates.accounts.errors import AccountRefused
from meetmates.accounts.holdings import held_about
from meetmates.accounts.rows import announce_ends, end_sessions, lock_account
from meetmates.accounts.times import iso
from meetmates.ports import Clock
from meetmates.store.changes import Kind, Wake, announce
from meetmates.store.database import Database
from meetmates.store.schema import accounts, blocks, campuses, sanctions, signups

ROLES = ("member", "moderator", "administrator")


@dataclass(frozen=True, slots=True)
class Profile:
    """One account. `created_at` is in seconds since the epoch."""

    id: str
    email: str
    campus_id: str | None
    campus: str | None  # its name
    role: str
    is_google: bool
    created_at: float
    has_password: bool

    def public(self) -> dict[str, Any]:
        """What its owner is told."""
        return {
            "userId": self.id,
            "email": self.email,
            "isGoogleUser": self.is_google,
            "campus": self.campus,
            "role": self.role,
            "createdAt": iso(self.created_at),
        }


class Profiles:
    """Every account, by id or address. A change acts on running servers at once."""

    def __init__(self, database: Database, clock: Clock, wake: Wake) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake

    async def of(self, account_id: str) -> Profile | None:
        """The account of that id."""
        async with self._database.read() as connection:
            return await find_profile(connection, accounts.c.id == account_id)

    async def by_email(self, email: str) -> Profile | None:
        """The account of that mailbox, in any spelling."""
        try:
            mailbox = parse_address(email).mailbox
        except AccountRefused:
            return None
        async with self._database.read() as connection:
            return await find_profile(connection, accounts.c.mailbox == mailbox)

    async def all(self) -> list[Profile]:
        """Everybody, the oldest account first."""
        async with self._database.read() as connection:
            rows = (await connection.execute(_profiles().order_by(accounts.c.created_at, accounts.c.id))).all()
        return [_profile(row) for row in rows]

    async def set_role(self, account_id: str, role: str) -> bool:
        """Whether there is such an account. `role` is one of `ROLES`. Tokens made before keep the old one."""
        if role not in ROLES:
            raise ValueError(f"a role is one of {', '.join(ROLES)}")
        changed = update(accounts).where(accounts.c.id == account_id).values(role=role)
        async with self._database.begin() as connection:
            found = (await connection.execute(changed)).rowcount == 1
            if found:
                await announce(connection, Kind.ACCOUNT, account_id, self._clock.wall())
        await self._wake()
        return found

    async def export(self, account_id: str) -> dict[str, Any] | None:
        """Everything held about an account, for its owner; nothing in it tells who anybody else is."""
        async with self._database.read() as connection:
            profile = await find_profile(connection, accounts.c.id == account_id)
            return None if profile is None else await held_about(connection, profile.public(), account_id)

    async def delete(self, account_id: str) -> bool:
        """Ends an account, its live sockets too. Whether there was one.

        What protects others stays: reports, blocks against it, and sanctions that run; the id is a keyed hash of the
        mailbox, so that they find whoever comes back with it.
        """
        now = self._clock.wall()
        async with self._database.begin() as connection:
            if not await lock_account(connection, account_id):
                return False
            ended = await end_sessions(connection, account_id)
            unblocked = await _erase(connection, account_id, now)
            await announce_ends(connection, ended, now)
            for blocked in unblocked:
                await announce(connection, Kind.BLOCK, f"{account_id} {blocked}", now)
            await announce(connection, Kind.ACCOUNT, account_id, now)
        await self._wake()
        return True


async def find_profile(connection: AsyncConnection, condition: ColumnElement[bool]) -> Profile | None:
    """The one account of which `condition` is true."""
    row = (await connection.execute(_profiles().where(condition))).one_or_none()
    return None if row is None else _profile(row)


async def _erase(connection: AsyncConnection, account_id: str, now: float) -> list[str]:
    """The rows that go. Answers whom the account had blocked."""
    blocked = delete(blocks).where(blocks.c.blocker == account_id).returning(blocks.c.blocked)
    over = and_(sanctions.c.until.is_not(None), sanctions.c.until <= now)
    does_not_run = or_(sanctions.c.lifted_at.is_not(None), over, sanctions.c.kind == "warning")
    mailbox = select(accounts.c.mailbox).where(accounts.c.id == account_id).scalar_subquery()
    unblocked = list((await connection.execute(blocked)).scalars())
    await connection.execute(delete(sanctions).where(sanctions.c.account == account_id, does_not_run))
    await connection.execute(delete(signups).where(signups.c.mailbox == mailbox))
    await connection.execute(delete(accounts).where(accounts.c.id == account_id))
    return unblocked


def _profiles() -> Any:
    has_password = accounts.c.password_hash.is_not(None).label("has_password")
    joined = accounts.outerjoin(campuses, accounts.c.campus_id == campuses.c.id)
    return select(accounts, campuses.c.name.label("campus"), has_password).select_from(joined)


def _profile(row: Any) -> Profile:
    return Profile(
        id=row.id,
        email=row.email,
        campus_id=row.campus_id,
        campus=row.campus,
        role=row.role,
        is_google=bool(row.is_google),
        created_at=row.created_at,
        has_password=bool(row.has_password),
    )
