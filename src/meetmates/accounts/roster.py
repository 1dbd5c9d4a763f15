"""Who belongs here, kept in memory: a CONNECT is decided at once, without asking the database."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.ports import Clock
from meetmates.store.changes import Change, Kind
from meetmates.store.schema import accounts, campuses, changes

OPEN = ""  # the pool of everybody, while there is no campus
MEMBERS = "*"  # the pool of all campuses together, where the settings want that
GUESTS = "?"  # guests meet guests only, once there is a campus; no campus's id looks like these
MARGIN = 60.0  # seconds that clocks and leeway may add to the life of a token


class LiveRoster:
    """`ports.Roster`, and a `store.changes.Follower`: some hundred bytes for each account."""

    def __init__(self, clock: Clock, access_ttl: float, across: bool) -> None:
        """`access_ttl` in seconds; `across`: whether members of different campuses may meet."""
        self._clock = clock
        self._access_ttl = access_ttl
        self._across = across
        self._campuses: set[str] = set()
        self._accounts: dict[str, str | None] = {}  # the campus of each
        self._over: dict[str, float] = {}  # when each sign-in was ended, the oldest first
        self.on_gone: Callable[[str], None] = lambda account: None
        self.on_over: Callable[[str], None] = lambda session: None
        self.on_campuses: Callable[[], None] = lambda: None  # anybody may belong elsewhere now

    # --- Roster

    def is_gate_closed(self) -> bool:
        """Whether a campus is configured."""
        return bool(self._campuses)

    def pool(self, account: str | None) -> str | None:
        """Everybody's while the gate is open; then the campus's, or the guests'."""
        if not self._campuses:
            return OPEN
        if account is None:
            return GUESTS
        campus = self._accounts.get(account)
        return campus if campus is None or not self._across else MEMBERS

    def is_over(self, session: str) -> bool:
        """Whether the sign-in was ended while tokens of it may still be valid."""
        return session in self._over

    # --- Follower

    async def load(self, connection: AsyncConnection) -> None:
        """Reads accounts, campuses, and the sign-ins that were ended of late."""
        await self._read_campuses(connection)
        since = self._clock.wall() - self._access_ttl - MARGIN
        ended = select(changes).where(changes.c.kind == Kind.SESSION.value, changes.c.at > since)
        rows = await connection.execute(ended.order_by(changes.c.at))
        self._over = {row.subject: row.at for row in rows}

    async def apply(self, connection: AsyncConnection, change: Change) -> None:
        """Reads again what changed, and says who has to go."""
        if change.kind is Kind.CAMPUS:
            await self._read_campuses(connection)  # whose accounts moved in the same moment
            self.on_campuses()
        elif change.kind is Kind.ACCOUNT:
            await self._read_account(connection, change.subject)
        elif change.kind is Kind.SESSION:
            self._end_session(change.subject)

    async def _read_campuses(self, connection: AsyncConnection) -> None:
        self._campuses = set((await connection.execute(select(campuses.c.id))).scalars())
        rows = await connection.execute(select(accounts.c.id, accounts.c.campus_id))
        self._accounts = {row.id: row.campus_id for row in rows}

    async def _read_account(self, connection: AsyncConnection, id: str) -> None:
        row = (await connection.execute(select(accounts.c.campus_id).where(accounts.c.id == id))).first()
        before = self.pool(id)
        if row is None:
            known = self._accounts.pop(id, None) is not None or before is not None
            if known:
                self.on_gone(id)
            return
        self._accounts[id] = row.campus_id
        if before is not None and self.pool(id) is None:
            self.on_gone(id)

    def _end_session(self, session: str) -> None:
        now = self._clock.wall()
        for old, at in list(self._over.items()):
            if at > now - self._access_ttl - MARGIN:
                break
            del self._over[old]
        self._over[session] = now
        self.on_over(session)
