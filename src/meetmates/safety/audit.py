"""The audit log: who did what to whom. It only grows, and each entry's hash takes in the one before.

The database refuses changes by triggers; the chain shows those of somebody who went around them. Only whoever cuts off
the end leaves no gap: so `verify` tells the head of the chain, to be noted elsewhere and asked for the next time.
Entries hold ids, kinds and names of colleges, never addresses or texts of people: what only grows can forget nothing.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, cast, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.store.changes import IN_ORDER
from meetmates.store.schema import audit

COMMAND_LINE = "command line"  # the actor of `meetmates user` and its sisters
AUTOMATIC = "automatic"  # the actor of what nobody decided
START = bytes(32)  # stands for the hash before the first entry
BATCH = 500  # entries read at a time

_ENTRY = (audit.c.number, audit.c.at, audit.c.actor, audit.c.action, audit.c.subject, audit.c.detail)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `at` is in seconds since the epoch."""

    number: int
    at: float
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries hold, the number at which the chain breaks first, and the hash (hex) of the last that holds."""

    entries: int
    broken_at: int | None
    head: str


async def lock(connection: AsyncConnection) -> None:
    """One writer at a time until this transaction ends.

    The lock of `announce`, so that the two cannot wait for each other. A write transaction of SQLite is alone anyway.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(IN_ORDER)))


async def record(
    connection: AsyncConnection, *, actor: str, action: str, subject: str, detail: dict[str, Any], now: float
) -> int:
    """Adds an entry in the transaction of what it tells of, after it; returns its number.

    After it, as whoever waits for a row with the lock in hand may wait for somebody who waits for the lock.
    """
    await lock(connection)
    last = (await connection.execute(_chained().order_by(audit.c.number.desc()).limit(1))).first()
    number, previous = (1, START) if last is None else (last.number + 1, last.hash)
    text = json.dumps(detail, sort_keys=True, separators=(",", ":"), allow_nan=False)
    values = (number, float(now), actor, action, subject, text)
    row = dict(zip((column.name for column in _ENTRY), values, strict=True))
    await connection.execute(insert(audit).values(**row, hash=_link(previous, values)))
    return number


async def verify(connection: AsyncConnection, known: tuple[int, str] | None = None) -> Verdict:
    """Goes through the whole chain. `known` is an entry's number and hash as they were noted earlier."""
    count, previous = 0, START
    while True:
        page = _chained().where(audit.c.number > count).order_by(audit.c.number).limit(BATCH)
        rows = (await connection.execute(page)).all()
        for row in rows:
            number, *_, hashed = row
            if number != count + 1 or hashed != _link(previous, tuple(row[:-1])) or _contradicts(known, number, hashed):
                return Verdict(count, count + 1, previous.hex())
            count, previous = number, hashed
        if len(rows) < BATCH:
            break
    beyond_end = known is not None and known[0] > count
    up_to_here = select(func.count()).select_from(audit).where(audit.c.number <= count)  # others may add meanwhile
    stray = (await connection.execute(up_to_here)).scalar_one() != count
    return Verdict(count, count + 1 if beyond_end or stray else None, previous.hex())


async def entries(connection: AsyncConnection, before: int | None = None, limit: int = 50) -> list[Entry]:
    """The newest `limit` entries, or those before number `before`; newest first."""
    query = select(*_ENTRY).order_by(audit.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.number < before)
    return [Entry(*row[:-1], detail=_detail(row.detail)) for row in (await connection.execute(query)).all()]


def _chained() -> Any:
    """Entries with their hashes; these as bytes also where SQLite was given something else."""
    return select(*_ENTRY, cast(audit.c.hash, LargeBinary).label("hash"))


def _link(previous: bytes, values: tuple[Any, ...]) -> bytes:
    """JSON keeps the values apart, and Python writes a float so that it is read as the same."""
    return hashlib.sha256(previous + json.dumps(values, default=repr).encode()).digest()


def _contradicts(known: tuple[int, str] | None, number: int, hashed: bytes) -> bool:
    return known is not None and known[0] == number and known[1] != hashed.hex()


def _detail(text: str) -> dict[str, Any]:
    """Shown as it is where somebody has tampered with it."""
    try:
        read = json.loads(text)
    except ValueError:
        read = None
    return read if isinstance(read, dict) else {"unreadable": text}
