"""Who never meets whom again. A block holds in both directions and for ever; nobody is asked why."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from meetmates.ports import Clock
from meetmates.store.changes import Kind, Wake, announce
from meetmates.store.database import Database
from meetmates.store.schema import blocks


@dataclass(frozen=True, slots=True)
class Block:
    """One of somebody's blocks: whom, an account's id that no stranger is shown; when; which name the chat showed."""

    blocked: str
    at: float
    name: str | None = None


class Blocks:
    """Keeps blocks between accounts; guests' end with their connection and are never kept."""

    def __init__(self, database: Database, clock: Clock, wake: Wake) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake

    async def block(self, blocker: str, blocked: str, name: str | None = None) -> None:
        """Idempotent: a second one changes nothing, the name neither."""
        now = self._clock.wall()
        async with self._database.begin() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            adding = dialect.insert(blocks).values(blocker=blocker, blocked=blocked, at=now, name=name)
            if (await connection.execute(adding.on_conflict_do_nothing())).rowcount:
                await announce(connection, Kind.BLOCK, f"{blocker} {blocked}", now)
        await self._wake()

    async def blocks_of(self, account: str) -> list[Block]:
        """Whom `account` has blocked, the newest first."""
        query = select(blocks).where(blocks.c.blocker == account).order_by(blocks.c.at.desc(), blocks.c.blocked)
        async with self._database.read() as connection:
            return [Block(row.blocked, row.at, row.name) for row in (await connection.execute(query)).all()]
