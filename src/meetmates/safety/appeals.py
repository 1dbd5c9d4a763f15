"""Appeals: one for each sanction, with a token that a sign-in of the person gave out and that works once."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts import letters
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.ports import Clock
from meetmates.safety import audit
from meetmates.safety.sanctions import Sanction, Sanctions, is_running, of_row, token_hash
from meetmates.safety.sealing import Sealer, Unreadable
from meetmates.store.changes import Wake
from meetmates.store.database import Database
from meetmates.store.schema import appeals, sanctions

LONGEST = 4000  # characters
KEPT = 90 * 86_400.0  # seconds after the decision, or the sanction's end; then what was written is deleted


@dataclass(frozen=True, slots=True)
class OpenAppeal:
    """What somebody says to a sanction, `at` what time; no `text`: it was sealed with another key."""

    sanction: Sanction
    text: str | None
    at: float


class Appeals:
    """Takes and decides them."""

    def __init__(self, database: Database, clock: Clock, sealer: Sealer, sanctions: Sanctions, wake: Wake) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._sanctions = sanctions
        self._wake = wake

    async def file(self, token: str, text: str) -> None:
        """Raises `AccountRefused`: wrong or used token, a sanction that is over, a text of no good length."""
        text = text.strip()
        if not 1 <= len(text) <= LONGEST:
            raise AccountRefused(Problem.APPEAL_LENGTH)
        now, hashed = self._clock.wall(), token_hash(token)
        async with self._database.begin() as connection:
            usable = and_(appeals.c.token_hash == hashed, appeals.c.state == "unused")
            meant = select(sanctions.c.id, sanctions.c.account).join(appeals, appeals.c.sanction_id == sanctions.c.id)
            found = (await connection.execute(meant.where(usable, is_running(now)))).first()
            if found is None:
                raise AccountRefused(Problem.WRONG_APPEAL)
            id, account = found
            sealed = self._sealer.seal(text.encode("utf-8", "replace"), f"appeal {id}")
            used = update(appeals).where(usable).values(state="open", text=sealed, at=now)
            if not (await connection.execute(used)).rowcount:  # somebody was faster
                raise AccountRefused(Problem.WRONG_APPEAL)
            await audit.record(connection, actor=account, action="appeal.filed", subject=id, detail={}, now=now)

    async def open(self, limit: int = 50) -> list[OpenAppeal]:
        """Those that wait for a decision, the oldest first; none whose sanction has ended or was lifted meanwhile."""
        waiting = _told().where(waits(self._clock.wall())).order_by(appeals.c.at, sanctions.c.id).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(waiting)).all()
        return [OpenAppeal(of_row(row), self._opened(row.id, row.text), row.appealed_at) for row in rows]

    async def decide(self, sanction_id: str, by: str, grant: bool) -> None:
        """Granting lifts the sanction. Raises `AccountRefused`: none waits for it, or it is against `by`, or over."""
        now = self._clock.wall()
        async with self._database.begin() as connection:
            account = await _judged(connection, sanction_id, by, now)
            state = "granted" if grant else "refused"
            waiting = and_(appeals.c.sanction_id == sanction_id, appeals.c.state == "open")
            decided = update(appeals).where(waiting).values(state=state, decided_by=by, decided_at=now)
            if not (await connection.execute(decided)).rowcount:
                raise AccountRefused(Problem.ALREADY_DECIDED)
            if grant:
                await self._sanctions.lift_within(connection, sanction_id, by)
            detail = {"state": state, "account": account}
            await audit.record(
                connection, actor=by, action="appeal.decided", subject=sanction_id, detail=detail, now=now
            )
        await self._wake()
        await self._sanctions.write(account, lambda to: letters.appeal_decided(to, grant))

    async def sweep(self) -> int:
        """Deletes what was written, 90 days after the decision or the sanction's end; how many lost theirs."""
        since = self._clock.wall() - KEPT
        over = or_(sanctions.c.until <= since, sanctions.c.lifted_at <= since)
        left_open = and_(appeals.c.state == "open", exists().where(sanctions.c.id == appeals.c.sanction_id, over))
        due = and_(or_(appeals.c.decided_at <= since, left_open), appeals.c.text.is_not(None))
        async with self._database.begin() as connection:
            return (await connection.execute(update(appeals).where(due).values(text=None))).rowcount

    def _opened(self, id: str, sealed: bytes | None) -> str | None:
        try:
            return None if sealed is None else self._sealer.open(sealed, f"appeal {id}").decode()
        except Unreadable:
            return None


def waits(now: float) -> ColumnElement[bool]:
    """Of an appeal beside its sanction: whether there is something to decide."""
    return and_(appeals.c.state == "open", is_running(now))


async def _judged(connection: AsyncConnection, sanction_id: str, by: str, now: float) -> str:
    """Whom the sanction is against. Raises `AccountRefused` where `by` has nothing to decide about it."""
    joined = sanctions.outerjoin(appeals, appeals.c.sanction_id == sanctions.c.id)
    asked = select(sanctions.c.account, appeals.c.state, is_running(now).label("runs")).select_from(joined)
    row = (await connection.execute(asked.where(sanctions.c.id == sanction_id))).one_or_none()
    if row is None:
        raise AccountRefused(Problem.NOT_FOUND)
    if row.account == by:
        raise AccountRefused(Problem.FORBIDDEN)
    if row.state == "open" and not row.runs:
        raise AccountRefused(Problem.SANCTION_OVER)
    account: str = row.account
    return account


def _told() -> Select[tuple[object, ...]]:
    joined = sanctions.join(appeals, appeals.c.sanction_id == sanctions.c.id)
    return select(sanctions, appeals.c.text, appeals.c.at.label("appealed_at")).select_from(joined)
