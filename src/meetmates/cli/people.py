"""What `meetmates user` does on the database: each change and its entry in the audit log are one transaction."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts.addresses import Address
from meetmates.accounts.campuses import Campuses
from meetmates.accounts.hashing import account_id
from meetmates.accounts.mail import Mail
from meetmates.accounts.profiles import Profile, Profiles
from meetmates.accounts.rows import add_account, announce_ends, end_sessions, lock_account, lock_mailbox
from meetmates.accounts.times import iso
from meetmates.domain.ladder import Kind
from meetmates.edge.clock import SystemClock
from meetmates.safety import audit
from meetmates.safety.audit import COMMAND_LINE
from meetmates.safety.sanctions import Sanction, Sanctions, all_running
from meetmates.store import changes
from meetmates.store.changes import announce, nobody_to_wake
from meetmates.store.database import Database
from meetmates.store.schema import accounts

Seed = Iterable[tuple[str, Iterable[str]]]  # campuses of the settings: name and domains


class NotCreated(Exception):  # noqa: N818 - an answer, not an error
    """There can be no such account; the text says why."""


class People:
    """Accounts as an operator sees and changes them. Running servers look for changes by themselves."""

    def __init__(self, database: Database, key: bytes, mail: Mail) -> None:
        """`key` hashes addresses to ids: one follows from an address, whether that has an account or not.

        `mail` tells people of what is held against them.
        """
        self._database = database
        self._key = key
        self._clock = SystemClock()
        self._sanctions = Sanctions(database, self._clock, nobody_to_wake, mail)

    async def create(self, address: Address, password_hash: str, role: str, seed: Seed) -> None:
        """An account whose address counts as verified. Raises `NotCreated`."""
        campuses = Campuses(self._database, self._clock)
        await campuses.seed(seed)
        async with self._database.begin() as connection:
            await lock_mailbox(connection, address.mailbox)
            campus = await campuses.for_domain(connection, address.domain)
            if campus is None and await campuses.is_gate_closed(connection):
                raise NotCreated(f"{address.domain} belongs to no campus: `meetmates campus add` makes it one")
            id, now = self._id(address), self._clock.wall()
            if not await add_account(
                connection, id, address, now=now, campus_id=campus, password_hash=password_hash, role=role
            ):
                raise NotCreated(f"{address.email} has an account: `meetmates user promote` changes its role")
            await self._note(connection, "account.created", id, {"role": role})

    async def set_role(self, address: Address, role: str) -> bool:
        """Whether there is such an account."""
        id = self._id(address)
        changed = update(accounts).where(accounts.c.id == id).values(role=role)
        async with self._database.begin() as connection:
            if not (await connection.execute(changed)).rowcount:
                return False
            await self._note(connection, "role.set", id, {"role": role})
        return True

    async def reset_second_factor(self, address: Address) -> bool | None:
        """Whether there was one; None where there is no account. Ends what the person has open."""
        id = self._id(address)
        async with self._database.begin() as connection:
            if not await lock_account(connection, id):
                return None
            confirmed = update(accounts).where(accounts.c.id == id, accounts.c.totp_step.is_not(None))
            if not (await connection.execute(confirmed.values(totp_secret=None, totp_step=None))).rowcount:
                return False
            ended = await end_sessions(connection, id)
            await self._note(connection, "second_factor.reset", id, {})
            await announce_ends(connection, ended, self._clock.wall())
        return True

    async def impose(self, address: Address, kind: Kind, reason: str, seconds: float | None) -> bool:
        """Whether the address has an account at present; the sanction holds anyway. Raises `AccountRefused`."""
        until = None if seconds is None else self._clock.wall() + seconds
        id = self._id(address)
        await self._sanctions.impose(id, kind, reason, until=until, by=COMMAND_LINE)
        return await Profiles(self._database, self._clock, nobody_to_wake).of(id) is not None

    async def lift(self, address: Address) -> list[Sanction]:
        """Lifts everything that runs, and tells what that was."""
        running = await self._sanctions.running(self._id(address))
        for sanction in running:
            await self._sanctions.lift(sanction.id, COMMAND_LINE)
        return running

    async def listed(self) -> list[str]:
        """A line for each account."""
        people = await Profiles(self._database, self._clock, nobody_to_wake).all()
        async with self._database.read() as connection:
            held = await all_running(connection, self._clock.wall())
        wide = max((len(person.email) for person in people), default=0)
        return [_line(person, wide, held.get(person.id, [])) for person in people]

    def _id(self, address: Address) -> str:
        return account_id(self._key, address.mailbox)

    async def _note(self, connection: AsyncConnection, action: str, id: str, detail: dict[str, Any]) -> None:
        now = self._clock.wall()
        await audit.record(connection, actor=COMMAND_LINE, action=action, subject=id, detail=detail, now=now)
        await announce(connection, changes.Kind.ACCOUNT, id, now)


def _line(person: Profile, wide: int, held: list[Sanction]) -> str:
    ends = [f"{one.kind.value}" + (f" until {iso(one.until)}" if one.until is not None else "") for one in held]
    parts = [f"{person.email:<{wide}}", f"{person.role:<13}", iso(person.created_at)[:10], person.campus or "-", *ends]
    return "  ".join(parts)
