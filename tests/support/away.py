"""Tables that are not there for a while: what a use case does when the database cannot do its part."""

import contextlib
from collections.abc import AsyncIterator

from sqlalchemy import text

from meetmates.store.database import Database


@contextlib.asynccontextmanager
async def without(database: Database, *tables: str) -> AsyncIterator[None]:
    """The tables are back afterwards, with what was in them."""
    await _rename(database, {table: f"{table}_away" for table in tables})
    try:
        yield
    finally:
        await _rename(database, {f"{table}_away": table for table in tables})


async def _rename(database: Database, names: dict[str, str]) -> None:
    async with database.begin() as connection:
        for old, new in names.items():
            await connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
