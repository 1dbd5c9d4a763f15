"""News for running servers: a table that grows, which each of them reads on from where it was.

A use case announces what it changed in the same transaction; so no change is ever missed, whoever made it: this
process, another one, or the command line.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.store.database import Database
from meetmates.store.schema import changes

IN_ORDER = 0x6D6D6368  # the advisory lock of whoever announces; any number that nobody else uses
LOOK_EVERY = 1.0  # seconds
KEPT = 86_400.0  # seconds; a server that did not look for longer has been started anew


class Kind(Enum):
    """What changed; `subject` says which one."""

    ACCOUNT = "account"  # an account's id: it came to be, was changed, or is gone
    CAMPUS = "campus"  # a campus's id
    SANCTION = "sanction"  # the account's id
    BLOCK = "block"  # blocker and blocked, with a space between
    SESSION = "session"  # the id of a session that is over


KINDS = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True)
class Change:
    """One of them."""

    kind: Kind
    subject: str


class Follower(Protocol):
    """Somebody who keeps in memory what the database holds."""

    async def load(self, connection: AsyncConnection) -> None:
        """Reads everything, once, before the first change is told."""

    async def apply(self, connection: AsyncConnection, change: Change) -> None:
        """Reads again what `change` names. Idempotent: a change may be told twice."""


async def announce(connection: AsyncConnection, kind: Kind, subject: str, now: float) -> None:
    """Notes a change, in the transaction that makes it."""
    if connection.dialect.name == "postgresql":  # or a number drawn first could be committed last, and be overlooked
        await connection.execute(select(func.pg_advisory_xact_lock(IN_ORDER)))
    await connection.execute(insert(changes).values(kind=kind.value, subject=subject, at=now))


class Feed:
    """Follows the table for one process."""

    def __init__(self, database: Database, followers: list[Follower], failed: Callable[[str], None]) -> None:
        """`failed` is told, in words, when the database could not be read; the next look tries again."""
        self._database = database
        self._followers = followers
        self._failed = failed
        self._seen = 0
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Loads everything, and looks for changes from then on."""
        async with self._database.read() as connection:
            self._seen = (await connection.execute(select(func.max(changes.c.number)))).scalar() or 0
            for follower in self._followers:
                await follower.load(connection)
        self._task = asyncio.create_task(self._look_again(), name="changes")

    async def catch_up(self) -> None:
        """Applies every change that is committed by now. Raises what the database raises."""
        async with self._lock, self._database.read() as connection:
            newer = select(changes).where(changes.c.number > self._seen).order_by(changes.c.number)
            for row in (await connection.execute(newer)).all():
                if row.kind in KINDS:  # a newer version may run beside this one, and speak of more
                    await self._apply(connection, Change(Kind(row.kind), row.subject))
                self._seen = row.number

    async def wake(self) -> None:
        """`catch_up`, for a use case whose change is to act at once. Never raises: what it did is committed anyway."""
        try:
            await self.catch_up()
        except Exception:  # the drivers have errors of their own, and one that is not foreseen must not end the looks
            self._failed("changes of accounts could not be read")

    async def stop(self) -> None:
        """Looks no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _apply(self, connection: AsyncConnection, change: Change) -> None:
        for follower in self._followers:
            await follower.apply(connection, change)

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await self.wake()


async def prune(connection: AsyncConnection, now: float) -> None:
    """Forgets what every server has long read."""
    await connection.execute(delete(changes).where(changes.c.at < now - KEPT))


Wake = Callable[[], Awaitable[None]]  # `Feed.wake`, as use cases know it


async def nobody_to_wake() -> None:
    """The `Wake` of a command: it has no live sockets, and running servers look by themselves."""
