"""`meetmates db`: what an operator sees, on both databases."""

from pathlib import Path

import pytest

from meetmates.store.migrate import NEWEST, upgrade
from tests.cli.test_main import command
from tests.support.databases import PASSWORD, QUOTED, PostgreSQL
from tests.support.server import free_port


@pytest.fixture
def settings(empty_address: str, tmp_path: Path) -> dict[str, str]:
    """For a database without any table."""
    if empty_address.startswith("sqlite"):
        return {"DATA_DIR": str(tmp_path)}
    return {"DATA_DIR": str(tmp_path), "DATABASE_URL": empty_address.replace("+asyncpg", "")}


@pytest.mark.parametrize("name", ["upgrade", "check", "backup"])
def test_help_has_examples(tmp_path: Path, name: str) -> None:
    _, out, _ = command(tmp_path, "db", name, "--help")
    assert f"meetmates db {name}" in out.partition("Examples:")[2]


def test_a_database_is_made_checked_and_saved(tmp_path: Path, settings: dict[str, str]) -> None:
    code, out, _ = command(tmp_path, "db", "check", **settings)
    assert code == 1
    assert "`meetmates db upgrade` makes it" in out
    code, out, err = command(tmp_path, "db", "upgrade", **settings)
    assert (code, err) == (0, [])
    assert out.endswith(f": empty -> {NEWEST}\n")
    assert command(tmp_path, "db", "upgrade", **settings)[1].endswith(f"is of this version already ({NEWEST})\n")
    code, out, _ = command(tmp_path, "db", "check", **settings)
    assert (code, out.splitlines()[1:]) == (0, ["  everything is right"])
    assert command(tmp_path, "db", "backup", "copy", **settings) == (0, "copy\n", [])
    assert (tmp_path / "copy").stat().st_size > 0


def test_a_database_of_an_earlier_version_is_told_and_upgraded(
    tmp_path: Path, settings: dict[str, str], empty_address: str
) -> None:
    upgrade(empty_address, "0001_accounts")
    code, out, _ = command(tmp_path, "db", "check", **settings)
    assert code == 1
    assert "it is of an earlier version (0001_accounts)" in out
    assert command(tmp_path, "db", "upgrade", **settings)[1].endswith(f": 0001_accounts -> {NEWEST}\n")
    assert command(tmp_path, "db", "check", **settings)[0] == 0


def test_a_backup_has_a_name_of_its_own(tmp_path: Path) -> None:
    command(tmp_path, "db", "upgrade")
    code, out, _ = command(tmp_path, "db", "backup")
    assert code == 0
    assert out.startswith("meetmates-20")
    assert (tmp_path / out.strip()).stat().st_size > 0


def test_other_commands_refuse_a_postgresql_that_is_older(postgresql: PostgreSQL, tmp_path: Path) -> None:
    code, out, err = command(tmp_path, "campus", "list", DATABASE_URL=postgresql.create())
    assert (code, out) == (1, "")
    assert err[0].endswith("is empty: `meetmates db upgrade` makes it ready")
    postgresql.drop(postgresql.made[-1])


COMMANDS = ("db upgrade", "db check", "db backup copy", "campus list", "serve --port")


def refused(folder: Path, *commands: str, **settings: str) -> None:
    """Each says it in one line, and never the password."""
    for each in commands:
        port = [str(free_port())] if each.startswith("serve") else []
        code, out, err = command(folder, *each.split(), *port, **settings)
        assert (code, out, len(err)) == (1, "", 1), each
        assert err[0].startswith("meetmates: ")
        assert not any(secret in err[0] for secret in (PASSWORD, QUOTED, "tr0ub4dor"))


def test_a_file_that_is_no_database_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "meetmates.db").write_text("Dear diary, today I made a file. " * 100)
    refused(tmp_path, *COMMANDS)


def test_a_server_that_does_not_answer_is_told_in_one_line(tmp_path: Path) -> None:
    url = f"postgresql://tests:{QUOTED}@127.0.0.1:{free_port()}/name"
    refused(tmp_path, "serve --port", "db backup copy", DATABASE_URL=url)


def test_a_wrong_password_is_told_in_one_line(postgresql: PostgreSQL, tmp_path: Path) -> None:
    url = postgresql.changed(password="tr0ub4dor").replace("+asyncpg", "")
    refused(tmp_path, "campus list", "db backup copy", DATABASE_URL=url)


def test_a_setting_that_is_wrong_is_told_with_2(tmp_path: Path) -> None:
    code, _, err = command(tmp_path, "db", "check", DATABASE_URL="mysql://x")
    assert (code, err[0]) == (
        2,
        "meetmates: MEETMATES_DATABASE_URL is an address such as postgresql://user:password@host/name",
    )
