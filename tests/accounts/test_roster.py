"""Who belongs here, kept in memory: what the database says, whoever changes it, as soon as it is heard of."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import insert, update

from meetmates.accounts.campuses import Campuses
from meetmates.accounts.profiles import Profiles
from meetmates.accounts.roster import GUESTS, MARGIN, MEMBERS, OPEN, LiveRoster
from meetmates.accounts.sessions import Sessions
from meetmates.safety.sanctions import Sanctions
from meetmates.store.changes import Feed, Kind, announce, nobody_to_wake
from meetmates.store.database import Database
from meetmates.store.schema import accounts, changes
from tests.support.clock import HandClock

ACCESS = 900.0  # seconds
KEY = b"a-key-of-at-least-thirty-two-bytes!!"


class Town:
    """A roster that follows a database, and another process that changes it."""

    def __init__(self, database: Database, elsewhere: Database, across: bool = False) -> None:
        self.clock = HandClock()
        self.roster = LiveRoster(self.clock, ACCESS, across)
        self.told: list[tuple[str, str]] = []
        self.roster.on_gone = lambda account: self.told.append(("gone", account))
        self.roster.on_over = lambda session: self.told.append(("over", session))
        self.roster.on_campuses = lambda: self.told.append(("campuses", str(self.roster.pool("ana"))))
        self.failures: list[str] = []
        self.feed = Feed(database, [self.roster], self.failures.append)
        self.elsewhere = elsewhere
        self.campuses = Campuses(elsewhere, self.clock)
        self.profiles = Profiles(elsewhere, self.clock, nobody_to_wake)
        kept_out = Sanctions(elsewhere, self.clock, nobody_to_wake).kept_out
        self.sessions = Sessions(
            elsewhere, self.clock, KEY, KEY, "meetmates", "meetmates", ACCESS, 86_400.0, nobody_to_wake, kept_out
        )

    async def add(self, *names: str, domain: str = "north.edu", campus: str | None = None) -> None:
        """Accounts as a sign-up leaves them."""
        async with self.elsewhere.begin() as connection:
            for name in names:
                email = f"{name}@{domain}"
                row = {"id": name, "email": email, "mailbox": email, "campus_id": campus, "created_at": 1.0}
                await connection.execute(insert(accounts).values(**row))
                await announce(connection, Kind.ACCOUNT, name, self.clock.wall())

    async def hear(self) -> list[tuple[str, str]]:
        """What comes of everything that has changed."""
        await self.feed.catch_up()
        told, self.told = self.told, []
        return told

    def pools(self, *people: str | None) -> list[str | None]:
        return [self.roster.pool(person) for person in people]


@pytest.fixture
async def elsewhere(database_address: str) -> AsyncIterator[Database]:
    """The same database as another process sees it."""
    opened = Database(database_address)
    yield opened
    await opened.close()


@pytest.fixture
async def town(database: Database, elsewhere: Database) -> AsyncIterator[Town]:
    """Nothing has been loaded yet."""
    made = Town(database, elsewhere)
    yield made
    await made.feed.stop()
    assert made.failures == []


# --- the gate


async def test_without_a_campus_the_gate_is_open_for_everybody(town: Town) -> None:
    await town.add("ana")
    await town.feed.start()
    assert not town.roster.is_gate_closed()
    assert town.pools("ana", "unknown", None) == [OPEN, OPEN, OPEN]


async def test_what_was_there_before_is_known_from_the_start(town: Town) -> None:
    north = await town.campuses.add("North", ["north.edu"])
    await town.add("ana", campus=north.id)
    await town.add("eve", domain="elsewhere.example")
    await town.feed.start()
    assert town.roster.is_gate_closed()
    assert town.pools("ana", "eve", "unknown", None) == [north.id, None, None, GUESTS]
    assert await town.hear() == []


async def test_members_of_all_campuses_are_one_where_the_settings_say_so(
    database: Database, elsewhere: Database
) -> None:
    town = Town(database, elsewhere, across=True)
    north, south = await town.campuses.add("North", ["north.edu"]), await town.campuses.add("South", ["south.edu"])
    await town.add("ana", campus=north.id)
    await town.add("cem", domain="south.edu", campus=south.id)
    await town.feed.start()
    assert town.pools("ana", "cem", "unknown", None) == [MEMBERS, MEMBERS, None, GUESTS]
    await town.feed.stop()


async def test_no_campus_is_called_like_one_of_the_other_pools(town: Town) -> None:
    assert len({OPEN, MEMBERS, GUESTS}) == 3
    for number in range(5):
        assert (await town.campuses.add(f"College {number}", [f"c{number}.edu"])).id not in {OPEN, MEMBERS, GUESTS}


# --- changes


async def test_a_new_account_belongs_where_it_belongs(town: Town) -> None:
    north = await town.campuses.add("North", ["north.edu"])
    await town.feed.start()
    await town.add("ana", campus=north.id)
    assert town.pools("ana") == [None]
    assert await town.hear() == []
    assert town.pools("ana") == [north.id]


async def test_the_first_campus_closes_the_gate(town: Town) -> None:
    """Whoever is told of it finds everybody where they belong by then, whatever the order of the news."""
    await town.add("ana")
    await town.add("eve", domain="elsewhere.example")
    await town.feed.start()
    north = await town.campuses.add("North", ["north.edu"])
    assert await town.hear() == [("campuses", north.id)]
    assert town.roster.is_gate_closed()
    assert town.pools("ana", "eve", None) == [north.id, None, GUESTS]


async def test_the_last_campus_opens_it_again(town: Town) -> None:
    north = await town.campuses.add("North", ["north.edu"])
    await town.add("ana", campus=north.id)
    await town.feed.start()
    await town.campuses.remove("North")
    assert await town.hear() == [("campuses", OPEN)]
    assert not town.roster.is_gate_closed()
    assert town.pools("ana", "unknown", None) == [OPEN, OPEN, OPEN]


async def test_the_people_of_a_campus_that_is_removed_belong_nowhere_or_to_a_wider_one(town: Town) -> None:
    state = await town.campuses.add("State", ["*.state.edu"])
    law = await town.campuses.add("Law", ["law.state.edu"])
    north = await town.campuses.add("North", ["north.edu"])
    await town.add("ana", domain="law.state.edu", campus=law.id)
    await town.add("ben", campus=north.id)
    await town.feed.start()
    await town.campuses.remove("Law")
    assert await town.hear() == [("campuses", state.id)]
    await town.campuses.remove("North")
    assert await town.hear() == [("campuses", state.id)]
    assert town.pools("ana", "ben") == [state.id, None]


async def test_an_account_that_is_moved_out_of_its_campus_is_gone(town: Town) -> None:
    north = await town.campuses.add("North", ["north.edu"])
    await town.add("ana", campus=north.id)
    await town.feed.start()
    async with town.elsewhere.begin() as connection:
        await connection.execute(update(accounts).values(campus_id=None))
        await announce(connection, Kind.ACCOUNT, "ana", town.clock.wall())
    assert await town.hear() == [("gone", "ana")]
    assert town.pools("ana") == [None]


@pytest.mark.parametrize("is_closed", [False, True])
async def test_an_account_that_was_deleted_is_gone(town: Town, is_closed: bool) -> None:
    campus = (await town.campuses.add("North", ["north.edu"])).id if is_closed else None
    await town.add("ana", "ben", campus=campus)
    await town.feed.start()
    await town.profiles.delete("ana")
    assert await town.hear() == [("gone", "ana")]
    assert town.pools("ana", "ben") == ([None, campus] if is_closed else [OPEN, OPEN])


async def test_what_makes_no_difference_is_told_to_nobody(town: Town) -> None:
    north = await town.campuses.add("North", ["north.edu"])
    await town.add("ana", campus=north.id)
    await town.feed.start()
    await town.profiles.set_role("ana", "moderator")
    async with town.elsewhere.begin() as connection:
        for _ in range(2):
            await announce(connection, Kind.ACCOUNT, "unknown", town.clock.wall())
    assert await town.hear() == []


# --- sign-ins that are over


async def test_an_ended_sign_in_is_over_as_long_as_its_tokens_could_be_valid(town: Town) -> None:
    await town.add("ana")
    phone, laptop = await town.sessions.open("ana", "phone"), await town.sessions.open("ana", "laptop")
    await town.feed.start()
    assert not town.roster.is_over(phone.session_id)
    await town.sessions.end("ana", phone.session_id)
    assert await town.hear() == [("over", phone.session_id)]
    assert [town.roster.is_over(one.session_id) for one in (phone, laptop)] == [True, False]
    town.clock.advance(ACCESS + MARGIN - 1)
    await town.sessions.end("ana", laptop.session_id)
    assert await town.hear() == [("over", laptop.session_id)]
    assert [town.roster.is_over(one.session_id) for one in (phone, laptop)] == [True, True]


async def test_a_sign_in_that_ended_long_ago_is_forgotten(town: Town) -> None:
    """Its tokens have ended by themselves."""
    await town.feed.start()
    for number in range(10):
        async with town.elsewhere.begin() as connection:
            await announce(connection, Kind.SESSION, f"session {number}", town.clock.wall())
        await town.hear()
        town.clock.advance(ACCESS / 2)
    assert len(town.roster._over) == 3


async def test_a_server_that_starts_knows_the_sign_ins_that_ended_of_late(town: Town) -> None:
    now = town.clock.wall()
    async with town.elsewhere.begin() as connection:
        for age, name in ((ACCESS + MARGIN + 1, "old"), (ACCESS + MARGIN - 1, "late"), (1.0, "new")):
            row = {"kind": Kind.SESSION.value, "subject": name, "at": now - age}
            await connection.execute(insert(changes).values(**row))
    await town.feed.start()
    assert [town.roster.is_over(name) for name in ("old", "late", "new")] == [False, True, True]
    assert await town.hear() == []


async def test_the_end_of_an_account_ends_its_sign_ins(town: Town) -> None:
    await town.add("ana")
    phone = await town.sessions.open("ana", "phone")
    await town.feed.start()
    await town.profiles.delete("ana")
    assert await town.hear() == [("over", phone.session_id), ("gone", "ana")]
