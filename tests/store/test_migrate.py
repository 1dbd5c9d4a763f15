"""Opening a database: made when it is missing, upgraded once, refused in plain words when it cannot be used."""

import os
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from meetmates.store.database import database_url
from meetmates.store.migrate import NEWEST, DatabaseUnusable, SchemaTooNew, SchemaTooOld, check, prepare, upgrade
from meetmates.store.opening import in_transaction
from tests.support.databases import PASSWORD, QUOTED, PostgreSQL
from tests.support.server import free_port

PREPARE = "import sys; from meetmates.store.migrate import prepare; prepare(sys.argv[1])"
NOBODY = 65534  # the user id; tests run as root, whom no mode keeps out


def run(url: str, *statements: str) -> None:
    def go(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    in_transaction(url, go)


def refused(url: str) -> str:
    with pytest.raises(DatabaseUnusable) as caught:
        prepare(url)
    line = str(caught.value)
    assert "\n" not in line
    assert PASSWORD not in line
    assert QUOTED not in line
    return line


def test_a_missing_file_is_made_and_its_folder_too(tmp_path: Path) -> None:
    url = database_url(None, tmp_path / "a" / "b")
    prepare(url)
    prepare(url)
    assert (check(url).version, check(url).problems) == (NEWEST, ())
    assert stat.S_IMODE((tmp_path / "a" / "b" / "meetmates.db").stat().st_mode) == 0o600


def test_a_file_of_an_earlier_version_is_upgraded(tmp_path: Path) -> None:
    url = database_url(None, tmp_path)
    upgrade(url, "0001_accounts")
    assert check(url).problems == (
        f"it is of an earlier version (0001_accounts): `meetmates db upgrade` brings it to {NEWEST}",
    )
    prepare(url)
    assert check(url).problems == ()


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    url = database_url(None, tmp_path / "data")
    started = [subprocess.Popen([sys.executable, "-c", PREPARE, url], stderr=subprocess.PIPE) for _ in range(4)]
    ended = [(process.communicate()[1].decode(), process.returncode) for process in started]
    assert ended == [("", 0)] * 4
    assert check(url).problems == ()


def test_upgrades_of_one_postgresql_at_once_agree(postgresql: PostgreSQL, tmp_path: Path) -> None:
    url = database_url(postgresql.create(), tmp_path)
    upgrading = PREPARE.replace("prepare", "upgrade")
    started = [subprocess.Popen([sys.executable, "-c", upgrading, url], stderr=subprocess.PIPE) for _ in range(3)]
    ended = [(process.communicate()[1].decode(), process.returncode) for process in started]
    assert ended == [("", 0)] * 3
    assert check(url).problems == ()


def test_a_postgresql_that_is_not_of_this_version_is_refused_with_the_command(
    postgresql: PostgreSQL, tmp_path: Path
) -> None:
    url = database_url(postgresql.create(), tmp_path)
    for state in ("is empty", "is of an earlier version (0001_accounts)"):
        with pytest.raises(SchemaTooOld, match="`meetmates db upgrade` makes it ready") as caught:
            prepare(url)
        assert state in str(caught.value)
        upgrade(url, "0001_accounts")
    upgrade(url)
    prepare(url)


def test_a_newer_database_is_refused_by_everything(own_address: str) -> None:
    run(own_address, "UPDATE meetmates_version SET version_num = '0099_future'")
    for use in (prepare, upgrade, check):
        with pytest.raises(SchemaTooNew, match=rf"is of a newer MeetMates \(0099_future; this one knows {NEWEST}\)"):
            use(own_address)


def test_tables_of_another_program_are_not_touched(empty_address: str) -> None:
    run(empty_address, "CREATE TABLE accounts (id INTEGER)")
    with pytest.raises(DatabaseUnusable, match=r"is another program's: it has tables .* \(accounts\)"):
        upgrade(empty_address)
    run(empty_address, "INSERT INTO accounts VALUES (1)")


def test_broken_links_are_told(tmp_path: Path) -> None:
    url = database_url(None, tmp_path)
    prepare(url)
    run(url, "INSERT INTO campus_domains VALUES ('college.edu', 'nix', false)")
    assert check(url).problems == ("rows of campus_domains point to rows of campuses that are gone",)


def test_a_check_makes_nothing(tmp_path: Path) -> None:
    state = check(database_url(None, tmp_path / "data"))
    assert state.problems == ("there is no such file: `meetmates db upgrade` makes it",)
    assert list(tmp_path.iterdir()) == []


# --- files that cannot be used


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "meetmates.db").write_text("Dear diary, today I made a file. " * 100)
    assert refused(database_url(None, tmp_path)) == f"{tmp_path}/meetmates.db is no database"


def test_a_damaged_database(tmp_path: Path) -> None:
    url = database_url(None, tmp_path)
    prepare(url)
    path = tmp_path / "meetmates.db"
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 20] = b"\xaa" * 4096 * 19
    path.write_bytes(content)
    with pytest.raises(DatabaseUnusable, match="is damaged: put a backup in its place"):
        check(url)


def test_an_index_that_lacks_a_row_is_found(tmp_path: Path) -> None:
    url = database_url(None, tmp_path)
    prepare(url)
    run(
        url,
        "INSERT INTO blocks (blocker, blocked, at) VALUES ('a', 'b', 1)",
        "INSERT INTO campuses VALUES ('c', 'College', 1)",
    )
    with sqlite3.connect(tmp_path / "meetmates.db") as direct:
        direct.execute("PRAGMA writable_schema=ON")
        direct.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = "
            "'ix_reports_reporter') WHERE name = 'ix_campus_domains_campus_id'"
        )
        direct.execute("INSERT INTO campus_domains VALUES ('college.edu', 'c', 1)")
    direct.close()
    assert any(problem.startswith("it is damaged") for problem in check(url).problems)


@pytest.fixture
def as_nobody() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)


def test_a_folder_that_cannot_be_written_to(tmp_path_factory: pytest.TempPathFactory, as_nobody: None) -> None:
    assert refused(database_url(None, Path("/proc/nix"))).startswith("/proc/nix/meetmates.db cannot be used: ")
    assert refused(database_url(None, Path("/usr"))) == "/usr/meetmates.db cannot be used: Permission denied"


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    assert refused(database_url(None, tmp_path / "data")) == f"{tmp_path}/data/meetmates.db cannot be used: File exists"


def test_a_folder_where_the_file_should_be(tmp_path: Path) -> None:
    (tmp_path / "meetmates.db").mkdir()
    assert refused(database_url(None, tmp_path)) == f"{tmp_path}/meetmates.db cannot be used: Is a directory"


# --- servers that cannot be used


def test_a_wrong_password(postgresql: PostgreSQL) -> None:
    line = refused(postgresql.changed(password="tr0ub4dor"))
    assert " refuses the password of " in line
    assert "tr0ub4dor" not in line


def test_a_database_that_is_not_there(postgresql: PostgreSQL) -> None:
    assert refused(postgresql.changed(database="nix")).endswith(" has no database nix")


def test_nobody_listening() -> None:
    port = free_port()
    url = f"postgresql://tests:{QUOTED}@127.0.0.1:{port}/name"
    assert refused(database_url(url, Path())) == f"PostgreSQL at 127.0.0.1:{port} does not answer"


def test_something_else_listening() -> None:
    def answer(other: socket.socket) -> None:
        connection, _ = other.accept()
        with connection:
            connection.recv(8)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        speaker = threading.Thread(target=answer, args=(other,))
        speaker.start()
        line = refused(database_url(f"postgresql://tests:{QUOTED}@127.0.0.1:{port}/name", Path()))
        speaker.join()
    assert line.startswith(f"PostgreSQL at 127.0.0.1:{port} ")
    assert line.endswith("or is something else")


def test_a_host_without_an_address() -> None:
    url = database_url(f"postgresql://tests:{QUOTED}@nix.invalid/name", Path())
    assert refused(url) == "PostgreSQL at nix.invalid:5432 does not answer"


def test_a_user_who_may_not_make_tables(postgresql: PostgreSQL) -> None:
    postgresql.create()
    postgresql.run("DROP ROLE IF EXISTS guest_of_tests", "CREATE ROLE guest_of_tests LOGIN PASSWORD 'guest'")
    guest = postgresql.changed(username="guest_of_tests", password="guest", database=postgresql.made[-1])
    with pytest.raises(DatabaseUnusable, match="does not let guest_of_tests do that: it must own test_"):
        upgrade(guest)
    postgresql.drop(postgresql.made[-1])
    postgresql.run("DROP ROLE guest_of_tests")


@pytest.mark.parametrize("mode", ["disable", "prefer", "require", "sometimes"])
def test_the_url_may_say_whether_the_line_is_encrypted(postgresql: PostgreSQL, mode: str) -> None:
    """The server of the tests has no certificate."""
    url = f"{postgresql.changed()}?sslmode={mode}"
    expected = {"require": "offers no encryption", "sometimes": "sslmode"}
    if mode in expected:
        assert expected[mode] in refused(url)
    else:
        with pytest.raises(SchemaTooOld):
            prepare(url)
