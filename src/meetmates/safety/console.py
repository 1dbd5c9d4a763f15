"""What moderators do, for the REST API and the pages alike: who may do it to whom, and that it is written down.

Nobody judges themselves, and only administrators judge administrators. A look is written down before it is taken, and
an act with what it changes, or before it: nothing is ever done that the audit log does not know of. Longer than most,
because a moderator's every move is told on this one page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.profiles import ROLES, Profiles
from meetmates.accounts.sessions import Sessions
from meetmates.accounts.totp import Totp
from meetmates.domain.ladder import Kind
from meetmates.ports import Clock
from meetmates.safety import audit, lookups
from meetmates.safety.appeals import Appeals, OpenAppeal, waits
from meetmates.safety.lookups import ADMINISTRATOR, STAFF, Person, storable
from meetmates.safety.reports import ReportDetail, Reports, ReportSummary, summaries_about, summary_of
from meetmates.safety.sanctions import AWAY, Sanction, Sanctions, running_of
from meetmates.store.database import Database
from meetmates.store.schema import appeals as appeals_table
from meetmates.store.schema import reports as reports_table
from meetmates.store.schema import sanctions as sanctions_table

LONGEST_REASON = 500  # characters of what a person is told


@dataclass(frozen=True, slots=True)
class Moderator:
    """Somebody who signed in with the second factor, and whose role was just read."""

    id: str
    role: str
    session_id: str

    @property
    def is_administrator(self) -> bool:
        """Whether roles and other administrators are theirs to change."""
        return self.role == ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is known about somebody: no chats, for none are kept. No `person`: the account is gone, the rest stays."""

    id: str
    person: Person | None
    sanctions: list[Sanction]
    reports: list[ReportSummary]
    may_act: bool


class Console:
    """Every move. Raises `AccountRefused` where it is not theirs to make."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        reports: Reports,
        sanctions: Sanctions,
        appeals: Appeals,
        profiles: Profiles,
        sessions: Sessions,
        totp: Totp,
    ) -> None:
        self._database = database
        self._clock = clock
        self._reports = reports
        self._sanctions = sanctions
        self._appeals = appeals
        self._profiles = profiles
        self._sessions = sessions
        self._totp = totp

    async def admit(self, account: str, session: str | None) -> Moderator:
        """Whoever signed in as a moderator and is one still, by what the database says at this moment.

        Raises `AccountRefused`: `second_factor` for a moderator who signed in without it, else `forbidden`.
        """
        now = self._clock.wall()
        async with self._database.read() as connection:
            role = await lookups.role_of(connection, account)
            if role not in STAFF or any(one.kind in AWAY for one in await running_of(connection, account, now)):
                raise AccountRefused(Problem.FORBIDDEN)
            if session is None or not await lookups.is_proven(connection, account, session, now):
                raise AccountRefused(Problem.SECOND_FACTOR)
        return Moderator(account, role, session)

    # --- reports

    async def numbers(self) -> dict[str, int]:
        """What waits for a moderator."""
        appealed = appeals_table.join(sanctions_table)
        reports = select(func.count()).select_from(reports_table).where(reports_table.c.state == "open")
        appeals = select(func.count()).select_from(appealed).where(waits(self._clock.wall()))
        async with self._database.read() as connection:
            return {
                "openReports": (await connection.execute(reports)).scalar_one(),
                "openAppeals": (await connection.execute(appeals)).scalar_one(),
            }

    async def queue(
        self, who: Moderator, state: str = "open", before: str | None = None, limit: int = 50
    ) -> list[ReportSummary]:
        """A page of reports, the heaviest first; those about `who` are for others to see."""
        page = await self._reports.queue(state, before, limit)
        return [report for report in page if report.reported != who.id]

    async def report(self, who: Moderator, id: str) -> ReportSummary:
        """One of them, unopened."""
        async with self._database.read() as connection:
            found = await summary_of(connection, id)
        if found is None:
            raise AccountRefused(Problem.NOT_FOUND)
        if found.reported == who.id:
            raise AccountRefused(Problem.FORBIDDEN)
        return found

    async def evidence(self, who: Moderator, id: str) -> ReportDetail:
        """One of them, opened: a look that the audit log keeps."""
        return await self._reports.read(id, who.id)

    async def may_decide(self, who: Moderator, report: ReportSummary) -> bool:
        """Whether it waits for a decision that `who` may take: nobody decides on what they reported themselves."""
        return report.state == "open" and report.reporter != who.id and await self._may_act_on(who, report.reported)

    async def decide(
        self, who: Moderator, id: str, *, uphold: bool, kind: Kind | None, reason: str, until: float | None
    ) -> None:
        """Closes a report. `reason` is what the person is told of a sanction; `until` in seconds since the epoch."""
        report = await self.report(who, id)
        if not await self._may_act_on(who, report.reported):
            raise AccountRefused(Problem.FORBIDDEN)
        told = storable(reason).strip()
        if kind is not None and not 1 <= len(told) <= LONGEST_REASON:
            raise AccountRefused(Problem.REASON_LENGTH)
        await self._reports.decide(id, by=who.id, uphold=uphold, kind=kind, reason=told, until=until)

    # --- sanctions and appeals

    async def sanctions(self, before: str | None = None, limit: int = 50) -> list[Sanction]:
        """Everybody's, the newest first."""
        return await self._sanctions.recent(before, limit)

    async def lift(self, who: Moderator, id: str) -> None:
        """Ends a sanction before its time."""
        await self._check(who, await self._sanctioned(id))
        await self._sanctions.lift(id, who.id)

    async def appeals(self, who: Moderator) -> list[OpenAppeal]:
        """Those that wait, the oldest first; a look that the audit log keeps."""
        waiting = await self._appeals.open()
        if waiting:
            await self._note(who, "appeals.read", "appeals", {"appeals": [one.sanction.id for one in waiting]})
        return waiting

    async def decide_appeal(self, who: Moderator, sanction: str, grant: bool) -> None:
        """Granting lifts the sanction."""
        await self._check(who, await self._sanctioned(sanction))
        await self._appeals.decide(sanction, who.id, grant)

    # --- people

    async def find(self, who: Moderator, email: str) -> list[Person]:
        """By a mailbox, or how an address starts. The log keeps whom it found, not what was typed: it never forgets."""
        async with self._database.read() as connection:
            found = await lookups.find(connection, email)
        await self._note(who, "people.searched", "people", {"found": [person.id for person in found]})
        return found

    async def dossier(self, who: Moderator, account: str) -> Dossier:
        """What is known about somebody. Whoever looks at themselves does not learn who reported them."""
        async with self._database.read() as connection:
            person = await lookups.person(connection, account)
            about = [] if account == who.id else await summaries_about(connection, account)
        imposed = await self._sanctions.history(account)
        if person is None and not about and not imposed:
            raise AccountRefused(Problem.NOT_FOUND)
        await self._note(who, "person.read", account, {})
        return Dossier(account, person, imposed, about, await self._may_act_on(who, account))

    # --- the log, and roles

    async def audit(self, before: int | None = None, limit: int = 50) -> tuple[list[audit.Entry], audit.Verdict]:
        """A page of the log, the newest entries first, and whether the whole of it holds."""
        async with self._database.read() as connection:
            return await audit.entries(connection, before, limit), await audit.verify(connection)

    async def staff(self, who: Moderator) -> list[Person]:
        """Everybody with a role, for administrators."""
        self._check_administrator(who)
        async with self._database.read() as connection:
            return await lookups.staff(connection)

    async def set_role(self, who: Moderator, account: str, role: str) -> None:
        """Makes somebody what `role` says, at once; nobody changes their own, so that an administrator always stays."""
        self._check_administrator(who)
        if role not in ROLES:
            raise AccountRefused(Problem.NOT_FOUND)
        await self._check(who, account, must_exist=True)
        await self._note(who, "role.set", account, {"role": role})
        await self._profiles.set_role(account, role)

    async def reset_second_factor(self, who: Moderator, account: str) -> None:
        """For somebody whose phone is gone: the next sign-in sets up a new one. What they have open ends."""
        self._check_administrator(who)
        await self._check(who, account, must_exist=True)
        await self._note(who, "second_factor.reset", account, {})
        await self._totp.reset(account)
        await self._sessions.end_all(account)

    async def note_own(self, account: str, action: str) -> None:
        """Writes down what somebody did with their own sign-in."""
        await self._record(account, action, account, {})

    # --- one level below

    async def _note(self, who: Moderator, action: str, subject: str, detail: Mapping[str, Any]) -> None:
        await self._record(who.id, action, subject, detail)

    async def _record(self, actor: str, action: str, subject: str, detail: Mapping[str, Any]) -> None:
        now = self._clock.wall()
        async with self._database.begin() as connection:
            await audit.record(connection, actor=actor, action=action, subject=subject, detail=dict(detail), now=now)

    async def _sanctioned(self, id: str) -> str:
        async with self._database.read() as connection:
            query = select(sanctions_table.c.account).where(sanctions_table.c.id == id)
            account: str | None = (await connection.execute(query)).scalar()
        if account is None:
            raise AccountRefused(Problem.NOT_FOUND)
        return account

    async def _may_act_on(self, who: Moderator, account: str) -> bool:
        async with self._database.read() as connection:
            role = await lookups.role_of(connection, account)
        return account != who.id and (role != ADMINISTRATOR or who.is_administrator)

    async def _check(self, who: Moderator, account: str, must_exist: bool = False) -> None:
        async with self._database.read() as connection:
            gone = must_exist and await lookups.role_of(connection, account) is None
        if gone:
            raise AccountRefused(Problem.NOT_FOUND)
        if not await self._may_act_on(who, account):
            raise AccountRefused(Problem.FORBIDDEN)

    def _check_administrator(self, who: Moderator) -> None:
        if not who.is_administrator:
            raise AccountRefused(Problem.FORBIDDEN)
