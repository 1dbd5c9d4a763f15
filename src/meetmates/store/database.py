"""The database as use cases see it: transactions that write, and transactions that read.

SQLite has one writer at a time. So each process keeps a single connection for writing, whose users queue in order, and
`BEGIN IMMEDIATE` takes SQLite's own lock at the start: a transaction that got so far is never refused in its middle.
Readers have connections of their own, and see the last commit whatever the writer does (WAL).
"""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import URL, Connection, ExceptionContext, event, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

FILE_NAME = "meetmates.db"
PATIENCE = 30.0  # seconds that a transaction waits for its turn, or for an answer
CONNECTING = 10.0  # seconds for a connection to PostgreSQL
READERS = 4
CONNECTIONS = 10  # to PostgreSQL, by one process


class Database:
    """`begin()` is one write transaction (SQLite: BEGIN IMMEDIATE), `read()` one for reading, which refuses to write.

    Both commit at the end of their block, and roll back where it raises. A `begin` inside of another one of the same
    task would wait for itself.
    """

    def __init__(self, url: str) -> None:
        """Connects when it is first used. `url` is SQLAlchemy's, as `database_url` makes it."""
        if make_url(url).get_backend_name() == "sqlite":
            self.engine = _sqlite(url, "IMMEDIATE", connections=1)
            self._reader = _sqlite(url, "DEFERRED", connections=READERS)
        else:
            self.engine = postgresql_engine(url)
            self._reader = self.engine.execution_options(postgresql_readonly=True)

    def begin(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that may write; on SQLite it is alone with that."""
        return self.engine.begin()

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that only reads; on SQLite it sees one state from its first look to its end."""
        return self._reader.begin()

    async def close(self) -> None:
        """Lets go of every connection."""
        await self._reader.dispose()
        await self.engine.dispose()


def database_url(given: str | None, data_dir: Path) -> str:
    """The URL for SQLAlchemy: of the PostgreSQL database that is `given`, or of the file in the data folder."""
    if given is None:
        path = str(data_dir / FILE_NAME)
        return URL.create("sqlite+aiosqlite", database=path).render_as_string(hide_password=False)
    return "postgresql+asyncpg://" + given.partition("://")[2]


def plain_url(url: str) -> str:
    """The URL as PostgreSQL's own programs know it."""
    return "postgresql://" + url.partition("://")[2]


def postgresql_engine(url: str, patience: float | None = PATIENCE) -> AsyncEngine:
    """`patience` is in seconds, for one statement. The driver reads the URL itself: `sslmode` and all else work."""

    async def connect() -> Any:
        return await asyncpg.connect(plain_url(url), timeout=CONNECTING, command_timeout=patience)

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=PATIENCE,
        hide_parameters=True,  # an error goes to the log: nothing of what people wrote or are called may stand in it
        pool_pre_ping=True,  # after a restart of PostgreSQL the old connections are dead
    )
    event.listen(engine.sync_engine, "handle_error", _hide_details)
    return engine


def _hide_details(context: ExceptionContext) -> None:
    """PostgreSQL quotes the row that it refuses below its message: what holds for parameters holds for that."""
    original: BaseException = context.original_exception
    for each in (context.sqlalchemy_exception, original, original.__cause__):
        if each is not None and each.args:
            each.args = (str(each.args[0]).partition("\nDETAIL:")[0], *each.args[1:])
        if isinstance(each, asyncpg.PostgresError):
            each.detail = None


def _sqlite(url: str, kind: str, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=PATIENCE,
        hide_parameters=True,
        connect_args={"timeout": PATIENCE, "isolation_level": None},  # none: transactions begin where we say so
    )

    def connected(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {setting}")
        cursor.execute(f"PRAGMA query_only={'ON' if kind == 'DEFERRED' else 'OFF'}")
        cursor.close()

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {kind}")

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", begun)
    return engine
