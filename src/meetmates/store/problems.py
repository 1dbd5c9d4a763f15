"""What can be wrong with a database, in one line for an operator. No line ever holds a password."""

import contextlib
import ssl
from collections.abc import Iterator

import asyncpg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

IN_SQLITE = {  # what its messages say: what it means for a file
    "not a database": "is no database",
    "encrypted": "is no database",
    "malformed": "is damaged: put a backup in its place",
    "readonly": "cannot be written to",
    "unable to open": "cannot be opened: may this user read and write it and its folder?",
    "full": "cannot grow: the disk is full",
    "disk i/o": "cannot be read or written: the disk fails, or is a network share",
    "locked": "is held by another program for too long",
}
IN_POSTGRESQL = {  # SQLSTATE: what it means
    "28P01": "refuses the password of {user}",
    "28000": "does not let {user} in: see its pg_hba.conf",
    "3D000": "has no database {name}",
    "42501": "does not let {user} do that: it must own {name}, or be granted its schema",
    "53300": "has no connection left for us: raise its max_connections",
    "57P03": "is starting or stopping; try again in a moment",
}


class DatabaseUnusable(Exception):  # noqa: N818 - a state of affairs, told to an operator
    """The database cannot be used as it is; the text says why, and what to do."""


@contextlib.contextmanager
def told_plainly(url: str) -> Iterator[None]:
    """Whatever goes wrong with the database inside is raised as `DatabaseUnusable`."""
    try:
        yield
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise DatabaseUnusable(explain(error, url)) from error


def explain(error: BaseException, url: str) -> str:
    """One line about an error of SQLAlchemy, a driver or the system."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        return f"{parts.database} {_in_sqlite(error)}"
    return f"PostgreSQL at {parts.host or 'localhost'}:{parts.port or 5432} {_in_postgresql(error, parts)}"


def _in_postgresql(error: BaseException, parts: URL) -> str:
    causes = list(_chain(error))
    said = str(causes[-1]).partition("\n")[0]
    if parts.password:
        said = said.replace(str(parts.password), "***")
    state = next(filter(None, (getattr(each, "sqlstate", None) for each in causes)), None)
    if state in IN_POSTGRESQL:
        return IN_POSTGRESQL[state].format(user=parts.username or "us", name=parts.database or "its database")
    if state is not None:
        return f"says: {said}"
    if "SSL upgrade" in said:
        return "offers no encryption, though its URL asks for it, or is something else"
    if isinstance(causes[-1], ssl.SSLError | FileNotFoundError):
        return f"cannot be talked to safely: {said}"
    if isinstance(causes[-1], asyncpg.InterfaceError):
        return f"cannot be used: {said}"
    return "does not answer" if isinstance(causes[-1], OSError) else f"cannot be used: {type(causes[-1]).__name__}"


def _in_sqlite(error: BaseException) -> str:
    if isinstance(error, OSError):
        return f"cannot be used: {error.strerror or 'the system says no'}"
    said = str(getattr(error, "orig", None) or error)
    known = (meaning for words, meaning in IN_SQLITE.items() if words in said.lower())
    return next(known, f"cannot be used: {said.splitlines()[0]}")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from; SQLAlchemy wraps its driver's, some of them twice."""
    while error is not None:
        yield error
        original = getattr(error, "orig", None)
        error = original if isinstance(original, BaseException) else error.__cause__
