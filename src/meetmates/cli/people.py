"""What `meetmates user` does on the database: each change and its entry in the audit log are one transaction."""

from collections.abc import Iterable

from sqlalchemy import update

from meetmates.accounts.addresses import Address
from meetmates.accounts.campuses import Campuses
from meetmates.accounts.hashing import account_id
from meetmates.accounts.profiles import Profile, Profiles, iso
from meetmates.accounts.rows import add_account, lock_mailbox
from meetmates.domain.ladder import Kind
from meetmates.edge.clock import SystemClock
from meetmates.safety import audit
from meetmates.safety.audit import COMMAND_LINE
from meetmates.safety.sanctions import Sanction, Sanctions, all_running
from meetmates.store import changes
from meetmates.store.changes import announce
from meetmates.store.database import Database
from meetmates.store.schema import accounts


class NotCreated(Exception):  # noqa: N818 - an answer, not an error
    """There can be no such account; the text says why."""


class People:
    """Accounts as an operator sees and changes them. `key` is the one that ids are hashed with."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key
        self._clock = SystemClock()
        self._sanctions = Sanctions(database, self._clock, _nobody_to_wake)

    async def create(
        self, address: Address, password_hash: str, role: str, seeded: Iterable[tuple[str, Iterable[str]]]
    ) -> None:
        """An account whose address counts as verified; `seeded` are the campuses of the settings. Raises `NotCreated`."""
        id, now = self._id(address), self._clock.wall()
        campuses = Campuses(self._database, self._clock)
        await campuses.seed(seeded)
        async with self._database.begin() as connection:
            await lock_mailbox(connection, address.mailbox)
            campus = await campuses.for_domain(connection, address.domain)
            if campus is None and await campuses.is_gate_closed(connection):
                raise NotCreated(f"{address.domain} belongs to no campus: `meetmates campus add` makes it one")
            if not await add_account(
                connection, id, address, now=now, campus_id=campus, password_hash=password_hash, role=role
            ):
                raise NotCreated(f"{address.email} has an account: `meetmates user promote` changes its role")
            await self._note(id, "account.created", role, connection=connection)

    async def set_role(self, address: Address, role: str) -> bool:
        """Whether there is such an account."""
        id = self._id(address)
        changed = update(accounts).where(accounts.c.id == id).values(role=role)
        async with self._database.begin() as connection:
            if not (await connection.execute(changed)).rowcount:
                return False
            await self._note(id, "role.set", role, connection=connection)
        return True
