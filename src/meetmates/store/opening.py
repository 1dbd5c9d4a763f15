"""One blocking transaction on a database, before or beside the server's own; and where a database is, in words."""

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event, make_url

from meetmates.store.database import PATIENCE, postgresql_engine
from meetmates.store.problems import DatabaseUnusable, told_plainly

LOCK_PATIENCE = 120.0  # seconds that a start waits for another one's upgrade
LOOK_EVERY = 0.05  # seconds

T = TypeVar("T")


def is_sqlite(url: str) -> bool:
    """Whether the database is a file of ours."""
    return make_url(url).get_backend_name() == "sqlite"


def file_of(url: str) -> Path:
    """The file of an SQLite database."""
    return Path(str(make_url(url).database))


def describe(url: str) -> str:
    """The database for people: a path, or name and host; never a password."""
    parts = make_url(url)
    if is_sqlite(url):
        return str(parts.database)
    return f"{parts.database or parts.username} at {parts.host or 'localhost'}:{parts.port or 5432}"


def in_transaction(url: str, work: Callable[[Connection], T]) -> T:
    """Does `work` in one transaction that may write. Raises `DatabaseUnusable`. Never call it on a running loop."""
    with told_plainly(url):
        return _in_sqlite(url, work) if is_sqlite(url) else asyncio.run(_in_postgresql(url, work))


def _in_sqlite(url: str, work: Callable[[Connection], T]) -> T:
    """With foreign keys off, as SQLite wants it for rebuilding a table; upgrades look that no link is broken."""
    file_url = make_url(url).set(drivername="sqlite")
    engine = create_engine(file_url, connect_args={"timeout": PATIENCE, "isolation_level": None})

    def connected(connection: Any, _: Any) -> None:
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {setting}").close()

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


async def _in_postgresql(url: str, work: Callable[[Connection], T]) -> T:
    engine = postgresql_engine(url, patience=None)  # a step over many rows takes its time
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Among the processes that make or upgrade this file. The system gives the lock back when a process ends.

    Raises `DatabaseUnusable` after two minutes, `OSError` where the folder cannot be written to.
    """
    lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + LOCK_PATIENCE
        while not _taken(lock):
            if time.monotonic() > deadline:
                raise DatabaseUnusable(f"{path} is being upgraded by another process for too long")
            time.sleep(LOOK_EVERY)
        yield
    finally:
        os.close(lock)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
