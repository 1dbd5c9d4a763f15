"""`meetmates user` and `meetmates audit`: what an operator does, that it holds, and that it is written down."""

import asyncio
import io
import os
import pty
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest
from rich.console import Console
from sqlalchemy import Column, insert, select, update

from meetmates.accounts.passwords import Passwords
from meetmates.accounts.profiles import Profile, Profiles
from meetmates.cli.main import app, main
from meetmates.domain.ladder import Kind
from meetmates.edge.clock import SystemClock
from meetmates.safety.sanctions import Sanction, Sanctions
from meetmates.store.database import Database, database_url, plain_url
from meetmates.store.schema import accounts, changes, sessions
from tests.cli.test_main import LIMIT, environment
from tests.cli.test_main import command as command_apart
from tests.support.mailserver import running_mailserver
from tests.support.server import free_port

GOOD = "correct-horse-battery"
T = TypeVar("T")
pytestmark = pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")  # it reads sys.argv
Command = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], sqlite_template: Path
) -> Command:
    """Runs `meetmates` in a folder with a database; exit code, standard output, and the lines of standard error."""
    (tmp_path / "data").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "data" / "meetmates.db")
    for name in os.environ:
        if name.startswith("MEETMATES_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO())  # no terminal to ask at

    def run(*arguments: str, **settings: str) -> tuple[int, str, list[str]]:
        for name, value in settings.items():
            monkeypatch.setenv(f"MEETMATES_{name}", value)
        monkeypatch.setattr(sys, "argv", ["meetmates", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        told = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, told.out, told.err.splitlines()

    return run


async def nothing() -> None:
    """There is no server to wake."""


def asked(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """What a server would find in the database."""

    async def go() -> T:
        database = Database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(go())


def profile(url: str, email: str) -> Profile | None:
    return asked(url, lambda database: Profiles(database, SystemClock(), nothing).by_email(email))


def held(url: str, account: str) -> list[Sanction]:
    return asked(url, lambda database: Sanctions(database, SystemClock(), nothing).running(account))


def has_password(url: str, account: str, password: str) -> bool:
    async def work(database: Database) -> bool:
        async with database.read() as connection:
            kept = (await connection.execute(select(accounts.c.password_hash).filter_by(id=account))).scalar_one()
        passwords = Passwords()
        try:
            return await passwords.verify(kept, password)
        finally:
            passwords.close()

    return asked(url, work)


def said(done: tuple[int, str, list[str]]) -> list[str]:
    """The lines of a command that went well and had nothing to complain about."""
    code, out, err = done
    assert (code, err) == (0, [])
    return out.splitlines()


@pytest.fixture
def settings(database_address: str) -> dict[str, str]:
    """What points a command to the database of the test."""
    if database_address.startswith("sqlite"):
        return {"DATA_DIR": str(Path(database_address.partition(":///")[2]).parent)}
    return {"DATABASE_URL": plain_url(database_address)}


def test_the_first_administrator_and_what_becomes_of_others(
    command: Command, database_address: str, settings: dict[str, str]
) -> None:
    url = database_address

    def user(*arguments: str) -> list[str]:
        return said(command("user", *arguments, **settings))

    created, password = user("create", "Ana@College.edu", "--admin")
    assert created == "created Ana@college.edu (administrator)"
    ana = profile(url, "ana@college.edu")
    assert ana is not None
    assert (ana.role, ana.campus, ana.has_password) == ("administrator", None, True)
    assert has_password(url, ana.id, password.removeprefix("password: "))

    assert user("create", "mallory@college.edu", "--password", GOOD) == ["created mallory@college.edu (member)"]
    assert user("promote", "mallory+tag@college.edu", "--role", "moderator") == [
        "mallory+tag@college.edu is moderator now"
    ]
    mallory = profile(url, "mallory@college.edu")
    assert mallory is not None
    assert mallory.role == "moderator"
    assert has_password(url, mallory.id, GOOD)

    user("ban", "mallory@college.edu", "--reason", "Threats")
    user("mute", "mallory@college.edu", "--for", "30m", "--reason", "Spam")
    assert [(one.kind, one.reason, one.by) for one in held(url, mallory.id)] == [
        (Kind.MUTE, "Spam", "command line"),
        (Kind.BAN, "Threats", "command line"),
    ]
    first, second = user("list")
    assert first.split()[:2] == ["Ana@college.edu", "administrator"]
    assert second.split()[:2] == ["mallory@college.edu", "moderator"]
    assert "  ban  mute until 20" in second

    assert user("unban", "mallory@college.edu") == ["lifted for mallory@college.edu: mute, ban"]
    assert held(url, mallory.id) == []

    log = said(command("audit", "list", **settings))
    actions = [line.split("  ")[-3] for line in reversed([line.strip() for line in log])]
    assert actions == [
        *("account.created", "account.created", "role.set"),
        *("sanction.imposed", "sanction.imposed", "sanction.lifted", "sanction.lifted"),
    ]
    assert all("  command line  " in line for line in log)
    assert not [line for line in log if "college.edu" in line or "Threats" in line]


def test_only_people_of_a_campus_get_an_account_once_there_is_one(command: Command, tmp_path: Path) -> None:
    campus = {"CAMPUSES": "Example College=college.edu"}
    assert command("user", "create", "ana@elsewhere.edu", "--password", GOOD, **campus) == (
        1,
        "",
        ["meetmates: elsewhere.edu belongs to no campus: `meetmates campus add` makes it one"],
    )
    said(command("user", "create", "ana@college.edu", "--password", GOOD, **campus))
    ana = profile(database_url(None, tmp_path / "data"), "ana@college.edu")
    assert ana is not None
    assert ana.campus == "Example College"


def test_an_address_can_be_banned_before_it_comes(command: Command, tmp_path: Path) -> None:
    code, out, err = command("user", "ban", "mallory@college.edu", "--reason", "Threats")
    assert (code, out) == (0, "ban for mallory@college.edu\n")
    assert err == [
        "meetmates: mallory@college.edu has no account at present: it holds for whoever comes with that address"
    ]
    said(command("user", "create", "Mallory@college.edu", "--password", GOOD))
    mallory = profile(database_url(None, tmp_path / "data"), "mallory@college.edu")
    assert mallory is not None
    assert [one.kind for one in held(database_url(None, tmp_path / "data"), mallory.id)] == [Kind.BAN]


def test_there_is_one_account_of_a_mailbox(command: Command, tmp_path: Path) -> None:
    said(command("user", "create", "ana@college.edu", "--password", GOOD))
    assert command("user", "create", "ANA+two@college.edu", "--password", "another-good-one") == (
        1,
        "",
        ["meetmates: ANA+two@college.edu has an account: `meetmates user promote` changes its role"],
    )
    ana = profile(database_url(None, tmp_path / "data"), "ana@college.edu")
    assert ana is not None
    assert has_password(database_url(None, tmp_path / "data"), ana.id, GOOD)


# --- the second factor


def put_second_factor(url: str, account: str) -> None:
    """As a moderator's sign-in leaves it: a secret that was confirmed, and a session."""

    async def work(database: Database) -> None:
        async with database.begin() as connection:
            kept = update(accounts).where(accounts.c.id == account).values(totp_secret=b"sealed", totp_step=1)
            await connection.execute(kept)
            times = {"created_at": 1.0, "used_at": 1.0, "expires_at": 9e9}
            await connection.execute(insert(sessions).values(id="s1", account_id=account, device="", **times))

    asked(url, work)


def everything(url: str, *columns: Column[Any]) -> list[tuple[Any, ...]]:
    async def work(database: Database) -> list[tuple[Any, ...]]:
        async with database.read() as connection:
            return [tuple(row) for row in (await connection.execute(select(*columns))).all()]

    return asked(url, work)


def test_a_lone_administrator_without_a_phone_gets_in_again(
    command: Command, database_address: str, settings: dict[str, str]
) -> None:
    said(command("user", "create", "ana@college.edu", "--admin", "--password", GOOD, **settings))
    ana = profile(database_address, "ana@college.edu")
    assert ana is not None
    put_second_factor(database_address, ana.id)
    done = said(command("user", "reset-second-factor", "Ana+x@college.edu", **settings))
    assert done == ["the second factor of Ana+x@college.edu is reset"]
    assert everything(database_address, accounts.c.totp_secret, accounts.c.totp_step) == [(None, None)]
    assert everything(database_address, sessions.c.id) == []
    assert ("session", "s1") in everything(database_address, changes.c.kind, changes.c.subject)
    newest = said(command("audit", "list", "--limit", "1", **settings))[0]
    assert newest.split("  ")[-3:] == ["command line", "second_factor.reset", ana.id]
    assert command("user", "reset-second-factor", "ana@college.edu", **settings) == (
        1,
        "",
        ["meetmates: there is no second factor of ana@college.edu"],
    )


# --- letters


def letters(folder: Path) -> list[str]:
    return [path.read_text() for path in (folder / "data" / "mail").glob("*.eml")]


def test_what_is_held_against_somebody_is_told_them_by_letter(command: Command, tmp_path: Path) -> None:
    said(command("user", "create", "mallory@college.edu", "--password", GOOD))
    for step in (["mute", "--for", "30m"], ["suspend", "--for", "7d"], ["ban"]):
        before = letters(tmp_path)
        said(command("user", step[0], "mallory@college.edu", *step[1:], "--reason", f"Because of {step[0]}"))
        (letter,) = set(letters(tmp_path)) - set(before)
        assert "To: mallory@college.edu" in letter
        assert f"The reason: Because of {step[0]}" in letter
    command("user", "ban", "nobody@college.edu", "--reason", "Threats")  # no account: nobody to write to
    assert len(letters(tmp_path)) == 3


async def test_a_command_ends_when_the_mail_server_has_its_letter(command: Command) -> None:
    """In a thread, for the mail server's own loop is this one."""
    create, ban = ("user", "create"), ("user", "ban")
    for name in ("mallory", "nobody"):
        assert (await asyncio.to_thread(command, *create, f"{name}@college.edu", "--password", GOOD))[0] == 0
    async with running_mailserver() as server:
        url = f"smtp://127.0.0.1:{server.port}"
        banned = await asyncio.to_thread(command, *ban, "mallory@college.edu", "--reason", "Threats", SMTP_URL=url)
        assert banned == (0, "ban for mallory@college.edu\n", [])
        refused = await asyncio.to_thread(command, *ban, "nobody@college.edu", "--reason", "Threats")
        assert refused[2] == ["meetmates: a letter was refused by the mail server: 550"]
        told = [line for line in await server.stop() if line["kind"] == "letter"]
    assert [line["to"] for line in told] == [["mallory@college.edu"]]
    assert "The reason: Threats" in told[0]["content"]


def test_a_letter_that_cannot_be_handed_over_is_told_and_the_step_holds(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meetmates.cli.post.PATIENCE", 0.5)
    url = database_url(None, tmp_path / "data")
    said(command("user", "create", "mallory@college.edu", "--password", GOOD))
    down = f"smtp://127.0.0.1:{free_port()}"
    code, out, err = command("user", "ban", "mallory@college.edu", "--reason", "Threats", SMTP_URL=down)
    assert (code, out) == (0, "ban for mallory@college.edu\n")
    assert err[0].startswith("meetmates: the mail server cannot be used: ")
    assert err[-1] == "meetmates: letters that were not sent: 1"
    mallory = profile(url, "mallory@college.edu")
    assert mallory is not None
    assert [one.kind for one in held(url, mallory.id)] == [Kind.BAN]


WRONG: dict[str, tuple[list[str], int, str]] = {
    "no address": (["create", "ana"], 2, "an address is such as ana@college.edu, not 'ana'"),
    "a short password": (["create", "a@b.edu", "--password", "short"], 2, "A password has at least 10 characters."),
    "a common one": (["create", "a@b.edu", "--password", "password123"], 2, "Too many people use this password."),
    "nobody to promote": (["promote", "a@b.edu", "--role", "moderator"], 1, "there is no account of a@b.edu"),
    "a role that is none": (["promote", "a@b.edu", "--role", "king"], 2, 'Invalid value "king" for --role'),
    "nobody's second factor": (["reset-second-factor", "a@b.edu"], 1, "there is no account of a@b.edu"),
    "nothing to lift": (["unban", "a@b.edu"], 1, "nothing is held against a@b.edu"),
    "no reason": (["ban", "a@b.edu", "--reason", " "], 2, "--reason is a few words for the person"),
    "no time": (["mute", "a@b.edu", "--for", "soon", "--reason", "x"], 2, "--for is a time"),
    "a time too long": (["suspend", "a@b.edu", "--for", "9999d", "--reason", "x"], 2, "A mute or a suspension ends"),
    "no length": (["suspend", "a@b.edu", "--reason", "x"], 2, "Command"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_call_changes_nothing_and_is_told(command: Command, case: str) -> None:
    arguments, expected, line = WRONG[case]
    code, out, err = command("user", *arguments)
    assert (code, out) == (expected, "")
    assert err[0].startswith(f"meetmates: {line}")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [([GOOD, GOOD], "created"), ([GOOD, "another"], "two different passwords"), ([""], "password: ")],
)
def test_at_a_terminal_the_password_is_asked_for(tmp_path: Path, answers: list[str], expected: str) -> None:
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "meetmates", "user", "create", "ana@college.edu"],
        env=environment(),
        cwd=tmp_path,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # no other terminal to ask at
    )
    assert process.stdout is not None
    try:
        told = b""
        for answer in answers:  # what is typed before the question is thrown away
            asked_at = len(told)
            while not told[asked_at:].endswith(b": "):
                byte = process.stdout.read(1)
                assert byte, told
                told += byte
            os.write(mine, f"{answer}\n".encode())
        rest, _ = process.communicate(timeout=LIMIT)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        os.close(mine)
        os.close(theirs)
    assert expected in (told + rest).decode()
    assert GOOD not in (told + rest).decode()


# --- the log


def test_a_whole_log_and_one_that_was_changed(command: Command, tmp_path: Path) -> None:
    assert said(command("audit", "verify")) == ["0 entries, none changed"]
    for reason in ("first", "second"):
        command("user", "ban", "mallory@college.edu", "--reason", reason)
    told, head = said(command("audit", "verify"))
    assert told == "2 entries, none changed"
    noted = head.removeprefix("head: ")
    assert said(command("audit", "verify", "--head", noted))[0] == told

    tampered(tmp_path, "DELETE FROM audit WHERE number = 2")
    assert command("audit", "verify")[0] == 0  # nobody could tell, but for the head
    assert command("audit", "verify", "--head", noted) == (
        1,
        "",
        ["meetmates: the log was changed: entry 2 is not as it was written, or is gone"],
    )
    tampered(tmp_path, "UPDATE audit SET actor = 'nobody'")
    code, _, (line,) = command("audit", "verify")
    assert (code, "entry 1" in line) == (1, True)


def test_entries_are_listed_for_people(command: Command) -> None:
    command("user", "mute", "mallory@college.edu", "--for", "30m", "--reason", "Spam")
    (line,) = said(command("audit", "list"))
    assert re.search(r"  sanction\.imposed  u\S+  kind=mute sanction=\S+ until=20\d\d-\d\d-\d\dT[\d:.]{12}Z$", line)


def tampered(folder: Path, statement: str) -> None:
    """Somebody with the file in their hands, who knows of the triggers."""
    with closing(sqlite3.connect(folder / "data" / "meetmates.db", isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["verify", "--head", "12:abc"], "--head is a number and 64 characters"),
        (["list", "--limit", "0"], "--limit is"),
    ],
)
def test_a_wrong_look_at_the_log_is_told(command: Command, arguments: list[str], line: str) -> None:
    code, _, err = command("audit", *arguments)
    assert code == 2
    assert err[0].startswith(f"meetmates: {line}")


@pytest.mark.parametrize(
    "name", ["create", "list", "ban", "suspend", "mute", "unban", "promote", "reset-second-factor"]
)
def test_help_of_user_has_examples(name: str) -> None:
    told = io.StringIO()
    app.help_print(["user", name], console=Console(file=told, width=100))
    assert f"  meetmates user {name}" in told.getvalue().partition("Examples:")[2]


def test_another_key_than_the_accounts_were_made_with_is_told(command: Command, tmp_path: Path) -> None:
    """With it nobody would be found, and a ban would hit nobody."""
    assert command("user", "create", "ana@college.edu", "--password", GOOD)[0] == 0
    another = {"ADDRESS_KEY": "another key of at least thirty-two bytes"}
    for done in (
        command("user", "list", **another),
        command("user", "ban", "ana@college.edu", "--reason", "x", **another),
        command_apart(tmp_path, "serve", "--port", str(free_port()), **another),  # it sets up its process's log
    ):
        code, out, err = done
        assert (code, out) == (1, "")
        assert err[-1].startswith("meetmates: MEETMATES_ADDRESS_KEY is another one than these accounts were made with")


def test_a_database_that_is_made_by_a_command_is_told_once(command: Command, tmp_path: Path) -> None:
    assert any("made a new database: new/meetmates.db" in line for line in command("user", "list", DATA_DIR="new")[2])
    assert command("user", "list")[2] == []
