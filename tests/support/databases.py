"""Real databases for tests: files, and a PostgreSQL process of our own on a free port of the loopback.

The fixture for nearly every test is `database`: a fresh, migrated `Database`, once on SQLite and once on PostgreSQL.
`database_address` is its URL alone, for tests that start a process or open it twice. `postgresql` is the server.
"""

import asyncio
import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from sqlalchemy import make_url

from meetmates.store.database import Database, database_url
from meetmates.store.migrate import upgrade
from meetmates.store.schema import metadata
from tests.support.server import free_port

BINARIES = Path("/usr/lib/postgresql")
PASSWORD = "only/for:tests%"  # with what a URL must escape
QUOTED = "only%2Ffor%3Atests%25"
START_LIMIT = 60.0  # seconds
T = TypeVar("T")


@dataclass
class PostgreSQL:
    """A running server, and databases in it. `url` is of its first database, with a superuser's name in it."""

    url: str
    log: Path | None = None
    made: list[str] = field(default_factory=list)
    clean: list[str] = field(default_factory=list)

    def create(self, template: str | None = None) -> str:
        """The `postgresql://` URL of a new database, a copy of `template` or an empty one."""
        name = f"test_{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
        self.made.append(name)
        return self.named(name)

    def borrow(self, template: str) -> str:
        """The URL of a copy of `template`: one given back, if there is one: making one takes its time."""
        return self.clean.pop() if self.clean else self.create(template)

    def give_back(self, url: str) -> None:
        """Ends whoever still uses the database, and empties every table of ours."""
        name = url.partition("?")[0].rpartition("/")[2]
        mine = f"datname = '{name}' AND pid <> pg_backend_pid()"
        others = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}"
        empty = ";".join(f"DELETE FROM {table}" for table in metadata.tables)
        self.run(f"{others}; SET session_replication_role = replica; {empty}", database=name)  # without any trigger
        self.clean.append(url)

    def drop(self, name: str) -> None:
        """Ends a database and whoever uses it."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.made.remove(name)

    def named(self, name: str) -> str:
        """The URL of a database."""
        base, mark, query = self.url.partition("?")
        return f"{base.rpartition('/')[0]}/{name}{mark}{query}"

    def changed(self, **parts: Any) -> str:
        """The URL with other parts, such as `password`, as `Database` takes it."""
        return database_url(make_url(self.url).set(**parts).render_as_string(hide_password=False), Path())

    def run(self, *statements: str, database: str | None = None) -> None:
        """Runs SQL as the superuser, each statement in a transaction of its own."""

        async def go() -> None:
            connection = await asyncpg.connect(self.named(database) if database else self.url)
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        outside_any_loop(go)


def outside_any_loop(work: Callable[[], Awaitable[T]]) -> T:
    """Runs a coroutine to its end, from a fixture that may or may not have a loop around it."""
    from concurrent.futures import ThreadPoolExecutor

    async def go() -> T:
        return await work()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(go())).result()


@contextlib.contextmanager
def running_postgresql() -> Iterator[PostgreSQL]:
    """A server in a temporary folder, run by the user `postgres`, as it refuses root; ended by its own pid."""
    programs = max(BINARIES.glob("*/bin"), key=lambda path: int(path.parent.name))
    folder = Path(tempfile.mkdtemp(prefix="meetmates-postgresql-"))
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    identity: dict[str, Any] = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    try:
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        password = folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        data = folder / "data"
        manner = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
        subprocess.run(
            [programs / "initdb", f"--pgdata={data}", "--username=tests", f"--pwfile={password}", *manner],
            check=True,
            capture_output=True,
            cwd=folder,
            **identity,
        )
        with _process(programs, data, folder / "log", identity) as port:
            server = PostgreSQL(f"postgresql://tests:{QUOTED}@127.0.0.1:{port}/postgres", folder / "log")
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _process(programs: Path, data: Path, log: Path, identity: dict[str, Any]) -> Iterator[int]:
    port = free_port()
    swift = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
    settings = ("listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", *swift)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, *(part for each in settings for part in ("-c", each))],
            stdout=output,
            stderr=output,
            cwd=data,
            **identity,
        )
    try:
        _wait(port, process, log)
        yield port
    finally:
        process.send_signal(signal.SIGQUIT)  # at once; nothing in it is kept
        process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers queries: its port opens earlier."""

    async def ask() -> None:
        await (await asyncpg.connect(f"postgresql://tests:{QUOTED}@127.0.0.1:{port}/postgres", timeout=5)).close()

    deadline = time.monotonic() + START_LIMIT
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            outside_any_loop(ask)
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')}")


# --- fixtures


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The server: the one that `MEETMATES_TEST_DATABASE_URL` names (as a superuser), or one of our own."""
    given = os.environ.get("MEETMATES_TEST_DATABASE_URL")
    if given:
        server = PostgreSQL(given)
        yield server
        for name in list(server.made):
            server.drop(name)
        return
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgreSQL) -> str:
    """The name of a migrated database, to be copied."""
    url = postgresql.create()
    _in_a_thread(url)
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    upgrade(database_url(None, folder))
    return folder / "meetmates.db"


def _in_a_thread(url: str) -> None:
    async def go() -> None:
        await asyncio.to_thread(upgrade, database_url(url, Path()))

    outside_any_loop(go)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table; on SQLite there is not even the file."""
    if request.param == "sqlite":
        yield database_url(None, tmp_path)
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.create()
    yield database_url(url, tmp_path)
    server.drop(server.made[-1])


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database, as `Database` takes it."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "meetmates.db")
        (tmp_path / "meetmates.db").chmod(0o600)
        yield database_url(None, tmp_path)
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.borrow(request.getfixturevalue("postgresql_template"))
    yield database_url(url, tmp_path)
    server.give_back(url)


@pytest.fixture
async def database(database_address: str) -> AsyncIterator[Database]:
    """A fresh, migrated `Database`: the test runs once on SQLite and once on PostgreSQL."""
    opened = Database(database_address)
    yield opened
    await opened.close()
