"""Edits of the list of campuses in the audit log, which also remembers the ones that somebody has taken out."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts.campuses import ADDED, REMOVED, Note, same_name
from meetmates.ports import Clock
from meetmates.safety.audit import record
from meetmates.store.database import Database
from meetmates.store.schema import audit


def noting(actor: str, clock: Clock) -> Note:
    """What writes edits by `actor` down."""

    async def note(connection: AsyncConnection, action: str, campus_id: str, told: dict[str, Any]) -> None:
        await record(connection, actor=actor, action=action, subject=campus_id, detail=told, now=clock.wall())

    return note


async def removed_names(database: Database) -> set[str]:
    """The campuses that were taken out and not put back, in the form of `same_name`."""
    edits = select(audit.c.action, audit.c.detail).where(audit.c.action.in_((ADDED, REMOVED)))
    async with database.read() as connection:
        rows = (await connection.execute(edits.order_by(audit.c.number))).all()
    newest = {same_name(json.loads(row.detail)["name"]): row.action for row in rows}
    return {name for name, action in newest.items() if action == REMOVED}
