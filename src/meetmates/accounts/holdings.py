"""What is held about one account, for its owner to take along.

Other people are in it only as far as it tells nothing about them: no account id, no address, no name of a moderator.
Nothing that opens a door is in it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts.times import iso
from meetmates.store.schema import accounts, appeals, blocks, identities, reports, sanctions, sessions


async def held_about(connection: AsyncConnection, account: dict[str, Any], account_id: str) -> dict[str, Any]:
    """`account` and whatever belongs to it, ready for JSON: every time is ISO 8601 in UTC with milliseconds."""
    told = sanctions.outerjoin(appeals, appeals.c.sanction_id == sanctions.c.id)
    return {
        "account": {**account, **await _ways_in(connection, account_id)},
        "identities": await _rows(
            connection,
            {"issuer": identities.c.issuer, "subject": identities.c.subject, "createdAt": identities.c.created_at},
            identities.c.account_id == account_id,
        ),
        "sessions": await _rows(
            connection,
            {
                "id": sessions.c.id,
                "device": sessions.c.device,
                "createdAt": sessions.c.created_at,
                "usedAt": sessions.c.used_at,
                "expiresAt": sessions.c.expires_at,
            },
            sessions.c.account_id == account_id,
        ),
        "blocks": await _rows(connection, {"createdAt": blocks.c.at}, blocks.c.blocker == account_id),
        "reports": await _rows(
            connection,
            {
                "chatId": reports.c.chat_id,
                "reason": reports.c.reason,
                "createdAt": reports.c.at,
                "state": reports.c.state,
                "hasNote": reports.c.note.is_not(None),
                "hasEvidence": reports.c.evidence.is_not(None),
            },
            reports.c.reporter == account_id,
        ),
        "sanctions": await _rows(
            connection,
            {
                "kind": sanctions.c.kind,
                "reason": sanctions.c.reason,
                "createdAt": sanctions.c.at,
                "until": sanctions.c.until,
                "liftedAt": sanctions.c.lifted_at,
                "appeal": appeals.c.state,
            },
            sanctions.c.account == account_id,
            told,
        ),
    }


async def _ways_in(connection: AsyncConnection, account_id: str) -> dict[str, Any]:
    columns = {
        "hasPassword": accounts.c.password_hash.is_not(None),
        "hasSecondFactor": accounts.c.totp_step.is_not(None),
    }
    (row,) = await _rows(connection, columns, accounts.c.id == account_id)
    return row


async def _rows(
    connection: AsyncConnection,
    columns: Mapping[str, ColumnElement[Any]],
    condition: ColumnElement[bool],
    source: Any = None,
) -> list[dict[str, Any]]:
    named = select(*(column.label(name) for name, column in columns.items())).where(condition)
    chosen = named if source is None else named.select_from(source)
    rows = (await connection.execute(chosen)).mappings()
    return [{name: iso(value) if isinstance(value, float) else value for name, value in row.items()} for row in rows]
