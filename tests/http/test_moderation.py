"""The moderators' API: who may do what to whom, and that nothing is done or looked at unseen."""

from typing import Any

import pytest
from sqlalchemy import insert

from meetmates.domain.ladder import Kind
from meetmates.store.schema import audit
from tests.support.console import Desk, Somebody, desk
from tests.support.rest import assert_problem
from tests.support.tokens import claims, signed

__all__ = ["desk"]

ON_SQLITE = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)  # what touches no database much

BAN = {"uphold": True, "kind": "ban", "reason": "You insulted somebody."}
ROUTES = [  # method, path, body, for administrators alone
    ("GET", "/numbers", None, False),
    ("GET", "/reports", None, False),
    ("GET", "/reports/{report}", None, False),
    ("POST", "/reports/{report}/evidence", None, False),
    ("POST", "/reports/{report}/decision", BAN, False),
    ("GET", "/sanctions", None, False),
    ("POST", "/sanctions/{sanction}/lift", None, False),
    ("GET", "/appeals", None, False),
    ("POST", "/appeals/{appeal}/decision", {"grant": True}, False),
    ("GET", "/people?email=mia@college.edu", None, False),
    ("GET", "/people/{person}", None, False),
    ("GET", "/audit", None, False),
    ("POST", "/people/{person}/role", {"role": "moderator"}, True),
    ("POST", "/people/{person}/second-factor/reset", None, True),
]


async def things(desk: Desk, name: str) -> dict[str, str]:
    """Something of each kind, about a person of that name."""
    person = await desk.member(f"{name}@college.edu")
    return {
        "person": person.id,
        "report": await desk.file(person.id, f"guest-{name}"),
        "sanction": (await desk.rest.sanctions.impose(person.id, Kind.BAN, "Earlier", by="command line")).id,
        "appeal": await desk.appeal(await desk.member(f"{name}-too@college.edu")),
    }


async def test_who_may_come_to_each_route(desk: Desk) -> None:
    moderator, administrator = await desk.moderator(), await desk.administrator()
    now = int(desk.clock.wall())
    elsewhere = claims("zoe", iat=now, exp=now + 600, amr=["pwd", "otp"], role="administrator", sid="made-up")
    refused: list[tuple[Somebody | None, int, str]] = [
        (None, 401, "token_missing"),
        (Somebody("zoe", "", signed({"alg": "HS256", "typ": "JWT"}, {**elsewhere, "sid": None})), 403, "forbidden"),
        (await desk.member("mia@college.edu"), 403, "forbidden"),
        (await desk.member("mo@college.edu", "moderator"), 401, "second_factor"),
        (await desk.member("al@college.edu", "administrator"), 401, "second_factor"),
    ]
    common = await things(desk, "ida")
    for method, path, body, _ in ROUTES:
        for who, status, code in refused:
            assert_problem(await desk.ask(method, path.format(**common), who, body), status, code)
    log = await desk.log()
    assert not [entry for entry in log if entry[1] in ("report.read", "report.decided", "people.searched", "role.set")]
    for who, name in ((moderator, "jo"), (administrator, "kim")):
        own = await things(desk, name)
        for method, path, body, for_administrators in ROUTES:
            answer = await desk.ask(method, path.format(**own), who, body)
            if for_administrators and who is moderator:
                assert_problem(answer, 403, "forbidden")
            else:
                assert answer.status_code == 200, (path, answer.text)


@ON_SQLITE
async def test_a_token_says_nothing_that_the_database_does_not(desk: Desk) -> None:
    """A signature is not enough: role and second factor are those of the rows at this moment."""
    moderator, mia = await desk.moderator(), await desk.member()
    plain = await desk.parts.sessions.open(moderator.id, "a test")
    now = int(desk.clock.wall())

    def told(**more: Any) -> Somebody:
        made = claims(moderator.id, iat=now, exp=now + 600, role="administrator", amr=["pwd", "otp"], **more)
        return Somebody(moderator.id, "", signed({"alg": "HS256", "typ": "JWT"}, made))

    mias = desk.parts.verifier.verify(mia.token, desk.clock.wall()).session_id
    for sid in (None, plain.session_id, mias):
        assert_problem(await desk.ask("GET", "/reports", told(sid=sid)), 401, "second_factor")
    assert_problem(await desk.ask("GET", "/reports", told(sid="made-up")), 401, "token_invalid")
    proven = desk.parts.verifier.verify(moderator.token, desk.clock.wall()).session_id
    administrators = await desk.ask("POST", f"/people/{mia.id}/role", told(sid=proven), {"role": "moderator"})
    assert_problem(administrators, 403, "forbidden")


async def test_whoever_loses_the_role_loses_it_at_once(desk: Desk) -> None:
    moderator, administrator = await desk.moderator(), await desk.administrator()
    assert (await desk.ask("GET", "/reports", moderator)).status_code == 200
    suspended = await desk.rest.sanctions.impose(
        moderator.id, Kind.SUSPENSION, "Pause", until=desk.clock.wall() + 60, by=administrator.id
    )
    assert_problem(await desk.ask("GET", "/reports", moderator), 403, "forbidden")
    await desk.rest.sanctions.lift(suspended.id, administrator.id)
    assert (await desk.ask("GET", "/reports", moderator)).status_code == 200
    taken = await desk.ask("POST", f"/people/{moderator.id}/role", administrator, {"role": "member"})
    assert taken.status_code == 200
    assert_problem(await desk.ask("GET", "/reports", moderator), 403, "forbidden")
    back = await desk.ask("POST", f"/people/{moderator.id}/role", administrator, {"role": "moderator"})
    assert back.status_code == 200
    await desk.ask("POST", f"/people/{moderator.id}/second-factor/reset", administrator)
    assert_problem(await desk.ask("GET", "/reports", moderator), 401, "token_invalid")  # their sessions ended
    assert ("role.set", moderator.id) in [entry[1:] for entry in await desk.log()]
    assert ("second_factor.reset", moderator.id) in [entry[1:] for entry in await desk.log()]


@ON_SQLITE
async def test_nobody_judges_themselves_and_moderators_no_administrator(desk: Desk) -> None:
    moderator, administrator, mia = await desk.moderator(), await desk.administrator(), await desk.member()
    impose, appeal = desk.rest.sanctions.impose, desk.appeal
    about_me, about_them, by_me = (
        await desk.file(moderator.id, mia.id),
        await desk.file(administrator.id, mia.id, chat_id="2"),
        await desk.file(mia.id, moderator.id),
    )
    mine, theirs = await appeal(moderator), await appeal(administrator)
    for sanction in (mine, theirs):
        await desk.rest.sanctions.lift(sanction, "command line")  # so that both can come in
    mute = [
        (await impose(who.id, Kind.MUTE, "Quiet", until=desk.clock.wall() + 60, by="command line")).id
        for who in (moderator, administrator)
    ]
    dismissal = {"uphold": False}
    forbidden = [
        ("GET", f"/reports/{about_me}", None),
        ("POST", f"/reports/{about_me}/evidence", None),
        ("POST", f"/reports/{about_me}/decision", dismissal),
        ("POST", f"/reports/{about_them}/decision", dismissal),
        ("POST", f"/reports/{about_them}/decision", BAN),
        ("POST", f"/reports/{by_me}/decision", BAN),
        ("POST", f"/sanctions/{mute[0]}/lift", None),
        ("POST", f"/sanctions/{mute[1]}/lift", None),
        ("POST", f"/appeals/{mine}/decision", {"grant": True}),
        ("POST", f"/appeals/{theirs}/decision", {"grant": False}),
    ]
    for method, path, body in forbidden:
        assert_problem(await desk.ask(method, path, moderator, body), 403, "forbidden")
    queue = (await desk.ask("GET", "/reports", moderator)).json()["reports"]
    assert {each["id"] for each in queue} == {about_them, by_me}
    assert (await desk.ask("GET", f"/people/{moderator.id}", moderator)).json()["reports"] == []
    for path in (f"/people/{administrator.id}/second-factor/reset", f"/sanctions/{mute[1]}/lift"):
        assert_problem(await desk.ask("POST", path, administrator), 403, "forbidden")
    own_role = await desk.ask("POST", f"/people/{administrator.id}/role", administrator, {"role": "member"})
    assert_problem(own_role, 403, "forbidden")
    other = await desk.administrator("other@college.edu")
    assert (await desk.ask("POST", f"/reports/{about_them}/decision", other, BAN)).status_code == 200


async def test_every_look_is_written_down(desk: Desk) -> None:
    moderator = await desk.moderator()
    mine = await things(desk, "mia")
    before = len(await desk.log())
    looks = [
        ("POST", f"/reports/{mine['report']}/evidence", "report.read", mine["report"]),
        ("POST", f"/reports/{mine['report']}/evidence", "report.read", mine["report"]),
        ("GET", "/appeals", "appeals.read", "appeals"),
        ("GET", "/people?email=mia", "people.searched", "people"),
        ("GET", "/people?email=nobody-at-all", "people.searched", "people"),
        ("GET", f"/people/{mine['person']}", "person.read", mine["person"]),
    ]
    for method, path, *_ in looks:
        assert (await desk.ask(method, path, moderator)).status_code == 200
    assert (await desk.log())[before:] == [(moderator.id, action, subject) for _, _, action, subject in looks]
    entries = (await desk.ask("GET", "/audit", moderator)).json()["entries"]
    found = [entry["detail"] for entry in entries if entry["action"] == "people.searched"]
    assert found[1]["found"][0] in (mine["person"], (await desk.parts.profiles.by_email("mia-too@college.edu")).id)  # type: ignore[union-attr]
    assert "@" not in str(entries)  # what only grows never holds an address
    assert "nobody-at-all" not in str(entries)


async def test_a_report_from_the_queue_to_the_decision(desk: Desk) -> None:
    moderator, mia, ben = await desk.moderator(), await desk.member(), await desk.member("ben@college.edu")
    light = await desk.file(ben.id, "guest-1")
    heavy = []
    for each in (2, 3):
        desk.clock.advance(1)
        heavy.append(await desk.file(mia.id, f"guest-{each}"))
    queue = (await desk.ask("GET", "/reports?limit=2", moderator)).json()["reports"]
    assert [each["id"] for each in queue] == heavy
    assert queue[0]["openAbout"] == 2
    assert "note" not in queue[0]
    rest = (await desk.ask("GET", f"/reports?before={heavy[1]}", moderator)).json()["reports"]
    assert [each["id"] for each in rest] == [light]
    opened = (await desk.ask("POST", f"/reports/{heavy[0]}/evidence", moderator)).json()
    assert opened["note"] == "They were rude"
    assert [(line["sender"], line["text"]) for line in opened["lines"]] == [
        ("reporter", "Hello you"),
        ("reported", "Go away, fool"),
    ]
    until = desk.clock.wall() + 3600
    decision = {"uphold": True, "kind": "suspension", "reason": " Calm down. ", "until": "2027-01-15T10:00:00Z"}
    decided = await desk.ask("POST", f"/reports/{heavy[0]}/decision", moderator, decision)
    assert decided.status_code == 200, decided.text
    sanction = (await desk.ask("GET", "/sanctions", moderator)).json()["sanctions"][0]
    assert (sanction["account"], sanction["kind"], sanction["reason"]) == (mia.id, "suspension", "Calm down.")
    assert (sanction["reportId"], sanction["by"]) == (heavy[0], moderator.id)
    assert sanction["until"] == "2027-01-15T10:00:00.000Z"
    assert until > desk.clock.wall()
    again = await desk.ask("POST", f"/reports/{heavy[0]}/decision", moderator, {"uphold": False})
    assert_problem(again, 409, "already_decided")
    assert (await desk.ask("GET", f"/reports/{heavy[0]}", moderator)).json()["state"] == "upheld"
    assert (await desk.ask("POST", f"/sanctions/{sanction['id']}/lift", moderator)).status_code == 200
    assert await desk.rest.sanctions.running(mia.id) == []


@ON_SQLITE
async def test_decisions_that_make_no_sense(desk: Desk) -> None:
    moderator, mia = await desk.moderator(), await desk.member()
    report = await desk.file(mia.id)
    later = "2027-01-16T10:00:00Z"
    nonsense: list[tuple[dict[str, object], str]] = [
        ({}, "bad_request"),
        ({"uphold": "yes"}, "bad_request"),
        ({"uphold": True, "kind": "expulsion", "reason": "x"}, "bad_request"),
        ({"uphold": True, "kind": "ban", "reason": "x" * 501}, "bad_request"),
        ({"uphold": True, "kind": "suspension", "reason": "x", "until": "2027-01-16T10:00:00"}, "bad_request"),
        ({"uphold": True, "kind": "ban", "reason": "  "}, "reason_length"),
        ({"uphold": True, "kind": "ban", "reason": "\x00\x00"}, "reason_length"),
        ({"uphold": True, "kind": "ban", "reason": "x", "until": later}, "bad_end"),
        ({"uphold": True, "kind": "warning", "reason": "x", "until": later}, "bad_end"),
        ({"uphold": True, "kind": "suspension", "reason": "x"}, "bad_end"),
        ({"uphold": True, "kind": "mute", "reason": "x", "until": "2020-01-01T00:00:00Z"}, "bad_end"),
        ({"uphold": True, "kind": "mute", "reason": "x", "until": "9999-12-31T23:59:59Z"}, "bad_end"),
        ({"uphold": False, "kind": "ban", "reason": "x"}, "not_upheld"),
    ]
    for body, code in nonsense:
        assert_problem(await desk.ask("POST", f"/reports/{report}/decision", moderator, body), 400, code)
    assert (await desk.ask("GET", f"/reports/{report}", moderator)).json()["state"] == "open"
    assert await desk.rest.sanctions.history(mia.id) == []


async def test_appeals(desk: Desk) -> None:
    moderator, mia, ben = await desk.moderator(), await desk.member(), await desk.member("ben@college.edu")
    first = await desk.appeal(mia, "It was <i>me</i>")
    desk.clock.advance(1)
    second = await desk.appeal(ben)
    waiting = (await desk.ask("GET", "/appeals", moderator)).json()["appeals"]
    assert [each["sanction"]["id"] for each in waiting] == [first, second]
    assert waiting[0]["text"] == "It was <i>me</i>"
    assert (await desk.ask("POST", f"/appeals/{first}/decision", moderator, {"grant": True})).status_code == 200
    assert (await desk.ask("POST", f"/appeals/{second}/decision", moderator, {"grant": False})).status_code == 200
    assert await desk.rest.sanctions.running(mia.id) == []
    assert [each.kind for each in await desk.rest.sanctions.running(ben.id)] == [Kind.BAN]
    again = await desk.ask("POST", f"/appeals/{second}/decision", moderator, {"grant": True})
    assert_problem(again, 409, "already_decided")
    assert (await desk.ask("GET", "/appeals", moderator)).json()["appeals"] == []


async def test_searching_people(desk: Desk) -> None:
    moderator = await desk.moderator()
    for email in ("Mia.Long@college.edu", "mia@other.edu", "m_a@college.edu", "ben@college.edu"):
        await desk.member(email)

    async def found(text: str) -> list[str]:
        answer = await desk.client.get(
            "/api/moderation/people", params={"email": text}, headers={"authorization": f"Bearer {moderator.token}"}
        )
        assert answer.status_code == 200, answer.text
        return [person["email"] for person in answer.json()["people"]]

    assert await found("mia") == ["Mia.Long@college.edu", "mia@other.edu"]
    assert await found("MIA.LONG+news@COLLEGE.edu") == ["Mia.Long@college.edu"]
    assert await found("m_a@") == ["m_a@college.edu"]  # no wildcard
    assert await found("%%%") == await found("\\\\\\") == await found("ia@") == []
    short = await desk.ask("GET", "/people?email=mi", moderator)
    assert_problem(short, 400, "bad_request")


@ON_SQLITE
async def test_no_answer_holds_a_hash_or_a_secret(desk: Desk) -> None:
    administrator, moderator = await desk.administrator(), await desk.moderator()
    mine = await things(desk, "mia")
    told = ""
    for path in ("/people?email=mod", f"/people/{moderator.id}", "/audit", f"/people/{mine['person']}", "/sanctions"):
        told += (await desk.ask("GET", path, administrator)).text
    assert moderator.email in told
    for secret in (moderator.secret, administrator.secret, desk.password_hash, "argon2", "totp", "password"):
        assert secret not in told


async def test_what_no_database_takes_is_refused_and_breaks_nothing(desk: Desk) -> None:
    moderator, mia = await desk.moderator(), await desk.member()
    report = await desk.file(mia.id)
    for method, path in (
        ("GET", "/reports/%00"),
        ("POST", "/reports/a%00b/evidence"),
        ("GET", "/people/%00"),
        ("POST", "/sanctions/%00/lift"),
        ("GET", "/reports?before=%00"),
        ("GET", "/sanctions?before=%00"),
        ("GET", "/reports/unknown"),
        ("POST", "/reports/unknown/evidence"),
        ("GET", "/people/unknown"),
        ("POST", "/sanctions/unknown/lift"),
    ):
        assert_problem(await desk.ask(method, path, moderator), 404, "not_found")
    for path in ("/audit?before=99999999999999999999", "/audit?before=0", "/reports?limit=0", "/reports?state=any"):
        assert_problem(await desk.ask("GET", path, moderator), 400, "bad_request")
    half = {"uphold": True, "kind": "ban", "reason": "half \ud83d a pair"}
    assert_problem(await desk.ask("POST", f"/reports/{report}/decision", moderator, half), 400, "bad_request")
    odd = {"uphold": True, "kind": "ban", "reason": "a\x00b"}
    assert (await desk.ask("POST", f"/reports/{report}/decision", moderator, odd)).status_code == 200
    assert (await desk.ask("GET", "/sanctions", moderator)).json()["sanctions"][0]["reason"] == "ab"


async def test_a_broken_chain_is_told(desk: Desk) -> None:
    moderator = await desk.moderator()
    await desk.ask("GET", "/people?email=mia", moderator)
    whole = (await desk.ask("GET", "/audit", moderator)).json()
    assert (whole["total"], whole["brokenAt"]) == (1, None)
    row = {"number": 2, "at": 0.0, "actor": "x", "action": "y", "subject": "z", "detail": "{}", "hash": bytes(32)}
    async with desk.database.begin() as connection:
        await connection.execute(insert(audit).values(**row))
    assert (await desk.ask("GET", "/audit", moderator)).json()["brokenAt"] == 2


async def test_live_numbers(desk: Desk) -> None:
    moderator, mia = await desk.moderator(), await desk.member()
    await desk.file(mia.id)
    await desk.appeal(mia)
    assert (await desk.ask("GET", "/numbers", moderator)).json() == {
        "connections": 12,
        "waiting": 3,
        "chats": 4,
        "openReports": 1,
        "openAppeals": 1,
    }


@pytest.mark.parametrize("how", ["lifted", "ended"])
async def test_an_appeal_against_what_is_over_leaves_the_queue(desk: Desk, how: str) -> None:
    mia, moderator = await desk.member(), await desk.moderator()
    until = desk.clock.wall() + 60
    made = await desk.rest.sanctions.impose(mia.id, Kind.SUSPENSION, "Insults", until=until, by="command line")
    held = await desk.rest.sanctions.sanctioned(mia.id)
    assert held is not None
    await desk.parts.appeals.file(held["appealToken"], "It was a joke")
    assert (await desk.ask("GET", "/numbers", moderator)).json()["openAppeals"] == 1
    if how == "lifted":
        await desk.ask("POST", f"/sanctions/{made.id}/lift", moderator)
    else:
        desk.clock.advance(60)
    assert (await desk.ask("GET", "/numbers", moderator)).json()["openAppeals"] == 0
    assert (await desk.ask("GET", "/appeals", moderator)).json() == {"appeals": []}
    assert_problem(
        await desk.ask("POST", f"/appeals/{made.id}/decision", moderator, {"grant": True}), 409, "sanction_over"
    )
