"""Backups: whole, of one moment, while somebody writes; and what is said where there can be none."""

import asyncio
import itertools
import json
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, insert, make_url, select

from meetmates.store.database import Database, database_url
from meetmates.store.migrate import DatabaseUnusable, backup, check, prepare
from meetmates.store.schema import blocks, sanctions
from tests.support.databases import PASSWORD, QUOTED, PostgreSQL


async def write_pair(database: Database, number: int) -> None:
    """Two rows that belong together: whoever sees one sees the other."""
    async with database.begin() as connection:
        await connection.execute(insert(blocks).values(blocker=f"p{number}", blocked="b", at=1.0))
        values = {"id": f"p{number}", "account": "b", "kind": "mute", "reason": "spam", "at": 1.0, "by": "automatic"}
        await connection.execute(insert(sanctions).values(**values))


async def count(database: Database) -> tuple[int, int]:
    async with database.read() as connection:
        found = [await connection.execute(select(func.count()).select_from(table)) for table in (blocks, sanctions)]
        one, other = (each.scalar_one() for each in found)
        return one, other


def restored(address: str, copy: Path, server: PostgreSQL | None) -> str:
    """The URL of a database made of the backup."""
    if server is None:
        folder = copy.parent / "restored"
        folder.mkdir()
        shutil.copyfile(copy, folder / "meetmates.db")
        return database_url(None, folder)
    url = server.create()
    subprocess.run(["pg_restore", "--no-owner", f"--dbname={url}", copy], check=True, capture_output=True)
    return database_url(url, copy.parent)


@pytest.fixture
def server(request: pytest.FixtureRequest, database_address: str) -> PostgreSQL | None:
    if database_address.startswith("sqlite"):
        return None
    found: PostgreSQL = request.getfixturevalue("postgresql")
    return found


async def test_a_backup_of_a_database_in_use_is_one_state_of_it(
    database: Database, database_address: str, server: PostgreSQL | None, tmp_path: Path
) -> None:
    enough, copied = asyncio.Event(), asyncio.Event()

    async def keep_writing() -> None:
        for number in itertools.count():
            await write_pair(database, number)
            if number == 20:
                enough.set()
            if copied.is_set():
                return

    writing = asyncio.create_task(keep_writing())
    await enough.wait()
    copy = tmp_path / "copy.backup"
    await asyncio.to_thread(backup, database_address, copy)
    copied.set()
    await writing
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    url = await asyncio.to_thread(restored, database_address, copy, server)
    again = Database(url)
    one, other = await count(again)
    await again.close()
    assert one == other
    assert 21 <= one <= (await count(database))[0]
    assert (await asyncio.to_thread(check, url)).problems == ()


async def test_a_backup_leaves_no_other_file_and_replaces_none(
    database: Database, database_address: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    copy = folder / "copy.backup"
    await asyncio.to_thread(backup, database_address, copy)
    first = copy.read_bytes()
    with pytest.raises(DatabaseUnusable, match="is there already: name a new file"):
        await asyncio.to_thread(backup, database_address, copy)
    assert copy.read_bytes() == first
    assert list(folder.iterdir()) == [copy]


def test_a_folder_that_is_not_there_is_told(database_address: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=r"cannot be written to .*: No such file or directory"):
        backup(database_address, tmp_path / "nix" / "copy.backup")


def test_a_missing_file_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="there is no database"):
        backup(database_url(None, tmp_path), tmp_path / "copy.backup")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "meetmates.db").write_text("Dear diary, today I made a file. " * 100)
    with pytest.raises(DatabaseUnusable, match="is no database"):
        backup(database_url(None, tmp_path), tmp_path / "copy.backup")
    assert not (tmp_path / "copy.backup").exists()


def test_a_backup_is_a_single_file_that_sqlite_reads_alone(tmp_path: Path) -> None:
    url = database_url(None, tmp_path)
    prepare(url)
    backup(url, tmp_path / "copy.backup")
    copy = sqlite3.connect(f"file:{tmp_path}/copy.backup?mode=ro", uri=True)
    assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()


def test_the_missing_program_is_named(postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatabaseUnusable, match="pg_dump, which is not installed here"):
        backup(postgresql.changed(), tmp_path / "copy.backup")
    assert not (tmp_path / "copy.backup").exists()


SPY = """#!{python}
import json, os, sys, urllib.parse
url = next(part for part in sys.argv if part.startswith("--dbname="))
path = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["passfile"][0]
noted = dict(called=sys.argv, passwords=open(path).read(), mode=os.stat(path).st_mode & 0o777)
open("{folder}/noted.json", "w").write(json.dumps(noted))
"""


def test_the_password_is_on_nobodys_command_line(
    postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program of the same name notes how it was called, and the file of passwords that it was told of."""
    program = tmp_path / "pg_dump"
    program.write_text(SPY.format(python=sys.executable, folder=tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    backup(postgresql.changed(password=PASSWORD), tmp_path / "copy.backup")
    noted = json.loads((tmp_path / "noted.json").read_text())
    assert PASSWORD not in str(noted["called"])
    assert QUOTED not in str(noted["called"])
    assert noted["passwords"] == "*:*:*:*:only/for\\:tests%\n"
    assert noted["mode"] == 0o600


CONTRADICTING = {
    **{"PGPASSWORD": "another", "PGPASSFILE": "/nowhere", "PGHOSTADDR": "192.0.2.1", "PGHOST": "192.0.2.1"},
    **{"PGUSER": "nobody", "PGDATABASE": "nix", "PGOPTIONS": "-c nix=1", "PGSERVICE": "nix", "PGCLUSTER": "99/nix"},
}


def test_what_the_shell_says_of_another_database_does_not_count(
    postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CONTRADICTING.items():
        monkeypatch.setenv(name, value)
    backup(postgresql.changed(), tmp_path / "copy.backup")
    assert (tmp_path / "copy.backup").stat().st_size > 0


def test_a_password_that_the_url_does_not_have_may_come_from_the_shell(
    postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it may for the server, whose driver reads it as well."""
    monkeypatch.setenv("PGPASSWORD", str(make_url(postgresql.url).password))
    url = make_url(postgresql.url)._replace(password=None).render_as_string(hide_password=False)
    backup(database_url(url, tmp_path), tmp_path / "copy.backup")
    assert (tmp_path / "copy.backup").stat().st_size > 0


def test_what_pg_dump_says_is_told(postgresql: PostgreSQL, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=r"pg_dump could not save nix at .*does not exist"):
        backup(postgresql.changed(database="nix"), tmp_path / "copy.backup")
    assert list(tmp_path.iterdir()) == []
