"""The ladder in the database: what is imposed on whom, until when, and how the person can appeal.

A sanction points to an account's id, which is the same again when somebody deletes the account and comes back.
Long because what makes one run, and every question about that, is in one place.
"""

import hashlib
import math
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts import letters
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.mail import Letter, Mail
from meetmates.accounts.times import iso
from meetmates.domain.ladder import STEP_EVERY, Kind
from meetmates.ports import Clock, Standing
from meetmates.safety import audit
from meetmates.store import changes
from meetmates.store.changes import Wake, announce
from meetmates.store.database import Database
from meetmates.store.schema import accounts, appeals, sanctions

LONGEST = 10 * 365 * 86_400.0  # seconds; whoever is to stay away for longer is banned
ENDING = (Kind.MUTE, Kind.SUSPENSION)  # these have an end, the others have none
AWAY = (Kind.SUSPENSION, Kind.BAN)  # these keep somebody from signing in


@dataclass(frozen=True, slots=True)
class Sanction:
    """One step against `account`. Times are seconds since the epoch; no `until`: for good, a warning: at once over."""

    id: str
    account: str
    kind: Kind
    reason: str
    at: float
    until: float | None
    by: str
    report_id: str | None = None
    lifted_at: float | None = None

    def runs(self, now: float) -> bool:
        """Whether it holds something against the person still."""
        over = self.until is not None and self.until <= now
        return self.kind is not Kind.WARNING and self.lifted_at is None and not over


class Sanctions:
    """Imposes, lifts and tells. `mail` explains each new sanction to the person, where there is a mail server."""

    def __init__(self, database: Database, clock: Clock, wake: Wake, mail: Mail | None = None) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
        self._mail = mail

    async def impose(
        self,
        account: str,
        kind: Kind,
        reason: str,
        *,
        until: float | None = None,
        by: str,
        report_id: str | None = None,
    ) -> Sanction:
        """Acts at once, on live sockets too. Raises `AccountRefused` for an end that does not fit the kind."""
        async with self._database.begin() as connection:
            made = await self.impose_within(connection, account, kind, reason, until=until, by=by, report_id=report_id)
        await self.tell(made)
        return made

    async def impose_within(
        self,
        connection: AsyncConnection,
        account: str,
        kind: Kind,
        reason: str,
        *,
        until: float | None = None,
        by: str,
        report_id: str | None = None,
    ) -> Sanction:
        """`impose` as a part of a larger transaction; `tell` belongs after its commit."""
        now = self._clock.wall()
        if not _is_end(kind, until, now):
            raise AccountRefused(Problem.BAD_END)
        made = Sanction(secrets.token_urlsafe(12), account, kind, _storable(reason), now, until, by, report_id)
        await connection.execute(insert(sanctions).values(**_row(made)))
        detail = {"sanction": made.id, "kind": kind.value, "until": until, "report": report_id}
        await audit.record(connection, actor=by, action="sanction.imposed", subject=account, detail=detail, now=now)
        await announce(connection, changes.Kind.SANCTION, account, now)
        return made

    async def tell(self, made: Sanction) -> None:
        """Wakes this server, and writes to the person."""
        await self._wake()
        await self.write(made.account, lambda to: letters.sanction(to, made.kind.value, made.reason, made.until))

    async def write(self, account: str, letter: Callable[[str], Letter]) -> None:
        """Sends `letter`, made for the address of the account, where both exist."""
        if self._mail is None:
            return
        async with self._database.read() as connection:
            address = select(accounts.c.email).where(accounts.c.id == account)
            email = (await connection.execute(address)).scalar()
        if email is not None:
            await self._mail.send(letter(email))

    async def lift(self, id: str, by: str) -> None:
        """Ends it before its time; harmless when it was lifted before. Raises `AccountRefused` for an unknown one."""
        async with self._database.begin() as connection:
            if not await self.lift_within(connection, id, by):
                raise AccountRefused(Problem.NOT_FOUND)
        await self._wake()

    async def lift_within(self, connection: AsyncConnection, id: str, by: str) -> bool:
        """`lift` as a part of a larger transaction; false when there is none of that id. The caller wakes."""
        now = self._clock.wall()
        account = (await connection.execute(select(sanctions.c.account).where(sanctions.c.id == id))).scalar()
        if account is None:
            return False
        still = and_(sanctions.c.id == id, sanctions.c.lifted_at.is_(None))
        if (await connection.execute(update(sanctions).where(still).values(lifted_at=now))).rowcount:
            detail = {"sanction": id}
            await audit.record(connection, actor=by, action="sanction.lifted", subject=account, detail=detail, now=now)
            await announce(connection, changes.Kind.SANCTION, account, now)
        return True

    async def running(self, account: str) -> list[Sanction]:
        """What holds at present, the newest first."""
        async with self._database.read() as connection:
            return await running_of(connection, account, self._clock.wall())

    async def history(self, account: str) -> list[Sanction]:
        """Everything that was ever imposed on `account` and is kept, the newest first."""
        async with self._database.read() as connection:
            return await history_of(connection, account)

    async def recent(self, before: str | None = None, limit: int = 50) -> list[Sanction]:
        """Everybody's, the newest first; those after the one with the id `before`."""
        query = select(sanctions).order_by(sanctions.c.at.desc(), sanctions.c.id.desc()).limit(limit)
        if before is not None:
            last = select(sanctions.c.at).where(sanctions.c.id == before).scalar_subquery()
            query = query.where(or_(sanctions.c.at < last, and_(sanctions.c.at == last, sanctions.c.id < before)))
        async with self._database.read() as connection:
            return [of_row(row) for row in (await connection.execute(query)).all()]

    async def sanctioned(self, account: str) -> dict[str, Any] | None:
        """What a sign-in of `account` is told, or None when it may come in.

        Each call makes a new appeal token, of which only the hash is kept; none once an appeal was made.
        """
        away = [one for one in await self.running(account) if one.kind in AWAY]
        if not away:
            return None
        worst = max(away, key=_strength)
        async with self._database.begin() as connection:
            token = await _new_appeal_token(connection, worst.id)
        until = None if worst.until is None else iso(worst.until)
        return {"kind": worst.kind.value, "reason": worst.reason, "until": until, "appealToken": token}

    async def sweep(self) -> int:
        """Forgets those over for a day of people who have no account here any more; how many."""
        over_at = self._clock.wall() - STEP_EVERY  # until then they count as an earlier step
        over = or_(
            sanctions.c.until <= over_at,
            sanctions.c.lifted_at <= over_at,
            and_(sanctions.c.kind == Kind.WARNING.value, sanctions.c.at <= over_at),
        )
        gone = ~exists().where(accounts.c.id == sanctions.c.account)
        async with self._database.begin() as connection:
            return (await connection.execute(delete(sanctions).where(over, gone))).rowcount


async def running_of(connection: AsyncConnection, account: str, now: float) -> list[Sanction]:
    """What holds against `account`, the newest first."""
    query = select(sanctions).where(sanctions.c.account == account, is_running(now)).order_by(sanctions.c.at.desc())
    return [of_row(row) for row in (await connection.execute(query)).all()]


async def all_running(connection: AsyncConnection, now: float) -> dict[str, list[Sanction]]:
    """What holds against anybody, by account, the oldest first."""
    held: dict[str, list[Sanction]] = {}
    query = select(sanctions).where(is_running(now)).order_by(sanctions.c.at)
    for row in (await connection.execute(query)).all():
        held.setdefault(row.account, []).append(of_row(row))
    return held


async def history_of(connection: AsyncConnection, account: str) -> list[Sanction]:
    """Everything kept about `account`, the newest first: warnings too."""
    query = select(sanctions).where(sanctions.c.account == account).order_by(sanctions.c.at.desc())
    return [of_row(row) for row in (await connection.execute(query)).all()]


def is_running(now: float) -> ColumnElement[bool]:
    """`Sanction.runs` for a query."""
    return and_(
        sanctions.c.kind != Kind.WARNING.value,
        sanctions.c.lifted_at.is_(None),
        or_(sanctions.c.until.is_(None), sanctions.c.until > now),
    )


def standing_of(running: Iterable[Sanction]) -> Standing:
    """What the rules need to know of those that run."""
    ends: dict[Kind, float] = {}
    for one in running:
        ends[one.kind] = max(ends.get(one.kind, -math.inf), math.inf if one.until is None else one.until)
    return Standing(Kind.BAN in ends, ends.get(Kind.SUSPENSION), ends.get(Kind.MUTE))


def token_hash(token: str) -> bytes:
    """What is kept of an appeal token: 256 random bits need no key and no slow hash."""
    return hashlib.sha256(b"appeal\x00" + token.encode("utf-8", "replace")).digest()


def of_row(row: Any) -> Sanction:
    """A row of `sanctions` as what it is."""
    return Sanction(
        row.id, row.account, Kind(row.kind), row.reason, row.at, row.until, row.by, row.report_id, row.lifted_at
    )


async def _new_appeal_token(connection: AsyncConnection, sanction: str) -> str | None:
    token = secrets.token_urlsafe(32)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    adding = dialect.insert(appeals).values(sanction_id=sanction, token_hash=token_hash(token), state="unused")
    renewing = adding.on_conflict_do_update(
        index_elements=[appeals.c.sanction_id],
        set_={"token_hash": adding.excluded.token_hash},
        where=appeals.c.state == "unused",
    )
    return token if (await connection.execute(renewing)).rowcount else None


def _is_end(kind: Kind, until: float | None, now: float) -> bool:
    if kind not in ENDING:
        return until is None
    return until is not None and now < until <= now + LONGEST  # false for NaN


def _storable(text: str) -> str:
    """Without what can be said in JSON but not be kept in every database: half a character, and the character 0."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _strength(sanction: Sanction) -> tuple[bool, float, str]:
    """For good is stronger than any end, and a ban than everything."""
    return sanction.kind is Kind.BAN, math.inf if sanction.until is None else sanction.until, sanction.id


def _row(sanction: Sanction) -> dict[str, Any]:
    return {name: getattr(sanction, name) for name in Sanction.__slots__} | {"kind": sanction.kind.value}
