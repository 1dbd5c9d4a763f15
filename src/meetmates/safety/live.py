"""Blocks and sanctions kept in memory, so that every question is answered at once, whoever made them."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.domain.ladder import Kind as Step
from meetmates.ports import Clock, Complaint, Party, Safety
from meetmates.safety.blocks import Blocks
from meetmates.safety.reports import Line, NewReport, Reports
from meetmates.safety.sanctions import Sanction, all_running, history_of, standing_of
from meetmates.store.changes import Change, Kind
from meetmates.store.schema import blocks

Tell = Callable[[str, str, str, float | None], None]  # account, kind, reason, until (seconds since the epoch)


class LiveSafety:
    """Keeps a `ports.Safety` as the database says: a `store.changes.Follower`.

    Mutes and suspensions end by their time; whoever asks compares it with the clock, so nothing has to happen then.
    """

    def __init__(self, safety: Safety, clock: Clock) -> None:
        self._safety = safety
        self._clock = clock
        self._since = clock.wall()
        self._told: set[str] = set()  # the ids of the steps that those who are here have heard of
        self.on_sanction: Tell = lambda account, kind, reason, until: None

    async def load(self, connection: AsyncConnection) -> None:
        """Reads every block, and everything that is held against somebody."""
        for row in await connection.execute(select(blocks.c.blocker, blocks.c.blocked)):
            self._safety.block(row.blocker, row.blocked)
        for account, running in (await all_running(connection, self._clock.wall())).items():
            self._safety.set_standing(account, standing_of(running))
            self._told.update(sanction.id for sanction in running)

    async def apply(self, connection: AsyncConnection, change: Change) -> None:
        """Reads again what changed, and tells those whom it concerns."""
        if change.kind is Kind.BLOCK:
            await self._read_block(connection, *change.subject.split(" "))
        elif change.kind is Kind.SANCTION:
            await self._read_standing(connection, change.subject)

    async def _read_block(self, connection: AsyncConnection, one: str, other: str) -> None:
        either = blocks.c.blocker.in_((one, other)) & blocks.c.blocked.in_((one, other))
        if (await connection.execute(select(blocks.c.at).where(either))).first() is not None:
            self._safety.block(one, other)
        else:  # the account that made it was deleted
            self._safety.unblock(one, other)

    async def _read_standing(self, connection: AsyncConnection, account: str) -> None:
        now = self._clock.wall()
        steps = await history_of(connection, account)
        self._safety.set_standing(account, standing_of(step for step in steps if step.runs(now)))
        for step in reversed(steps):  # the oldest first
            if step.id not in self._told and self._is_news(step, now):
                self._told.add(step.id)
                self.on_sanction(account, step.kind.value, step.reason, step.until)

    def _is_news(self, step: Sanction, now: float) -> bool:
        """What runs, or a warning that was spoken since this process began."""
        if step.kind is Step.WARNING:
            return step.lifted_at is None and step.at >= self._since
        return step.runs(now)


class StoredCasework:
    """`ports.Casework` on the database."""

    def __init__(self, blocks: Blocks, reports: Reports) -> None:
        self._blocks = blocks
        self._reports = reports

    async def block(self, blocker: Party, blocked: Party) -> None:
        """A guest is never met again anyway: nothing is kept of it."""
        if blocker.account is not None and blocked.account is not None:
            await self._blocks.block(blocker.account, blocked.account, blocked.name)

    async def report(self, complaint: Complaint) -> None:
        """Kept, and weighed; what was said is kept only where the reporter handed it over."""
        quotes = complaint.evidence
        evidence = (
            None
            if quotes is None
            else tuple(Line("reporter" if quote.by_reporter else "reported", quote.text, quote.at) for quote in quotes)
        )
        await self._reports.file(
            NewReport(
                complaint.chat_id,
                complaint.reporter.key,
                complaint.reported.key,
                complaint.reason,
                complaint.note,
                evidence,
            )
        )
