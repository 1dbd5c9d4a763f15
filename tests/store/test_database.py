from sqlalchemy import insert, select
from meetmates.store.database import Database
from meetmates.store.schema import blocks


async def test_a(database: Database) -> None:
    async with database.begin() as c:
        await c.execute(insert(blocks).values(blocker="a", blocked="b", at=1.0))
    async with database.read() as c:
        assert len((await c.execute(select(blocks))).all()) == 1


async def test_b(database: Database) -> None:
    async with database.read() as c:
        assert len((await c.execute(select(blocks))).all()) == 0
