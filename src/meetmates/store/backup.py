"""A copy of the database while servers go on with it."""

import contextlib
import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from meetmates.store.database import PATIENCE, plain_url
from meetmates.store.opening import describe, file_of, is_sqlite
from meetmates.store.problems import DatabaseUnusable, explain

PAGES = 1000  # copied between two looks at whether somebody else wants the file
AS_WE_DO = {  # what our own driver reads where the URL says nothing: then pg_dump finds the same database
    *("PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGPASSFILE"),
    *("PGSSLMODE", "PGSSLROOTCERT", "PGSSLCRL", "PGSSLCERT", "PGSSLKEY", "PGKRBSRVNAME", "PGGSSLIB"),
    *("PGSSLMINPROTOCOLVERSION", "PGSSLMAXPROTOCOLVERSION"),
}


def backup(url: str, target: Path) -> None:
    """Writes one state of the database to the new file `target`, for its owner alone; whole, or not at all.

    SQLite: a database file like ours. PostgreSQL: what `pg_restore` reads, and `pg_dump` writes. Raises
    `DatabaseUnusable`.
    """
    if target.exists():
        raise DatabaseUnusable(f"{target} is there already: name a new file")
    try:
        with _appearing(target) as made:
            if is_sqlite(url):
                _copy_sqlite(url, made)
            else:
                _dump_postgresql(url, made)
    except OSError as error:
        raise DatabaseUnusable(f"the backup cannot be written to {target}: {error.strerror or error}") from None


@contextlib.contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """A file beside `target` that gets its name once it is whole and on the disk."""
    made = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        yield made
        with made.open("rb") as written:
            os.fsync(written.fileno())
        os.link(made, target)  # refuses a name that somebody has taken meanwhile
    finally:
        made.unlink(missing_ok=True)


def _copy_sqlite(url: str, made: Path) -> None:
    path = file_of(url)
    if not path.exists():
        raise DatabaseUnusable(f"there is no database {path}")
    try:
        with (
            contextlib.closing(sqlite3.connect(path, timeout=PATIENCE)) as source,
            contextlib.closing(sqlite3.connect(made)) as copy,
        ):
            source.execute("BEGIN")  # one state: a writer in another process would start the copy anew
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(copy, pages=PAGES)
            copy.execute("PRAGMA journal_mode=DELETE")  # a single file; opening it turns WAL on again
    except sqlite3.Error as error:
        raise DatabaseUnusable(explain(error, url)) from None


def _dump_postgresql(url: str, made: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise DatabaseUnusable("a backup of PostgreSQL is made by its program pg_dump, which is not installed here")
    with _without_password(url) as safe_url:
        command = [program, "--format=custom", "--no-password", f"--file={made}", f"--dbname={safe_url}"]
        found = _environment(has_password=make_url(plain_url(url)).password is not None)
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, env=found)  # noqa: S603
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        raise DatabaseUnusable(f"pg_dump could not save {describe(url)}: {said[0].removeprefix('pg_dump: error: ')}")


def _environment(has_password: bool) -> dict[str, str]:
    """Ours, without what leads pg_dump elsewhere than its URL does: `PGPASSWORD` would win over a file of passwords."""
    kept = AS_WE_DO - {"PGPASSWORD", "PGPASSFILE"} if has_password else AS_WE_DO
    return {name: value for name, value in os.environ.items() if not name.startswith("PG") or name in kept}


@contextlib.contextmanager
def _without_password(url: str) -> Iterator[str]:
    """The URL with its password in a file of the owner's alone: everybody on a machine may read command lines."""
    parts = make_url(plain_url(url))
    if parts.password is None:
        yield plain_url(url)
        return
    escaped = str(parts.password).replace("\\", "\\\\").replace(":", "\\:")
    with tempfile.TemporaryDirectory(prefix="meetmates-") as folder:
        passwords = Path(folder) / "pgpass"
        passwords.touch(0o600)
        passwords.write_text(f"*:*:*:*:{escaped}\n")
        safe = parts._replace(password=None).update_query_dict({"passfile": str(passwords)})
        yield safe.render_as_string(hide_password=False)
