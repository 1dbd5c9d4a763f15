"""The list of campuses: whose addresses belong to which, and what an edit does to those who are there already."""

import asyncio

import pytest
from sqlalchemy import insert, select

from meetmates.accounts.campuses import Campuses, CampusRefused, read_domains
from meetmates.store.database import Database
from meetmates.store.schema import accounts, campus_domains, changes
from tests.support.clock import HandClock


@pytest.fixture
def campuses(database: Database) -> Campuses:
    return Campuses(database, HandClock())


async def people(database: Database, *emails: str) -> None:
    """An account for each address; its id is the address."""
    async with database.begin() as connection:
        for email in emails:
            person = insert(accounts).values(id=email, email=email, mailbox=email.lower(), created_at=1.0)
            await connection.execute(person)


async def homes(database: Database, campuses: Campuses) -> dict[str, str | None]:
    """The campus of each account, by name."""
    names = {campus.id: campus.name for campus in await campuses.all()}
    async with database.read() as connection:
        rows = (await connection.execute(select(accounts.c.id, accounts.c.campus_id))).all()
    return {row.id: row.campus_id and names[row.campus_id] for row in rows}


async def home(database: Database, campuses: Campuses, domain: str) -> str | None:
    names = {campus.id: campus.name for campus in await campuses.all()}
    async with database.read() as connection:
        found = await campuses.for_domain(connection, domain)
    return found and names[found]


async def told(database: Database) -> list[tuple[str, str]]:
    async with database.read() as connection:
        rows = (await connection.execute(select(changes).order_by(changes.c.number))).all()
    return [(row.kind, row.subject) for row in rows]


async def is_closed(database: Database, campuses: Campuses) -> bool:
    async with database.read() as connection:
        return await campuses.is_gate_closed(connection)


async def test_the_gate_closes_with_the_first_campus_and_opens_after_the_last(
    database: Database, campuses: Campuses
) -> None:
    assert not await is_closed(database, campuses)
    await campuses.add("Example", ["college.edu"])
    await campuses.add("Other", ["other.edu"])
    await campuses.remove("Example")
    assert await is_closed(database, campuses)
    await campuses.remove("Other")
    assert not await is_closed(database, campuses)


HOMES: dict[str, str | None] = {
    "college.edu": "Example",
    "students.college.edu": "Example",
    "a.b.c.college.edu": "Example",
    "med.college.edu": "Medicine",
    "ward.med.college.edu": "Example",  # Medicine has its own domain only
    "law.college.edu": "Law",
    "moot.law.college.edu": "Law",
    "exact.org": "Exact",
    "below.exact.org": None,
    "notcollege.edu": None,
    "college.edu.evil.org": None,
    "edu": None,
    "": None,
}


async def test_the_most_specific_domain_decides(database: Database, campuses: Campuses) -> None:
    await campuses.add("Example", ["college.edu", "*.college.edu"])
    await campuses.add("Medicine", ["med.college.edu"])
    await campuses.add("Law", ["*.law.college.edu"])
    await campuses.add("Exact", ["exact.org"])
    assert {domain: await home(database, campuses, domain) for domain in HOMES} == HOMES


async def test_domains_below_are_listed_after_their_own(campuses: Campuses) -> None:
    campus = await campuses.add("Example", ["*.college.edu", "a.edu"])
    assert campus.domains == ("a.edu", "college.edu", "*.college.edu")
    assert await campuses.all() == [campus]


async def test_the_list_is_in_order_of_names(campuses: Campuses) -> None:
    for name in ("b", "C", "a"):
        await campuses.add(name, [f"{name}.edu"])
    assert [campus.name for campus in await campuses.all()] == ["a", "b", "C"]


async def test_one_of_the_same_name_gets_the_domains(campuses: Campuses) -> None:
    first = await campuses.add("Example College", ["college.edu"])
    again = await campuses.add("  example   COLLEGE ", ["*.college.edu", "more.edu"])
    assert (again.id, again.name) == (first.id, "Example College")
    assert again.domains == ("college.edu", "*.college.edu", "more.edu")
    assert len(await campuses.all()) == 1


async def test_a_domain_of_another_campus_is_refused_and_nothing_has_changed(
    database: Database, campuses: Campuses
) -> None:
    await campuses.add("Example", ["college.edu"])
    before = await campuses.all(), await told(database)
    for name in ("Other", "Example College"):
        with pytest.raises(CampusRefused, match=r"^college\.edu belongs to another campus: Example$"):
            await campuses.add(name, ["other.edu", "COLLEGE.edu"])
    assert (await campuses.all(), await told(database)) == before


WRONG = {
    "no domain at all": [],
    "nothing": [""],
    "an address": ["ana@college.edu"],
    "a whole country": ["edu"],
    "everything below a country": ["*.edu"],
    "everything": ["*"],
    "an asterisk inside": ["a.*.edu"],
    "two asterisks": ["*.*.college.edu"],
    "an empty label": ["college..edu"],
    "a dot at the end": ["college.edu."],
    "a dot at the start": [".college.edu"],
    "a space": ["college edu.org"],
    "a line break inside": ["college.edu\nevil.org"],
    "a network address": ["127.0.0.1"],
    "an address in brackets": ["[127.0.0.1]"],
    "a port": ["college.edu:25"],
    "a path": ["college.edu/x"],
    "an underscore": ["my_college.edu"],
    "a hyphen at the end": ["college-.edu"],
    "a label too long": ["a" * 64 + ".edu"],
    "a domain too long": [".".join(["a" * 49] * 6)],
    "a zero character": ["college\x00.edu"],
    "what IDNA does not allow": ["col\u2028lege.edu"],
    "a good one and a bad one": ["college.edu", "x"],
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_domain_is_refused(case: str) -> None:
    with pytest.raises(CampusRefused) as caught:
        read_domains(WRONG[case])
    assert "\n" not in str(caught.value)


def test_domains_are_kept_in_small_ascii_letters() -> None:
    assert read_domains([" College.EDU ", "*.München.de", "college.edu"]) == {
        "college.edu": False,
        "xn--mnchen-3ya.de": True,
    }


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b", "a\u202eb"])
async def test_a_name_that_is_none_is_refused(campuses: Campuses, name: str) -> None:
    with pytest.raises(CampusRefused, match="the name of a campus is 1 to 100 characters in one line"):
        await campuses.add(name, ["college.edu"])


async def test_whoever_is_there_already_moves_into_a_new_campus(database: Database, campuses: Campuses) -> None:
    await people(database, "ana@college.edu", "Ben@CS.College.edu", "eve@evil.org")
    await campuses.add("Example", ["*.college.edu"])
    assert await homes(database, campuses) == {
        "ana@college.edu": "Example",
        "Ben@CS.College.edu": "Example",
        "eve@evil.org": None,
    }


async def test_a_more_specific_campus_takes_its_people_and_gives_them_back(
    database: Database, campuses: Campuses
) -> None:
    await campuses.add("Example", ["*.college.edu"])
    await people(database, "ana@college.edu", "ben@med.college.edu")
    await campuses.add("Medicine", ["med.college.edu"])
    assert await homes(database, campuses) == {"ana@college.edu": "Example", "ben@med.college.edu": "Medicine"}
    await campuses.remove("medicine")
    assert set((await homes(database, campuses)).values()) == {"Example"}


async def test_people_of_a_removed_campus_stay_and_belong_nowhere(database: Database, campuses: Campuses) -> None:
    campus = await campuses.add("Example", ["college.edu"])
    await people(database, "ana@college.edu")
    await campuses.add("Example", ["more.edu"])
    await campuses.remove(campus.id)
    assert await homes(database, campuses) == {"ana@college.edu": None}
    async with database.read() as connection:
        assert (await connection.execute(select(campus_domains))).all() == []


async def test_every_change_is_told_and_nothing_else(database: Database, campuses: Campuses) -> None:
    await people(database, "ana@college.edu", "eve@evil.org")
    campus = await campuses.add("Example", ["college.edu"])
    await campuses.add("Example", ["college.edu"])
    await campuses.remove("Example")
    both = [("campus", campus.id), ("account", "ana@college.edu")]
    assert await told(database) == both * 2


async def test_a_campus_that_is_not_there_cannot_be_removed(campuses: Campuses) -> None:
    with pytest.raises(CampusRefused, match="there is no campus 'Example'"):
        await campuses.remove("Example")


async def test_the_settings_campuses_are_added_once(database: Database, campuses: Campuses) -> None:
    wanted = [("Example", ("college.edu", "*.college.edu")), ("Other", ("other.edu",))]
    await campuses.seed(wanted)
    first = await campuses.all(), await told(database)
    await campuses.seed(wanted)
    assert (await campuses.all(), await told(database)) == first
    assert [campus.name for campus in first[0]] == ["Example", "Other"]


async def test_the_settings_do_not_take_back_what_was_edited(campuses: Campuses) -> None:
    await campuses.seed([("Example", ("college.edu",))])
    await campuses.add("Example", ["*.college.edu", "more.edu"])
    await campuses.seed([("Example", ("college.edu",))])
    assert (await campuses.all())[0].domains == ("college.edu", "*.college.edu", "more.edu")


async def test_many_who_add_the_same_campus_at_once_agree(database: Database, campuses: Campuses) -> None:
    added = await asyncio.gather(*(campuses.add("Example", [f"d{number}.edu", "college.edu"]) for number in range(8)))
    assert len({campus.id for campus in added}) == 1
    assert len((await campuses.all())[0].domains) == 9


async def test_whoever_joins_during_an_edit_is_not_overlooked(database: Database, campuses: Campuses) -> None:
    """The edit waits for the one who has asked already."""
    async with database.begin() as connection:
        found = await campuses.for_domain(connection, "college.edu")
        edit = asyncio.create_task(campuses.add("Example", ["college.edu"]))
        await asyncio.wait([edit], timeout=0.2)
        person = {"id": "u1", "email": "ana@college.edu", "mailbox": "ana@college.edu", "created_at": 1.0}
        await connection.execute(insert(accounts).values(campus_id=found, **person))
    await edit
    assert await homes(database, campuses) == {"u1": "Example"}
