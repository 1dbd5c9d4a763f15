"""The campus gate: which colleges there are, and whose addresses belong to which. While there is none, it is open."""

import re
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import idna
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.ports import Clock
from meetmates.store.changes import Kind, announce
from meetmates.store.database import Database
from meetmates.store.schema import accounts, campus_domains, campuses

MAX_NAME = 100  # characters
MAX_DOMAIN = 253  # characters: RFC 1035, section 2.3.4, without the final dot
ONE_AT_A_TIME = 0x6D6D6361  # PostgreSQL's advisory lock of whoever edits campuses; shared by those who ask for one
BELOW = "*."
ADDED, REMOVED = "campus.added", "campus.removed"  # how an edit is written down
Note = Callable[[AsyncConnection, str, str, dict[str, Any]], Awaitable[object]]  # action, campus id, what more
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class CampusRefused(ValueError):  # noqa: N818 - an answer, not an error
    """A campus cannot be added or removed; the text says why."""


@dataclass(frozen=True, slots=True)
class Campus:
    """A college. Where addresses below a domain count too, `*.` and the domain is listed after it."""

    id: str
    name: str
    domains: tuple[str, ...]


class Campuses:
    """Edits the list of campuses, and keeps every account in the campus of its address."""

    def __init__(self, database: Database, clock: Clock, note: Note | None = None) -> None:
        """`note` writes an edit down, in its transaction; without it nobody does."""
        self._database = database
        self._clock = clock
        self._note = note

    async def add(self, name: str, domains: Iterable[str]) -> Campus:
        """Adds a campus, or domains to the one of that name. Raises `CampusRefused`; nothing has changed then."""
        clean, wanted = _clean_name(name), read_domains(domains)
        async with self._database.begin() as connection:
            await _alone(connection)
            known = await _named(connection, clean)
            campus_id = known if known is not None else await self._create(connection, clean)
            if await _extend(connection, campus_id, wanted) or known is None:
                moved = await _move(connection)
                told = {"name": await _name(connection, campus_id), "domains": list(map(_shown, wanted.items()))}
                await self._tell(connection, campus_id, moved, ADDED, told)
            return next(each for each in await _all(connection) if each.id == campus_id)

    async def remove(self, name_or_id: str) -> None:
        """Removes a campus; its accounts stay, and belong to no campus or to one with a wider domain."""
        async with self._database.begin() as connection:
            await _alone(connection)
            by_id = select(campuses.c.id).where(campuses.c.id == name_or_id)
            campus_id = (await connection.execute(by_id)).scalar() or await _named(connection, _squeezed(name_or_id))
            if campus_id is None:
                raise CampusRefused(f"there is no campus {name_or_id!r}")
            await connection.execute(delete(campus_domains).where(campus_domains.c.campus_id == campus_id))
            moved = await _move(connection)
            told = {"name": await _name(connection, campus_id)}
            await connection.execute(delete(campuses).where(campuses.c.id == campus_id))
            await self._tell(connection, campus_id, moved, REMOVED, told)

    async def all(self) -> list[Campus]:
        """Every campus, by name."""
        async with self._database.read() as connection:
            return await _all(connection)

    async def for_domain(self, connection: AsyncConnection, domain: str) -> str | None:
        """The id of the campus whose addresses end in `domain`; the most specific of its domains decides.

        The list stays as it is until the transaction ends, so that no edit overlooks whoever is just joining. Locks are
        taken in this order: mailbox, this list, account; so ask before an account is locked.
        """
        if connection.dialect.name == "postgresql":
            await connection.execute(select(func.pg_advisory_xact_lock_shared(ONE_AT_A_TIME)))
        rows = (
            await connection.execute(select(campus_domains).where(campus_domains.c.domain.in_(_and_above(domain))))
        ).all()
        return _choose(domain, {row.domain: (row.campus_id, row.subdomains) for row in rows})

    async def is_gate_closed(self, connection: AsyncConnection) -> bool:
        """Whether there is a campus at all: then only its people may come in."""
        return (await connection.execute(select(campuses.c.id).limit(1))).scalar() is not None

    async def seed(self, wanted: Iterable[tuple[str, Iterable[str]]], removed: Collection[str] = ()) -> None:
        """Adds what is missing of the settings' campuses, name and domains each. Idempotent. Raises `CampusRefused`.

        Those of `removed` (in the form of `same_name`) stay away: somebody has taken them out.
        """
        for name, domains in wanted:
            if same_name(name) not in removed:
                await self.add(name, domains)

    async def _create(self, connection: AsyncConnection, name: str) -> str:
        campus_id = secrets.token_urlsafe(12)
        await connection.execute(insert(campuses).values(id=campus_id, name=name, created_at=self._clock.wall()))
        return campus_id

    async def _tell(
        self, connection: AsyncConnection, campus_id: str, moved: list[str], action: str, told: dict[str, Any]
    ) -> None:
        """Comes last in a transaction, as everywhere: whoever announces locks nothing after that."""
        now = self._clock.wall()
        if self._note is not None:
            await self._note(connection, action, campus_id, told)
        await announce(connection, Kind.CAMPUS, campus_id, now)
        for account_id in moved:
            await announce(connection, Kind.ACCOUNT, account_id, now)


async def _move(connection: AsyncConnection) -> list[str]:
    """Puts everybody into the campus of their address; the ids of those who belong elsewhere now."""
    rows = (await connection.execute(select(campus_domains))).all()
    table = {row.domain: (row.campus_id, row.subdomains) for row in rows}
    people = (await connection.execute(select(accounts.c.id, accounts.c.email, accounts.c.campus_id))).all()
    moved = []
    for person in people:
        belongs = _choose(person.email.rpartition("@")[2].lower(), table)
        if belongs != person.campus_id:
            await connection.execute(update(accounts).where(accounts.c.id == person.id).values(campus_id=belongs))
            moved.append(person.id)
    return moved


def read_domains(domains: Iterable[str]) -> dict[str, bool]:
    """Each domain in small ASCII letters, and whether those below it count too. Raises `CampusRefused`."""
    wanted: dict[str, bool] = {}
    for text in domains:
        bare = text.strip().lower()
        domain = _clean_domain(bare.removeprefix(BELOW), text)
        wanted[domain] = wanted.get(domain, False) or bare.startswith(BELOW)
    if not wanted:
        raise CampusRefused("a campus has at least one domain, such as college.edu")
    return wanted


def _clean_domain(bare: str, given: str) -> str:
    wrong = CampusRefused(f"{given.strip()!r} is no domain of e-mail addresses, such as college.edu or *.college.edu")
    try:
        domain = bare if bare.isascii() else idna.encode(bare, uts46=True).decode()
    except idna.IDNAError:
        raise wrong from None
    labels = domain.split(".")
    if len(domain) > MAX_DOMAIN or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise wrong
    if len(labels) == 1:
        raise CampusRefused(f"{given.strip()!r} is too wide: a campus has a domain of its own, such as college.edu")
    return domain


def same_name(name: str) -> str:
    """The one form of all spellings of a campus's name."""
    return _squeezed(name).casefold()


def _shown(domain: tuple[str, bool]) -> str:
    return BELOW + domain[0] if domain[1] else domain[0]


def _squeezed(name: str) -> str:
    return " ".join(name.split())


def _clean_name(name: str) -> str:
    clean = _squeezed(name)
    if not clean or len(clean) > MAX_NAME or not clean.isprintable():
        raise CampusRefused(f"the name of a campus is 1 to {MAX_NAME} characters in one line")
    return clean


def _and_above(domain: str) -> list[str]:
    """`a.b.c`, `b.c`, `c`: the most specific first."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def _choose(domain: str, table: Mapping[str, tuple[str, bool]]) -> str | None:
    """The campus of a domain; `table` says for each listed one whose it is, and whether it takes in those below."""
    for candidate in _and_above(domain):
        campus_id, subdomains = table.get(candidate, (None, False))
        if campus_id is not None and (subdomains or candidate == domain):
            return campus_id
    return None


async def _alone(connection: AsyncConnection) -> None:
    """On SQLite whoever writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))


async def _named(connection: AsyncConnection, name: str) -> str | None:
    """The id of the campus of that name; capitals make no difference."""
    rows = (await connection.execute(select(campuses.c.id, campuses.c.name))).all()
    return next((row.id for row in rows if same_name(row.name) == same_name(name)), None)


async def _extend(connection: AsyncConnection, campus_id: str, wanted: Mapping[str, bool]) -> bool:
    """Gives a campus the domains that it lacks; whether there were any."""
    rows = (await connection.execute(select(campus_domains).where(campus_domains.c.domain.in_(wanted)))).all()
    known = {row.domain: row for row in rows}
    changed = False
    for domain, subdomains in wanted.items():
        row = known.get(domain)
        if row is None:
            new = insert(campus_domains).values(domain=domain, campus_id=campus_id, subdomains=subdomains)
            await connection.execute(new)
        elif row.campus_id != campus_id:
            raise CampusRefused(f"{domain} belongs to another campus: {await _name(connection, row.campus_id)}")
        elif subdomains and not row.subdomains:
            wider = update(campus_domains).where(campus_domains.c.domain == domain).values(subdomains=True)
            await connection.execute(wider)
        else:
            continue
        changed = True
    return changed


async def _name(connection: AsyncConnection, campus_id: str) -> str:
    return str((await connection.execute(select(campuses.c.name).where(campuses.c.id == campus_id))).scalar())


async def _all(connection: AsyncConnection) -> list[Campus]:
    rows = (await connection.execute(select(campus_domains).order_by(campus_domains.c.domain))).all()
    domains: dict[str, list[str]] = {}
    for row in rows:
        domains.setdefault(row.campus_id, []).extend(
            [row.domain, BELOW + row.domain] if row.subdomains else [row.domain]
        )
    named = (await connection.execute(select(campuses.c.id, campuses.c.name))).all()
    found = [Campus(row.id, row.name, tuple(domains.get(row.id, ()))) for row in named]
    return sorted(found, key=lambda campus: campus.name.casefold())
