"""Everything of safety on one database, with a clock moved by hand and a letter box: what makes its tests short."""

from typing import Any

from sqlalchemy import insert, select

from meetmates.accounts.mail import Letter
from meetmates.domain.ladder import Kind
from meetmates.safety import audit
from meetmates.safety.appeals import Appeals
from meetmates.safety.audit import Entry
from meetmates.safety.blocks import Blocks
from meetmates.safety.reports import Line, NewReport, Reports
from meetmates.safety.sanctions import Sanctions
from meetmates.safety.sealing import Sealer
from meetmates.store.database import Database
from meetmates.store.schema import accounts, changes, reports, sanctions
from tests.support.clock import HandClock

KEY = b"a key of thirty-two random bytes"
DAY = 86_400.0


class LetterBox:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        """Takes a letter."""
        self.letters.append(letter)


class Station:
    """The use cases, and the database behind them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock()
        self.mail = LetterBox()
        self.wakes = 0
        self.sealer = Sealer(KEY)
        self.sanctions = Sanctions(database, self.clock, self._wake, self.mail)
        self.reports = Reports(database, self.clock, self.sealer, self.sanctions, self._wake)
        self.appeals = Appeals(database, self.clock, self.sealer, self.sanctions, self._wake)
        self.blocks = Blocks(database, self.clock, self._wake)
        self._chats = 0

    async def _wake(self) -> None:
        self.wakes += 1

    @property
    def now(self) -> float:
        """The time, in seconds since the epoch."""
        return self.clock.wall()

    async def add_account(self, id: str) -> None:
        """Somebody with an address."""
        row = {"id": id, "email": f"{id}@college.edu", "mailbox": f"{id}@college.edu", "created_at": self.now}
        async with self.database.begin() as connection:
            await connection.execute(insert(accounts).values(**row))

    async def report(self, reporter: str, reported: str = "mallory", note: str | None = None, *lines: Line) -> str:
        """One report, on a chat of its own."""
        self._chats += 1
        new = NewReport(f"chat{self._chats}", reporter, reported, "harassment", note, lines or None)
        return await self.reports.file(new)

    async def earn_record(self, reporter: str, upheld: int = 0, dismissed: int = 0) -> None:
        """Reports of long ago against somebody else, and what became of them."""
        states = ["upheld"] * upheld + ["dismissed"] * dismissed
        rows = [
            {
                **{"id": f"{reporter}{n}", "chat_id": f"old{n}", "reporter": reporter, "reported": "somebody"},
                **{"reason": "spam", "weight": 0.25, "at": self.now - 30 * DAY, "state": state},
                **{"decided_by": "mod", "decided_at": self.now - 29 * DAY},
            }
            for n, state in enumerate(states)
        ]
        async with self.database.begin() as connection:
            await connection.execute(insert(reports), rows)

    async def suspend(self, account: str = "mallory", seconds: float = DAY) -> str:
        """A suspension; its id."""
        made = await self.sanctions.impose(account, Kind.SUSPENSION, "insults", until=self.now + seconds, by="mod")
        return made.id

    async def token(self, account: str = "mallory") -> str | None:
        """The appeal token that a sign-in of a sanctioned account is told."""
        told = await self.sanctions.sanctioned(account)
        assert told is not None
        token: str | None = told["appealToken"]
        return token

    async def log(self) -> list[Entry]:
        """The audit log, the oldest first."""
        async with self.database.read() as connection:
            return (await audit.entries(connection, limit=1000))[::-1]

    async def actions(self) -> list[str]:
        """What the audit log tells of, the oldest first."""
        return [entry.action for entry in await self.log()]

    async def announced(self) -> list[tuple[str, str]]:
        """Kind and subject of every change that was announced."""
        async with self.database.read() as connection:
            rows = await connection.execute(select(changes.c.kind, changes.c.subject).order_by(changes.c.number))
            return [(row.kind, row.subject) for row in rows]

    async def row_of(self, id: str) -> Any:
        """A report as it lies in the database."""
        async with self.database.read() as connection:
            return (await connection.execute(select(reports).where(reports.c.id == id))).one()

    async def imposed(self) -> list[Any]:
        """Every sanction as it lies in the database, the oldest first."""
        async with self.database.read() as connection:
            return list((await connection.execute(select(sanctions).order_by(sanctions.c.at))).all())
