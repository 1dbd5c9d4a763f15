"""Reports: what is kept of one, who may read it, what it leads to, and when it is forgotten."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text, update

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.domain.ladder import Kind, Record, weight
from meetmates.safety.reports import KEPT, LINES, NOTE, SPAN, Line, NewReport, Reports
from meetmates.safety.sealing import Sealer
from meetmates.store.database import FILE_NAME
from meetmates.store.schema import reports
from tests.safety.station import DAY, Station
from tests.support.clock import NOON

SAID = "you know where I live, do you not"
NOTED = "I have been afraid ever since"


def lines(count: int, every: float = 1.0) -> tuple[Line, ...]:
    """Lines from both sides, the last one now."""
    return tuple(
        Line("reported" if n % 2 else "reporter", f"line {n}", NOON - (count - 1 - n) * every) for n in range(count)
    )


async def problem_of(station: Station, id: str, by: str = "mod", uphold: bool = True) -> Problem:
    with pytest.raises(AccountRefused) as refused:
        await station.reports.decide(id, by=by, uphold=uphold)
    return refused.value.problem


async def gang(station: Station, *records: int) -> list[str]:
    """Reporters with so many upheld reports each, and what they report now."""
    for number, upheld in enumerate(records):
        if upheld:
            await station.earn_record(f"r{number}", upheld)
    return [await station.report(f"r{number}") for number in range(len(records))]


# --- what is kept


async def test_a_report_is_read_as_it_was_filed(station: Station) -> None:
    evidence = (Line("reported", SAID, NOON - 2.25), Line("reporter", "stop é👋", NOON - 1))
    id = await station.reports.file(NewReport("chat", "ana", "mallory", "threat", NOTED, evidence))
    read = await station.reports.read(id, "mod")
    assert (read.note, read.evidence, read.unreadable) == (NOTED, evidence, False)
    told = read.summary
    assert (told.id, told.chat_id, told.reporter, told.reported) == (id, "chat", "ana", "mallory")
    assert (told.reason, told.state, told.at, told.decided_by, told.is_sealed) == ("threat", "open", NOON, None, True)


async def test_what_was_not_handed_over_is_not_kept(station: Station) -> None:
    id = await station.report("ana")
    row = await station.row_of(id)
    assert (row.note, row.evidence, row.evidence_until) == (None, None, None)
    read = await station.reports.read(id, "mod")
    assert (read.note, read.evidence, read.unreadable, read.summary.is_sealed) == (None, None, False, False)


async def test_evidence_without_a_line_is_not_the_same_as_none(station: Station) -> None:
    id = await station.reports.file(NewReport("chat", "ana", "mallory", "spam", None, ()))
    assert (await station.reports.read(id, "mod")).evidence == ()


async def test_only_the_last_fifty_lines_are_kept(station: Station) -> None:
    filed = lines(LINES + 7)
    id = await station.report("ana", "mallory", None, *filed)
    assert (await station.reports.read(id, "mod")).evidence == filed[-LINES:]


async def test_only_the_last_ten_minutes_are_kept(station: Station) -> None:
    filed = (Line("reported", "long ago", NOON - SPAN - 0.001), Line("reported", "just so", NOON - SPAN), *lines(2))
    id = await station.report("ana", "mallory", None, *filed)
    assert (await station.reports.read(id, "mod")).evidence == filed[1:]


async def test_a_note_has_an_end_and_may_hold_half_a_character(station: Station) -> None:
    id = await station.report("ana", "mallory", "\ud83d" + "x" * NOTE, Line("reported", "\ud83d\0", NOON))
    read = await station.reports.read(id, "mod")
    assert read.note == "?" + "x" * (NOTE - 1)
    assert read.evidence is not None
    assert len(read.evidence) == 1


async def test_a_second_report_on_the_same_chat_answers_the_first(station: Station) -> None:
    first = await station.reports.file(NewReport("chat", "ana", "mallory", "spam", "first"))
    again = await station.reports.file(NewReport("chat", "ana", "mallory", "threat", "second"))
    assert again == first
    assert (await station.reports.read(first, "mod")).note == "first"
    assert await station.reports.file(NewReport("chat", "mallory", "ana", "spam")) != first
    assert len(await station.reports.queue()) == 2


async def test_ten_at_once_on_the_same_chat_are_one(station: Station) -> None:
    new = NewReport("chat", "ana", "mallory", "spam")
    assert len(set(await asyncio.gather(*(station.reports.file(new) for _ in range(10))))) == 1


@pytest.mark.parametrize(("reason", "reported"), [("boring", "mallory"), ("", "mallory"), ("spam", "ana")])
async def test_what_is_no_report_is_refused(station: Station, reason: str, reported: str) -> None:
    with pytest.raises(ValueError, match=r"no such reason|about oneself"):
        await station.reports.file(NewReport("chat", "ana", reported, reason))
    assert await station.reports.queue() == []


# --- sealed


async def test_nothing_of_it_lies_open_in_the_row(station: Station) -> None:
    row = await station.row_of(await station.report("ana", "mallory", NOTED, Line("reported", SAID, NOON)))
    for column in (row.note, row.evidence):
        assert SAID.encode() not in column
        assert NOTED.encode() not in column


async def test_nothing_of_it_lies_open_in_any_file_of_the_database(station: Station, database_address: str) -> None:
    id = await station.report("ana", "mallory", NOTED, Line("reported", SAID, NOON))
    await station.reports.read(id, "mod")
    evidence = (await station.row_of(id)).evidence
    found = await stored_bytes(station, database_address)
    assert id.encode().lower() in found
    assert evidence.lower() in found or evidence.hex().encode() in found  # so we look at the right place
    for secret in (SAID, NOTED):
        for encoded in (secret.encode(), secret.encode("utf-16-le"), secret.encode().hex().encode()):
            assert encoded.lower() not in found


async def stored_bytes(station: Station, address: str) -> bytes:
    """In small letters. SQLite: its file and all that belongs to it; PostgreSQL: every table, with bytes in hex."""
    if address.startswith("sqlite"):
        files = sorted(Path(address.partition(":///")[2]).parent.glob(f"{FILE_NAME}*"))
        assert f"{FILE_NAME}-wal" in {file.name for file in files}
        return b"".join(file.read_bytes() for file in files).lower()
    async with station.database.read() as connection:
        await connection.execute(text("SET LOCAL xmlbinary = hex"))
        dump = (await connection.execute(text("SELECT database_to_xml(true, true, '')"))).scalar()
        return str(dump).lower().encode()


async def test_with_another_key_it_is_told_as_unreadable(station: Station) -> None:
    id = await station.report("ana", "mallory", NOTED, Line("reported", SAID, NOON))
    other = Reports(station.database, station.clock, Sealer(b"?" * 32), station.sanctions, station.sanctions._wake)
    read = await other.read(id, "mod")
    assert (read.note, read.evidence, read.unreadable) == (None, None, True)


async def test_what_was_sealed_into_one_report_does_not_open_in_another(station: Station) -> None:
    one = await station.report("ana", "mallory", NOTED, Line("reported", SAID, NOON))
    other = await station.report("ben", "mallory", "another", Line("reported", "hello", NOON))
    moved = (await station.row_of(one)).evidence
    async with station.database.begin() as connection:
        await connection.execute(update(reports).where(reports.c.id == other).values(evidence=moved))
    assert (await station.reports.read(other, "mod")).unreadable


# --- who looks


async def test_each_look_is_in_the_audit_log(station: Station) -> None:
    id = await station.report("ana", "mallory", NOTED)
    for moderator in ("mod", "mod", "other"):
        await station.reports.read(id, moderator)
    looks = [(entry.actor, entry.action, entry.subject) for entry in await station.log()]
    assert looks == [(moderator, "report.read", id) for moderator in ("mod", "mod", "other")]
    assert (await station.log())[0].detail == {"evidence": False, "note": True}


async def test_the_log_holds_nothing_of_what_was_said(station: Station) -> None:
    id = await station.report("ana", "mallory", NOTED, Line("reported", SAID, NOON))
    await station.reports.read(id, "mod")
    await station.reports.decide(id, by="mod", uphold=True, kind=Kind.WARNING, reason="do not say that")
    log = repr(await station.log())
    assert not [words for words in (SAID, NOTED, "do not say that") if words in log]


async def test_what_is_not_there_is_not_found_and_not_noted(station: Station) -> None:
    with pytest.raises(AccountRefused) as refused:
        await station.reports.read("nothing", "mod")
    assert refused.value.problem is Problem.NOT_FOUND
    assert await station.log() == []


async def test_the_reported_cannot_read_who_reported_them(station: Station) -> None:
    id = await station.report("ana", "mod", NOTED)
    with pytest.raises(AccountRefused) as refused:
        await station.reports.read(id, "mod")
    assert refused.value.problem is Problem.FORBIDDEN


async def test_a_reader_sees_the_records_of_both(station: Station) -> None:
    await station.earn_record("ana", upheld=2, dismissed=1)
    await station.suspend("mallory")
    id = await station.report("ana")
    read = await station.reports.read(id, "mod")
    assert read.record == Record(upheld=2, dismissed=1, open=1)
    assert [sanction.kind for sanction in read.sanctions] == [Kind.SUSPENSION]


# --- the queue


async def test_the_queue_has_the_heaviest_first(station: Station) -> None:
    await station.earn_record("good", upheld=5)
    await station.earn_record("bad", dismissed=5)
    light = await station.report("bad", "a")
    new = await station.report("new", "b")
    heavy = await station.report("good", "c")
    assert [report.id for report in await station.reports.queue()] == [heavy, new, light]


async def test_many_light_ones_about_one_person_weigh_together(station: Station) -> None:
    await station.earn_record("good", upheld=1)
    heavy = await station.report("good", "somebody")
    many = [await station.report(f"new{number}", "mallory") for number in range(3)]
    queue = await station.reports.queue()
    assert [report.id for report in queue][-1] == heavy
    assert {report.id for report in queue[:3]} == set(many)
    assert queue[0].about == 3
    assert queue[0].total == pytest.approx(3 * weight(Record()))


async def test_of_equal_weight_the_oldest_comes_first(station: Station) -> None:
    ids = []
    for number in range(4):
        ids.append(await station.report(f"r{number}", f"p{number}"))
        station.clock.advance(1)
    assert [report.id for report in await station.reports.queue()] == ids


async def test_the_queue_comes_page_by_page(station: Station) -> None:
    await gang(station, 0, 1, 0, 2, 0, 0)
    await station.report("ana", "somebody")
    whole = [report.id for report in await station.reports.queue()]
    paged: list[str] = []
    while page := await station.reports.queue(before=paged[-1] if paged else None, limit=2):
        paged += [report.id for report in page]
    assert paged == whole
    assert len(set(whole)) == 7


async def test_what_is_decided_leaves_the_queue_for_its_own(station: Station) -> None:
    ids = [await station.report(f"r{number}", f"p{number}") for number in range(4)]
    for id, uphold in zip(ids, (True, False, True), strict=False):
        station.clock.advance(1)
        await station.reports.decide(id, by="mod", uphold=uphold)
    assert [report.id for report in await station.reports.queue()] == [ids[3]]
    assert [report.id for report in await station.reports.queue("upheld")] == [ids[2], ids[0]]
    (dismissed,) = await station.reports.queue("dismissed")
    assert (dismissed.id, dismissed.decided_by, dismissed.decided_at) == (ids[1], "mod", NOON + 2)


# --- what it leads to


async def test_a_report_weighs_by_its_reporters_record(station: Station) -> None:
    await station.earn_record("good", upheld=5)
    await station.earn_record("bad", dismissed=5)
    weights = [(await station.row_of(await station.report(name))).weight for name in ("bad", "new", "good")]
    assert weights == sorted(set(weights))


async def test_decisions_change_what_the_next_report_weighs(station: Station) -> None:
    for uphold, name in ((True, "ana"), (False, "ben")):
        await station.reports.decide(await station.report(name, "somebody"), by="mod", uphold=uphold)
    weights = [(await station.row_of(await station.report(name))).weight for name in ("ben", "new", "ana")]
    assert weights == sorted(set(weights))


async def test_two_with_good_records_send_somebody_away_for_half_an_hour(station: Station) -> None:
    await station.add_account("mallory")
    _, last = await gang(station, 4, 4)
    (step,) = await station.sanctions.running("mallory")
    assert (step.kind, step.at, step.until) == (Kind.SUSPENSION, NOON, NOON + 1800)
    assert (step.by, step.report_id) == ("automatic", last)
    assert await station.announced() == [("sanction", "mallory")]
    assert station.wakes == 1
    assert [(entry.actor, entry.action) for entry in await station.log()] == [("automatic", "sanction.imposed")]
    assert len(station.mail.letters) == 1


async def test_a_crowd_of_newcomers_does_not(station: Station) -> None:
    await gang(station, *[0] * 40)
    assert await station.imposed() == []
    assert len(await station.reports.queue()) == 40


async def test_two_at_the_same_moment_lead_to_one_step(station: Station) -> None:
    for number in range(6):
        await station.earn_record(f"r{number}", upheld=4)
    await asyncio.gather(*(station.report(f"r{number}") for number in range(6)))
    assert len(await station.imposed()) == 1


async def test_one_step_a_day_and_old_reports_lead_to_none(station: Station) -> None:
    await gang(station, 4, 4, 4, 4)
    station.clock.advance(DAY - 1)
    await station.report("r0")
    assert len(await station.imposed()) == 1
    station.clock.advance(1)
    await station.report("r1")
    assert len(await station.imposed()) == 2


async def test_dismissed_reports_do_not_count(station: Station) -> None:
    await station.earn_record("r0", upheld=4)
    await station.earn_record("r1", upheld=4)
    await station.reports.decide(await station.report("r0"), by="mod", uphold=False)
    await station.report("r1")
    assert await station.imposed() == []


# --- decisions


async def test_upholding_with_a_sanction_acts_at_once(station: Station) -> None:
    id = await station.report("ana")
    await station.reports.decide(
        id, by="mod", uphold=True, kind=Kind.SUSPENSION, reason="threats", until=NOON + 7 * DAY
    )
    (sanction,) = await station.sanctions.running("mallory")
    assert (sanction.kind, sanction.reason, sanction.until) == (Kind.SUSPENSION, "threats", NOON + 7 * DAY)
    assert (sanction.by, sanction.report_id) == ("mod", id)
    row = await station.row_of(id)
    assert (row.state, row.decided_by, row.decided_at) == ("upheld", "mod", NOON)
    assert await station.actions() == ["report.decided", "sanction.imposed"]
    assert (await station.announced(), station.wakes) == ([("sanction", "mallory")], 1)


@pytest.mark.parametrize("uphold", [True, False])
async def test_a_decision_without_a_sanction_does_nothing_to_anybody(station: Station, uphold: bool) -> None:
    id = await station.report("ana")
    await station.reports.decide(id, by="mod", uphold=uphold)
    assert await station.imposed() == []
    state = "upheld" if uphold else "dismissed"
    assert (await station.log())[-1].detail == {"state": state, "kind": None}
    assert (await station.row_of(id)).state == state


async def test_dismissing_what_led_to_an_automatic_step_lifts_it(station: Station) -> None:
    first, last = await gang(station, 4, 4)
    await station.reports.decide(first, by="mod", uphold=False)
    assert len(await station.sanctions.running("mallory")) == 1
    await station.reports.decide(last, by="mod", uphold=False)
    assert await station.sanctions.running("mallory") == []


async def test_dismissing_lifts_nothing_that_a_moderator_imposed(station: Station) -> None:
    await station.suspend("mallory")
    await station.reports.decide(await station.report("ana"), by="mod", uphold=False)
    assert len(await station.sanctions.running("mallory")) == 1


async def test_a_report_is_decided_once(station: Station) -> None:
    id = await station.report("ana")
    await station.reports.decide(id, by="mod", uphold=False)
    assert await problem_of(station, id) is Problem.ALREADY_DECIDED
    assert (await station.row_of(id)).state == "dismissed"


async def test_of_several_who_decide_at_once_one_does(station: Station) -> None:
    id = await station.report("ana")
    decisions = (
        station.reports.decide(id, by=f"mod{n}", uphold=True, kind=Kind.BAN, reason="threats") for n in range(6)
    )
    outcomes = await asyncio.gather(*decisions, return_exceptions=True)
    assert outcomes.count(None) == 1
    assert len(await station.imposed()) == 1


async def test_nobody_decides_on_what_they_filed_or_what_is_about_them(station: Station) -> None:
    id = await station.report("ana", "mallory")
    assert await problem_of(station, id, by="ana") is Problem.FORBIDDEN
    assert await problem_of(station, id, by="mallory", uphold=False) is Problem.FORBIDDEN
    assert (await station.row_of(id)).state == "open"


async def test_what_is_not_there_cannot_be_decided(station: Station) -> None:
    assert await problem_of(station, "nothing") is Problem.NOT_FOUND


async def test_an_end_that_does_not_fit_decides_nothing(station: Station) -> None:
    id = await station.report("ana")
    with pytest.raises(AccountRefused) as refused:
        await station.reports.decide(id, by="mod", uphold=True, kind=Kind.MUTE, reason="spam", until=NOON - 1)
    assert refused.value.problem is Problem.BAD_END
    assert (await station.row_of(id)).state == "open"
    assert await station.log() == []
    with pytest.raises(ValueError, match="dismissed"):
        await station.reports.decide(id, by="mod", uphold=False, kind=Kind.BAN, reason="spam")


# --- ninety days


async def test_after_ninety_days_what_was_said_is_deleted(station: Station) -> None:
    id = await station.report("ana", "mallory", NOTED, Line("reported", SAID, NOON))
    station.clock.advance(KEPT - 1)
    later = await station.report("ben", "mallory", "later")
    assert await station.reports.sweep() == 0
    station.clock.advance(1)
    assert await station.reports.sweep() == 1
    row = await station.row_of(id)
    assert (row.note, row.evidence, row.reporter, row.state) == (None, None, "ana", "open")
    assert (await station.reports.read(later, "mod")).note == "later"
    assert (await station.log())[0].action == "evidence.deleted"
    assert (await station.log())[0].detail == {"reports": 1}
    assert await station.reports.sweep() == 0
