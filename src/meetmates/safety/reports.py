"""Reports: filed by people, weighed by their record, kept sealed, read and decided by moderators.

Long because the life of a report is told in one place: file, queue, read, decide, sweep.
"""

import json
import secrets
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, and_, case, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.domain.ladder import REASONS, WINDOW, Kind, Record, Weighed, automatic_step, weight
from meetmates.ports import Clock
from meetmates.safety import audit
from meetmates.safety.audit import AUTOMATIC
from meetmates.safety.sanctions import Sanction, Sanctions, history_of, is_running
from meetmates.safety.sealing import Sealer, Unreadable
from meetmates.store.changes import Wake
from meetmates.store.database import Database
from meetmates.store.schema import reports, sanctions

LINES = 50  # of evidence, at the most; docs/protocol.md, "Safety"
SPAN = 600.0  # seconds that evidence goes back at the most, from its last line
NOTE = 1000  # characters of a note, at the most
KEPT = 90 * 86_400.0  # seconds; then what was said is deleted, and that it was reported stays
AUTOMATIC_REASON = "Several people reported you. A moderator will look at it."


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the chat. `at` is in seconds since the epoch."""

    sender: Literal["reporter", "reported"]
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class NewReport:
    """What somebody files. People are named by account, guests by socket id; no evidence: it was not handed over."""

    chat_id: str
    reporter: str
    reported: str
    reason: str
    note: str | None = None
    evidence: tuple[Line, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """A line of the queue. `about` counts the open reports about the same person, `total` is their weight together."""

    id: str
    chat_id: str
    reporter: str
    reported: str
    reason: str
    weight: float
    at: float
    state: str
    decided_by: str | None
    decided_at: float | None
    is_sealed: bool
    about: int
    total: float


@dataclass(frozen=True, slots=True)
class ReportDetail:
    """A report with its seals opened. `unreadable`: the key is another one than it was sealed with."""

    summary: ReportSummary
    note: str | None
    evidence: tuple[Line, ...] | None
    unreadable: bool
    record: Record  # of the reporter, with this report
    sanctions: tuple[Sanction, ...]  # of the reported, the newest first


class Reports:
    """Everything that is done with reports."""

    def __init__(self, database: Database, clock: Clock, sealer: Sealer, sanctions: Sanctions, wake: Wake) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._sanctions = sanctions
        self._wake = wake

    async def file(self, new: NewReport) -> str:
        """Keeps a report and takes the automatic step where one is due; returns the report's id.

        Somebody's second report on the same chat changes nothing and answers the first one's id.
        Raises `ValueError` for an unknown reason, or a report about oneself.
        """
        if new.reason not in REASONS or new.reporter == new.reported:
            raise ValueError("no such reason" if new.reason not in REASONS else "a report about oneself")
        id, now = secrets.token_urlsafe(12), self._clock.wall()
        async with self._database.begin() as connection:
            await audit.lock(connection)  # or two reports at once could each lead to a step
            row = self._row(id, new, now) | {"weight": weight(await record_of(connection, new.reporter))}
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            adding = dialect.insert(reports).values(**row).on_conflict_do_nothing()
            if not (await connection.execute(adding)).rowcount:
                return await _id_of(connection, new)
            made = await self._step(connection, id, new.reported, now)
        if made is not None:
            await self._sanctions.tell(made)
        return id

    async def queue(self, state: str = "open", before: str | None = None, limit: int = 50) -> list[ReportSummary]:
        """A page of reports after the one with the id `before`: open ones by weight, then by age; others newest first.

        From the start again where the report `before` is in another state by now.
        """
        ranked = _ranked().where(reports.c.state == state).subquery()
        page = select(ranked).order_by(ranked.c.total.desc(), ranked.c.rank, ranked.c.id).limit(limit)
        async with self._database.read() as connection:
            last = (await connection.execute(select(ranked).where(ranked.c.id == before))).first()
            if last is not None:
                page = page.where(
                    or_(
                        ranked.c.total < last.total,
                        and_(ranked.c.total == last.total, ranked.c.rank > last.rank),
                        and_(ranked.c.total == last.total, ranked.c.rank == last.rank, ranked.c.id > last.id),
                    )
                )
            return [_summary(row) for row in (await connection.execute(page)).all()]

    async def read(self, id: str, by: str) -> ReportDetail:
        """The report opened for `by`, which the audit log keeps.

        Raises `AccountRefused`: there is none of that id, or it is about `by`.
        """
        now = self._clock.wall()
        async with self._database.begin() as connection:
            row = (
                await connection.execute(
                    _ranked().add_columns(reports.c.note, reports.c.evidence).where(reports.c.id == id)
                )
            ).first()
            if row is None:
                raise AccountRefused(Problem.NOT_FOUND)
            if row.reported == by:
                raise AccountRefused(Problem.FORBIDDEN)
            record = await record_of(connection, row.reporter)
            earlier = await history_of(connection, row.reported)
            detail = {"evidence": row.evidence is not None, "note": row.note is not None}
            await audit.record(connection, actor=by, action="report.read", subject=id, detail=detail, now=now)
        note, evidence, unreadable = self._opened(id, row.note, row.evidence)
        return ReportDetail(_summary(row), note, evidence, unreadable, record, tuple(earlier))

    async def decide(
        self, id: str, *, by: str, uphold: bool, kind: Kind | None = None, reason: str = "", until: float | None = None
    ) -> None:
        """Upholds a report, with a sanction or without, or dismisses it, which lifts what it led to by itself.

        Raises `AccountRefused`: it is unknown, was decided before, is by or about `by`, or the end fits no such kind;
        `ValueError` for a sanction on a report that is dismissed.
        """
        if kind is not None and not uphold:
            raise ValueError("a dismissed report leads to no sanction")
        now, made = self._clock.wall(), None
        async with self._database.begin() as connection:
            state = "upheld" if uphold else "dismissed"
            reported = await self._close(connection, id, by, state, now)
            if not uphold:
                await self._lift_automatic(connection, id, by, now)
            detail = {"state": state, "kind": kind and kind.value}
            await audit.record(connection, actor=by, action="report.decided", subject=id, detail=detail, now=now)
            if kind is not None:
                made = await self._sanctions.impose_within(
                    connection, reported, kind, reason, until=until, by=by, report_id=id
                )
        await (self._wake() if made is None else self._sanctions.tell(made))

    async def sweep(self) -> int:
        """Deletes notes and evidence after 90 days; how many reports lost theirs."""
        now = self._clock.wall()
        due = reports.c.evidence_until <= now
        async with self._database.begin() as connection:
            cleared = update(reports).where(due).values(note=None, evidence=None, evidence_until=None)
            count = (await connection.execute(cleared)).rowcount
            if count:
                detail = {"reports": count}
                await audit.record(
                    connection, actor=AUTOMATIC, action="evidence.deleted", subject="reports", detail=detail, now=now
                )
        return count

    # --- one level below

    def _row(self, id: str, new: NewReport, now: float) -> dict[str, Any]:
        """Everything but the weight; what people wrote is sealed."""
        note = None if new.note is None else self._sealer.seal(_sound(new.note[:NOTE]), f"note {id}")
        evidence = None if new.evidence is None else self._sealer.seal(_packed(new.evidence), f"evidence {id}")
        return {
            "id": id,
            "chat_id": new.chat_id,
            "reporter": new.reporter,
            "reported": new.reported,
            "reason": new.reason,
            "note": note,
            "evidence": evidence,
            "evidence_until": None if note is None and evidence is None else now + KEPT,
            "at": now,
            "state": "open",
        }

    async def _step(self, connection: AsyncConnection, id: str, reported: str, now: float) -> Sanction | None:
        """What the reports about somebody lead to by themselves, after the newest, `id`."""
        count = and_(reports.c.reported == reported, reports.c.state != "dismissed", reports.c.at > now - WINDOW)
        words = select(reports.c.reporter, reports.c.weight, reports.c.at).where(count)
        steps = select(sanctions.c.at).where(sanctions.c.account == reported, sanctions.c.by == AUTOMATIC)
        against = [Weighed(*row) for row in (await connection.execute(words)).all()]
        earlier = (await connection.execute(steps)).scalars().all()
        step = automatic_step(against, earlier, now)
        if step is None:
            return None
        return await self._sanctions.impose_within(
            connection, reported, step.kind, AUTOMATIC_REASON, until=step.until, by=AUTOMATIC, report_id=id
        )

    async def _close(self, connection: AsyncConnection, id: str, by: str, state: str, now: float) -> str:
        """Notes the decision on an open report; returns whom it is about."""
        parties = select(reports.c.reporter, reports.c.reported).where(reports.c.id == id)
        row = (await connection.execute(parties)).first()
        if row is None:
            raise AccountRefused(Problem.NOT_FOUND)
        if by in row:
            raise AccountRefused(Problem.FORBIDDEN)
        still = and_(reports.c.id == id, reports.c.state == "open")
        closed = update(reports).where(still).values(state=state, decided_by=by, decided_at=now)
        if not (await connection.execute(closed)).rowcount:
            raise AccountRefused(Problem.ALREADY_DECIDED)
        return str(row.reported)

    async def _lift_automatic(self, connection: AsyncConnection, id: str, by: str, now: float) -> None:
        led_to = and_(sanctions.c.report_id == id, sanctions.c.by == AUTOMATIC, is_running(now))
        for sanction in (await connection.execute(select(sanctions.c.id).where(led_to))).scalars().all():
            await self._sanctions.lift_within(connection, sanction, by)

    def _opened(
        self, id: str, note: bytes | None, evidence: bytes | None
    ) -> tuple[str | None, tuple[Line, ...] | None, bool]:
        try:
            return (
                None if note is None else self._sealer.open(note, f"note {id}").decode(),
                None if evidence is None else _unpacked(self._sealer.open(evidence, f"evidence {id}")),
                False,
            )
        except Unreadable:
            return None, None, True


async def summary_of(connection: AsyncConnection, id: str) -> ReportSummary | None:
    """One report as the queue shows it: nothing that is sealed."""
    row = (await connection.execute(_ranked().where(reports.c.id == id))).first()
    return None if row is None else _summary(row)


async def summaries_about(connection: AsyncConnection, reported: str, limit: int = 50) -> list[ReportSummary]:
    """The newest reports about somebody, whatever their state."""
    newest = _ranked().where(reports.c.reported == reported).order_by(reports.c.at.desc(), reports.c.id).limit(limit)
    return [_summary(row) for row in (await connection.execute(newest)).all()]


async def record_of(connection: AsyncConnection, reporter: str) -> Record:
    """What became of the reports that somebody has filed."""
    counts = select(reports.c.state, func.count()).where(reports.c.reporter == reporter).group_by(reports.c.state)
    return Record(**{row[0]: row[1] for row in (await connection.execute(counts)).all()})


async def _id_of(connection: AsyncConnection, new: NewReport) -> str:
    first = select(reports.c.id).where(reports.c.chat_id == new.chat_id, reports.c.reporter == new.reporter)
    return str((await connection.execute(first)).scalar_one())


def _ranked() -> Select[Any]:
    """Reports with what puts them in order: `total` first, the highest first; then `rank`, the lowest first."""
    others = reports.alias("others")
    about_same = and_(others.c.reported == reports.c.reported, others.c.state == "open")
    is_open = reports.c.state == "open"
    return select(
        *(reports.c[name] for name in ("id", "chat_id", "reporter", "reported", "reason", "weight", "at", "state")),
        *(reports.c.decided_by, reports.c.decided_at),
        or_(reports.c.note.is_not(None), reports.c.evidence.is_not(None)).label("is_sealed"),
        select(func.count()).select_from(others).where(about_same).scalar_subquery().label("about"),
        case(
            (is_open, select(func.sum(others.c.weight)).where(about_same).scalar_subquery()), else_=literal(0.0)
        ).label("total"),
        case((is_open, reports.c.at), else_=-reports.c.decided_at).label("rank"),
    )


def _summary(row: Any) -> ReportSummary:
    return ReportSummary(**{name: getattr(row, name) for name in ReportSummary.__slots__})


def _packed(lines: tuple[Line, ...]) -> bytes:
    """The last of the lines, as many and as far back as may be kept."""
    newest = max((line.at for line in lines), default=0.0)
    kept = [line for line in lines if line.at >= newest - SPAN][-LINES:]
    return _sound(json.dumps([[line.sender, line.text, line.at] for line in kept]))


def _unpacked(plain: bytes) -> tuple[Line, ...]:
    return tuple(Line(*row) for row in json.loads(plain))


def _sound(text: str) -> bytes:
    """Half a surrogate pair can be said in JSON, but not in UTF-8."""
    return text.encode("utf-8", "replace")
