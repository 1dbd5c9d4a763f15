"""What every command does that opens the database: finds it, makes it ready, and says plainly what is wrong."""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import NoReturn, TypeVar

from meetmates.settings import Settings, SettingsError, load
from meetmates.store.database import Database, database_url
from meetmates.store.migrate import DatabaseUnusable, prepare
from meetmates.store.opening import describe, file_of, is_sqlite
from meetmates.store.problems import told_plainly

T = TypeVar("T")


def settings() -> Settings:
    """The settings of environment and `.env`; ends the program with 2 where one is wrong."""
    try:
        return load()
    except SettingsError as error:
        refuse(str(error), 2)


def say(line: str) -> None:
    """One line for the person at the terminal, beside what the command prints."""
    print(f"meetmates: {line}", file=sys.stderr, flush=True)


def refuse(message: str, code: int = 1) -> NoReturn:
    """Ends the program with a clear line: 1 when something went wrong, 2 when the call was wrong."""
    for line in message.splitlines():
        say(line)
    sys.exit(code)


def address() -> str:
    """The database's URL by the settings."""
    loaded = settings()
    return database_url(loaded.database_url, loaded.data_dir)


def with_database(work: Callable[[Database], Awaitable[T]], url: str | None = None) -> T:
    """Makes the database ready and does `work` with it; ends the program with 1 where it cannot be used."""
    found = address() if url is None else url

    async def go() -> T:
        database = Database(found)
        try:
            return await work(database)
        finally:
            await database.close()

    with plainly(), told_plainly(found):
        is_new = is_sqlite(found) and not file_of(found).exists()
        prepare(found)
        if is_new:
            say(f"made a new database: {describe(found)} (MEETMATES_DATA_DIR names another folder)")
        return asyncio.run(go())


@contextlib.contextmanager
def plainly() -> Iterator[None]:
    """Ends the program with 1 and a clear line where the database cannot be used."""
    try:
        yield
    except DatabaseUnusable as error:
        refuse(str(error))
