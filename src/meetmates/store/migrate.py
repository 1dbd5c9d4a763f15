"""How a database comes to be of today's form. Everything here blocks: it runs before the loop, or in a thread.

Each upgrade is one transaction, on SQLite too: it happens as a whole or not at all.
"""

import os
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from meetmates.store.backup import backup
from meetmates.store.migrations import VERSION_TABLE, VERSIONS
from meetmates.store.opening import alone, describe, file_of, in_transaction, is_sqlite
from meetmates.store.problems import DatabaseUnusable, told_plainly
from meetmates.store.schema import metadata

__all__ = [  # beside what is defined here, what belongs to the same task
    "NEWEST",
    "DatabaseUnusable",
    "SchemaTooNew",
    "SchemaTooOld",
    "State",
    "backup",
    "check",
    "describe",
    "prepare",
    "upgrade",
]


NEWEST = VERSIONS[-1]
ONE_AT_A_TIME = 0x6D6D6D67  # the advisory lock of whoever upgrades; any number that nobody else uses


class SchemaTooOld(DatabaseUnusable):
    """`meetmates db upgrade` is what helps."""


class SchemaTooNew(DatabaseUnusable):
    """A newer MeetMates has upgraded it; going back is by a backup only."""


@dataclass(frozen=True, slots=True)
class State:
    """What `check` found. `version` is None for an empty database; each problem is one line."""

    where: str
    version: str | None
    newest: str
    problems: tuple[str, ...]


def prepare(url: str) -> None:
    """Makes the database ready to be opened. An SQLite file is made and upgraded; several processes may do so at once.

    A PostgreSQL database belongs to its administrator, who may want a backup first: raises `SchemaTooOld`, naming the
    command. Raises `SchemaTooNew`, and `DatabaseUnusable` for everything else.
    """
    if is_sqlite(url):
        upgrade(url)
        return
    version = in_transaction(url, _version)
    _refuse_newer(url, version)
    if version != NEWEST:
        state = "is empty" if version is None else f"is of an earlier version ({version})"
        raise SchemaTooOld(f"the database {describe(url)} {state}: `meetmates db upgrade` makes it ready")


def upgrade(url: str, to: str = NEWEST) -> str | None:
    """Makes or upgrades the database; returns the version of before, None for an empty one. Raises like `prepare`."""
    if not is_sqlite(url):
        return in_transaction(url, lambda connection: _upgrade(connection, url, to))
    path = file_of(url)
    with told_plainly(url):
        path.parent.mkdir(parents=True, exist_ok=True)
        with alone(path):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            return in_transaction(url, lambda connection: _upgrade(connection, url, to))


def check(url: str) -> State:
    """The version of the database, and everything that is wrong with it. Changes nothing. Raises like `prepare`."""
    if is_sqlite(url) and not file_of(url).exists():
        return State(describe(url), None, NEWEST, ("there is no such file: `meetmates db upgrade` makes it",))
    version, problems = in_transaction(url, lambda connection: _look(connection, url))
    return State(describe(url), version, NEWEST, tuple(problems))


# --- versions


def _version(connection: Connection) -> str | None:
    """The version of the database, None for an empty one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    return found


def _refuse_newer(url: str, version: str | None) -> None:
    if version is not None and version not in VERSIONS:
        raise SchemaTooNew(
            f"the database {describe(url)} is of a newer MeetMates ({version}; this one knows {NEWEST}): "
            "use that one, or a backup from before"
        )


def _refuse_foreign(connection: Connection, url: str) -> None:
    found = set(inspect(connection).get_table_names())
    foreign = found if connection.dialect.name == "sqlite" else found & set(metadata.tables)
    if foreign:
        raise DatabaseUnusable(
            f"the database {describe(url)} is another program's: "
            f"it has tables that are not of our making ({', '.join(sorted(foreign)[:5])})"
        )


def _upgrade(connection: Connection, url: str, to: str) -> str | None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ONE_AT_A_TIME})
    version = _version(connection)
    _refuse_newer(url, version)
    if version == to:
        return version
    if version is None:
        _refuse_foreign(connection, url)
    from meetmates.store.walking import walk  # noqa: PLC0415 - a database of today's form starts without it

    walk(connection, to)
    if broken := _broken_links(connection):
        raise DatabaseUnusable(f"the database {describe(url)} cannot be upgraded: {broken[0]}")
    return version


# --- looking


def _look(connection: Connection, url: str) -> tuple[str | None, list[str]]:
    from meetmates.store.walking import differences  # noqa: PLC0415 - as above

    version = _version(connection)
    _refuse_newer(url, version)
    problems = _damage(connection) + _broken_links(connection)
    if version is None:
        problems.append("it is empty: `meetmates db upgrade` makes it ready")
    elif version != NEWEST:
        problems.append(f"it is of an earlier version ({version}): `meetmates db upgrade` brings it to {NEWEST}")
    else:
        problems += differences(connection)
    return version, problems


def _damage(connection: Connection) -> list[str]:
    """PostgreSQL looks after its own pages; a file can be damaged by whoever copies it."""
    if connection.dialect.name != "sqlite":
        return []
    said = connection.execute(text("PRAGMA integrity_check")).scalars()
    return [f"it is damaged: {line}" for line in said if line != "ok"]


def _broken_links(connection: Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    rows = connection.execute(text("PRAGMA foreign_key_check")).all()
    return sorted({f"rows of {row[0]} point to rows of {row[2]} that are gone" for row in rows})
