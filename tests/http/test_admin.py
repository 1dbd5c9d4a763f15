"""The moderators' pages: signing in, forms that nobody else can send, nothing shown as anything but text."""

import re
from importlib.resources import files
from pathlib import Path

import httpx
import pytest

from meetmates.accounts.totp import Totp
from meetmates.domain.ladder import Kind
from meetmates.safety.reports import Line
from meetmates.safety.sealing import Sealer
from meetmates.store.database import Database
from tests.support.console import Desk, Outline, desk, desk_over
from tests.support.rest import FOREIGN, OWN, PAGE, PASSWORD, assert_problem

__all__ = ["desk"]

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7191*7 }}'


ON_SQLITE = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)  # what touches no database much

# --- signing in


async def test_the_first_sign_in_sets_up_the_app(desk: Desk) -> None:
    mo = await desk.member("mo@college.edu", "moderator")
    browser = await desk.visitor()
    assert (await browser.sign_in(mo.email)).headers["location"] == "/admin/second-factor"
    page = (await browser.get("/second-factor")).text
    assert "<svg" in page
    mo.secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")  # type: ignore[index]
    wrong = await browser.send("/second-factor", code="000000")
    assert wrong.status_code == 400
    assert mo.secret[:4] in wrong.text  # the same secret: nothing to scan again
    entered = await browser.send("/second-factor", code=desk.code(mo))
    assert (entered.status_code, entered.headers["location"]) == (303, "/admin")
    assert (await browser.get("")).status_code == 200
    assert (await browser.get("/second-factor")).headers["location"] == "/admin/sign-in"  # never shown again
    actions = [action for actor, action, _ in await desk.log() if actor == mo.id]
    assert actions == ["second_factor.set", "console.entered"]
    second = await desk.browser(mo)
    assert not any("<svg" in seen.text for seen in second.seen)


async def test_a_code_opens_the_door_once(desk: Desk) -> None:
    moderator = await desk.moderator()
    code = desk.code(moderator)
    one, other = await desk.visitor(), await desk.visitor()
    for browser in (one, other):
        await browser.sign_in(moderator.email)
        await browser.get("/second-factor")
    assert (await one.send("/second-factor", code=code)).headers["location"] == "/admin"
    replayed = await other.send("/second-factor", code=code)
    assert replayed.status_code == 400
    assert "were used before" in replayed.text
    assert (await other.get("")).headers["location"] == "/admin/sign-in"


async def test_a_second_factor_that_another_key_sealed_is_refused_in_words(desk: Desk) -> None:
    moderator, browser = await desk.moderator(), await desk.visitor()
    await browser.sign_in(moderator.email)
    await browser.get("/second-factor")
    await desk.rest.totp.reset(moderator.id)
    other = Totp(desk.database, desk.clock, Sealer(b"another key, of 32 bytes as well"))
    moderator.secret = (await other.begin(moderator.id)).secret
    await other.confirm(moderator.id, desk.code(moderator))
    in_between = await browser.send("/second-factor", code=desk.code(moderator))
    for answer in (in_between, await browser.sign_in(moderator.email)):
        assert answer.status_code == 403
        assert "The second factor cannot be read with this server&#39;s key." in answer.text
        assert answer.headers["content-type"].startswith("text/html")
    for body in ({}, {"totp": desk.code(moderator)}):
        form = {"email": moderator.email, "password": PASSWORD, **body}
        assert_problem(await desk.rest.post("/auth/login", form), 403, "second_factor_unreadable")
    await desk.rest.totp.reset(moderator.id)
    assert (await browser.sign_in(moderator.email)).headers["location"] == "/admin/second-factor"


async def test_who_is_not_let_in(desk: Desk) -> None:
    moderator, mia = await desk.moderator(), await desk.member()
    await desk.rest.sanctions.impose(moderator.id, Kind.BAN, "You <b>know</b> why", by="command line")
    browser = await desk.visitor()
    answers = [
        await browser.sign_in(moderator.email, "wrong password"),
        await browser.sign_in("nobody@college.edu", PASSWORD),
        await browser.sign_in("nonsense", PASSWORD),
    ]
    alarms = {re.search(r'role="alert"[^>]*>([^<]+)', answer.text)[1] for answer in answers}  # type: ignore[index]
    assert alarms == {"The address or the password is wrong."}
    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert "not a moderator" in (await browser.sign_in(mia.email)).text
    assert len(await desk.parts.sessions.of(mia.id)) == 1  # what the sign-in opened was ended at once
    banned = await browser.sign_in(moderator.email)
    assert banned.status_code == 403
    assert "You &lt;b&gt;know&lt;/b&gt; why" in banned.text
    assert (await browser.get("/second-factor")).headers["location"] == "/admin/sign-in"


@ON_SQLITE
async def test_guessing_is_slow(desk: Desk) -> None:
    moderator = await desk.moderator()
    browser = await desk.visitor()
    await browser.sign_in(moderator.email)
    await browser.get("/second-factor")
    for _ in range(10):
        assert (await browser.send("/second-factor", code="000000")).status_code == 400
    page = browser.page
    over = await browser.send("/second-factor", code=desk.code(moderator))
    assert over.status_code == 429
    assert int(over.headers["retry-after"]) > 60
    assert "Please wait" in over.text
    browser.page = page
    assert (await browser.get("")).headers["location"] == "/admin/sign-in"
    assert (await browser.sign_in(moderator.email)).status_code == 429  # the password counts in the same windows


@ON_SQLITE
async def test_the_cookies(desk: Desk) -> None:
    browser = await desk.browser(await desk.moderator())
    told = [header for seen in browser.seen for header in seen.headers.get_list("set-cookie")]
    assert {cookie.partition("=")[0] for cookie in told} == {"mm_admin", "mm_admin_door"}
    for cookie in told:
        words = cookie.lower().split("; ")
        assert {"httponly", "samesite=strict", "path=/admin"} <= set(words)
        assert "secure" not in words  # plain HTTP on this machine alone
    assert desk.parts.settings.host in ("127.0.0.1", "localhost")
    inner = browser.client.cookies["mm_admin"]
    for secret in ("moderator", "college", "session"):
        assert secret not in inner
    assert "mm_admin_door" not in browser.client.cookies  # done with


@ON_SQLITE
async def test_behind_tls_the_cookies_are_for_tls_alone(database: Database, tmp_path: Path) -> None:
    async with desk_over(database, tmp_path, public_url="https://meet.college.edu") as desk:
        cookie = (await (await desk.visitor()).get("/sign-in")).headers["set-cookie"]
        assert "secure" in cookie.lower().split("; ")


async def test_a_session_ends_by_itself(desk: Desk) -> None:
    moderator = await desk.moderator()
    browser = await desk.browser(moderator)
    for _ in range(3):
        desk.clock.advance(29 * 60)
        assert (await browser.get("")).status_code == 200
    desk.clock.advance(30 * 60)
    over = await browser.get("")
    assert over.headers["location"] == "/admin/sign-in?done=over"
    busy = await desk.browser(moderator)
    for _ in range(12 * 60 // 20 - 1):
        desk.clock.advance(20 * 60)
        assert (await busy.get("/people")).status_code == 200
    desk.clock.advance(20 * 60)
    assert (await busy.get("")).headers["location"] == "/admin/sign-in?done=over"
    assert [session.device for session in await desk.parts.sessions.of(moderator.id)] == ["a test", "a test"]


async def test_signing_out_ends_every_copy_of_the_cookie(desk: Desk) -> None:
    browser = await desk.browser(await desk.moderator())
    await browser.get("")
    kept = dict(browser.client.cookies)
    out = await browser.send("/sign-out")
    assert out.headers["location"] == "/admin/sign-in?done=out"
    assert "You are signed out." in (await browser.get("/sign-in?done=out")).text
    assert "mm_admin" not in browser.client.cookies
    thief = await desk.visitor()
    thief.client.cookies.update(kept)
    assert (await thief.get("/reports")).headers["location"].startswith("/admin/sign-in")


@ON_SQLITE
async def test_no_other_cookie_opens_the_door(desk: Desk) -> None:
    moderator = await desk.moderator()
    browser = await desk.visitor()
    await browser.sign_in(moderator.email)
    half_way = browser.client.cookies["mm_admin_door"]
    inner = (await desk.browser(moderator)).client.cookies["mm_admin"]
    for forged in (half_way, inner[:-2], f"{inner[:40]}A{inner[41:]}", "", "x", "é", "A" * 5000, moderator.token):
        thief = await desk.visitor()
        answer = await thief.client.get("/admin", headers={b"cookie": f"mm_admin={forged}".encode()})
        assert answer.headers["location"] == "/admin/sign-in", forged


@ON_SQLITE
async def test_a_link_from_elsewhere_signs_nobody_out(desk: Desk) -> None:
    """It brings no cookie along (SameSite), so the sign-in is shown; what it sets must not replace the session."""
    browser = await desk.browser(await desk.moderator())
    for path in ("/admin/reports", "/admin/sign-in"):
        bare = await (await desk.visitor()).client.get(path)
        assert "mm_admin=" not in str(bare.headers.get_list("set-cookie"))
    assert (await browser.get("/sign-in")).headers["location"] == "/admin"


async def test_whoever_loses_the_role_is_out_at_once(desk: Desk) -> None:
    moderator = await desk.moderator()
    browser = await desk.browser(moderator)
    await browser.get("/people")
    await desk.parts.profiles.set_role(moderator.id, "member")
    assert (await browser.send("/people", email="mia")).headers["location"].startswith("/admin/sign-in")
    again = await (await desk.visitor()).sign_in(moderator.email)
    assert "not a moderator" in again.text  # even with the second factor, which they keep


# --- who may see what


@ON_SQLITE
async def test_pages_by_role(desk: Desk) -> None:
    mia = await desk.member()
    report = await desk.file(mia.id)
    pages = ["", "/reports", f"/reports/{report}", "/sanctions", "/appeals", "/people", f"/people/{mia.id}", "/audit"]
    visitor = await desk.visitor()
    for path in (*pages, "/roles"):
        assert (await visitor.get(path)).headers["location"] == "/admin/sign-in"
    moderator, administrator = await desk.moderator(), await desk.administrator()
    one, other = await desk.browser(moderator), await desk.browser(administrator)
    for path in pages:
        assert (await one.get(path)).status_code == (await other.get(path)).status_code == 200
    assert "/admin/roles" not in one.page
    assert (await one.get("/roles")).status_code == 403
    await one.get("/people")
    for path, fields in (
        ("/roles", {"email": moderator.email, "role": "administrator"}),
        (f"/roles/{mia.id}/reset", {}),
    ):
        refused = await one.send(path, **fields)
        assert refused.status_code == 403
        await one.get("/people")
    assert (await other.get("/roles")).status_code == 200
    given = await other.send("/roles", email="Mia+test@college.edu", role="moderator")
    assert given.headers["location"] == "/admin/roles?done=role"
    assert (await desk.parts.profiles.of(mia.id)).role == "moderator"  # type: ignore[union-attr]
    assert "The role is changed." in (await other.get("/roles?done=role")).text
    reset = await other.send(f"/roles/{moderator.id}/reset")
    assert reset.headers["location"] == "/admin/roles?done=reset"
    assert (await one.get("")).headers["location"].startswith("/admin/sign-in")
    unknown = await other.get("/nothing/here")
    assert unknown.status_code == 404
    assert "To the overview" in unknown.text


@ON_SQLITE
async def test_the_numbers(desk: Desk) -> None:
    browser = await desk.browser(await desk.moderator())
    mia = await desk.member()
    await desk.file(mia.id)
    page = (await browser.get("")).text
    shown = dict(re.findall(r"<div><dt>(?:<a[^>]*>)?([^<]+)(?:</a>)?</dt><dd>(\d+)</dd>", page))
    assert shown == {"Open reports": "1", "Open appeals": "0", "Connected": "12", "Waiting": "3", "Chats": "4"}


# --- reports


async def test_evidence_is_opened_on_purpose_and_each_look_is_kept(desk: Desk) -> None:
    moderator, mia = await desk.moderator(), await desk.member()
    report = await desk.file(mia.id)
    browser = await desk.browser(moderator)
    closed = (await browser.get(f"/reports/{report}")).text
    for text in ("Go away, fool", "They were rude"):
        assert text not in closed
    assert (await browser.get(f"/reports/{report}/evidence")).status_code == 404
    await browser.get(f"/reports/{report}")
    assert not [entry for entry in await desk.log() if entry[1] == "report.read"]
    opened = await browser.send(f"/reports/{report}/evidence")
    for text in ("Go away, fool", "They were rude", "0 upheld"):
        assert text in opened.text
    assert opened.headers["cache-control"] == "no-store"
    assert (await desk.log())[-1] == (moderator.id, "report.read", report)


async def test_decisions(desk: Desk) -> None:
    moderator, mia = await desk.moderator(), await desk.member()
    browser = await desk.browser(moderator)
    for choice, hours, kind in (
        ("dismiss", "24", None),
        ("uphold", "24", None),
        ("warning", "24", Kind.WARNING),
        ("mute", "1", Kind.MUTE),
        ("suspension", "168", Kind.SUSPENSION),
        ("ban", "24", Kind.BAN),
    ):
        report = await desk.file(mia.id, f"guest-{choice}")
        await browser.get(f"/reports/{report}")
        decided = await browser.send(f"/reports/{report}/decision", decision=choice, hours=hours, reason="Be kind")
        assert decided.headers["location"] == "/admin/reports?done=decided"
        newest = [each for each in await desk.rest.sanctions.history(mia.id) if each.report_id == report]
        assert [each.kind for each in newest] == ([] if kind is None else [kind])
        if kind in (Kind.MUTE, Kind.SUSPENSION):
            assert newest[0].until == desk.clock.wall() + float(hours) * 3600
        gone = await browser.get(f"/reports/{report}")
        assert "What follows?" not in gone.text
    assert "The report is decided." in (await browser.get("/reports?done=decided")).text
    sanctions = (await browser.get("/sanctions")).text
    assert sanctions.count("Be kind") == 4
    ban = next(each for each in await desk.rest.sanctions.running(mia.id) if each.kind is Kind.BAN)
    lifted = await browser.send(f"/sanctions/{ban.id}/lift")
    assert lifted.headers["location"] == "/admin/sanctions?done=lifted"
    assert Kind.BAN not in [each.kind for each in await desk.rest.sanctions.running(mia.id)]


@ON_SQLITE
async def test_a_decision_that_lacks_something_keeps_what_was_typed(desk: Desk) -> None:
    moderator, mia = await desk.moderator(), await desk.member()
    report = await desk.file(mia.id)
    browser = await desk.browser(moderator)
    for fields in (
        {"decision": "", "hours": "24", "reason": "typed before"},
        {"decision": "expel", "hours": "24", "reason": "typed before"},
        {"decision": "mute", "hours": "99999", "reason": "typed before"},
        {"decision": "ban", "hours": "24", "reason": " "},
        {"decision": "ban", "hours": "24", "reason": "typed before" * 50},
    ):
        await browser.get(f"/reports/{report}")
        again = await browser.send(f"/reports/{report}/decision", **fields)
        assert again.status_code == 400
        assert 'role="alert"' in again.text
        assert fields["reason"] in again.text
    assert await desk.rest.sanctions.history(mia.id) == []
    own = await desk.file("guest-9", moderator.id)
    assert "for somebody else to decide" in (await browser.get(f"/reports/{own}")).text
    refused = await browser.send(f"/reports/{own}/decision", decision="dismiss", hours="24", reason="")
    assert refused.status_code == 403


async def test_appeals(desk: Desk) -> None:
    mia, ben = await desk.member(), await desk.member("ben@college.edu")
    browser = await desk.browser(await desk.moderator())
    first, second = await desk.appeal(mia, "I was not it"), await desk.appeal(ben)
    assert "I was not it" in (await browser.get("/appeals")).text
    assert (await desk.log())[-1][1] == "appeals.read"
    granted = await browser.send(f"/appeals/{first}/decision", decision="grant")
    assert granted.headers["location"] == "/admin/appeals?done=granted"
    assert (await browser.send(f"/appeals/{second}/decision", decision="perhaps")).status_code == 403
    await browser.get("/appeals")
    refused = await browser.send(f"/appeals/{second}/decision", decision="refuse")
    assert refused.headers["location"] == "/admin/appeals?done=refused"
    assert await desk.rest.sanctions.running(mia.id) == []
    assert len(await desk.rest.sanctions.running(ben.id)) == 1
    assert "Nobody waits" in (await browser.get("/appeals")).text


async def test_searching_leaves_no_address_in_any_address(desk: Desk) -> None:
    moderator, mia = await desk.moderator(), await desk.member()
    browser = await desk.browser(moderator)
    await browser.get("/people")
    found = await browser.send("/people", email="mia@coll")
    assert f'href="/admin/people/{mia.id}"' in found.text
    assert (await desk.log())[-1] == (moderator.id, "people.searched", "people")
    assert "mia" not in (await browser.get("/people?email=mia")).text
    await browser.get(f"/people/{mia.id}")
    assert mia.email in browser.page
    assert (await desk.log())[-1] == (moderator.id, "person.read", mia.id)
    log = (await browser.get("/audit")).text
    assert "All 3 entries hold" in log
    assert "@" not in log.partition("<main")[2]


# --- forms and scripts from elsewhere


@ON_SQLITE
async def test_forms_of_others_change_nothing(desk: Desk) -> None:
    administrator, mia = await desk.administrator(), await desk.member()
    report, appeal = await desk.file(mia.id), await desk.appeal(await desk.member("ben@college.edu"))
    ban = await desk.rest.sanctions.impose(mia.id, Kind.BAN, "Earlier", by="command line")
    browser, other = await desk.browser(administrator), await desk.browser(await desk.moderator())
    await other.get("")
    forms: list[tuple[str, dict[str, str]]] = [
        (f"/reports/{report}/evidence", {}),
        (f"/reports/{report}/decision", {"decision": "ban", "hours": "24", "reason": "x"}),
        (f"/sanctions/{ban.id}/lift", {}),
        (f"/appeals/{appeal}/decision", {"decision": "grant"}),
        ("/people", {"email": "mia"}),
        ("/roles", {"email": mia.email, "role": "administrator"}),
        (f"/roles/{mia.id}/reset", {}),
        ("/sign-out", {}),
    ]
    before = await desk.log()
    for path, fields in forms:
        await browser.get("/people")
        good = browser.token
        for origin in (FOREIGN, PAGE, "null", None, "", f"{OWN}.evil.example", OWN.replace("http", "https"), f"{OWN}/"):
            assert (await browser.send(path, origin=origin, **fields | {"form": good})).status_code == 403, (
                path,
                origin,
            )
        for token in ("", "x", good[:-3], other.token, browser.client.cookies["mm_admin"]):
            assert (await browser.send(path, **fields | {"form": token})).status_code == 403, (path, token)
        as_json = await browser.client.post(
            f"/admin{path}", json=fields | {"form": good}, headers={"origin": OWN, "content-type": "application/json"}
        )
        assert as_json.status_code == 403
        in_parts = await browser.client.post(
            f"/admin{path}", data=fields | {"form": good}, files={"a": b"b"}, headers={"origin": OWN}
        )
        assert in_parts.status_code == 403
    assert await desk.log() == before
    assert (await browser.get("")).status_code == 200  # nobody was signed out
    assert [each.id for each in await desk.rest.sanctions.running(mia.id)] == [ban.id]


@ON_SQLITE
async def test_nobody_is_signed_in_by_a_form_of_others(desk: Desk) -> None:
    moderator = await desk.moderator()
    browser, other = await desk.visitor(), await desk.visitor()
    await browser.get("/sign-in")
    await other.get("/sign-in")
    told = {"email": moderator.email, "password": PASSWORD}
    good = browser.token
    for origin, token in ((FOREIGN, good), (None, good), ("null", good), (OWN, other.token), (OWN, "")):
        assert (await browser.send("/sign-in", origin=origin, **told, form=token)).status_code == 403
    bare = await desk.visitor()
    bare.page = other.page
    assert (await bare.send("/sign-in", **told)).status_code == 403  # no cookie: no visit that the form is of
    assert (await browser.send("/sign-in", **told, form=good)).status_code == 303
    assert (
        await browser.send("/second-factor", code=desk.code(moderator), form=good)
    ).status_code == 403  # a new visit


async def test_odd_bodies_break_nothing(desk: Desk) -> None:
    browser = await desk.browser(await desk.moderator())
    await browser.get("/people")
    kind = {"origin": OWN, "content-type": "application/x-www-form-urlencoded"}
    for body in (
        b"\xff",
        b"form=%ff%fe",
        b"&".join(b"a%d=b" % each for each in range(50)),
        b"form=\xc3\xa9",
        b"%00=%00",
    ):
        assert (await browser.client.post("/admin/people", content=body, headers=kind)).status_code == 403
    huge = await browser.client.post("/admin/people", content=b"a=" + b"b" * 70_000, headers=kind)
    assert huge.status_code == 413
    assert (await browser.send("/people", email="\x00%_\\'\"" * 3)).status_code == 200


@ON_SQLITE
async def test_whatever_people_write_is_shown_as_text(desk: Desk) -> None:
    moderator = await desk.administrator()
    mia, odd = await desk.member(), await desk.member("o'x&y@college.edu")
    browser = await desk.browser(moderator)
    lines = (Line("reporter", EVIL, desk.clock.wall()), Line("reported", f"</p></li>{EVIL}", desk.clock.wall()))
    report = await desk.file(odd.id, EVIL, note=EVIL, evidence=lines, chat_id=EVIL)
    await desk.rest.sanctions.impose(odd.id, Kind.MUTE, EVIL, until=desk.clock.wall() + 60, by=EVIL)
    await desk.appeal(mia, EVIL)
    shown = [await browser.get(path) for path in (f"/reports/{report}", "/sanctions", "/appeals", "/reports", "/audit")]
    await browser.get(f"/reports/{report}")
    shown.append(await browser.send(f"/reports/{report}/evidence"))
    shown.append(await browser.send(f"/reports/{report}/decision", decision=EVIL, hours=EVIL, reason=EVIL))
    shown.append(await browser.send("/people", email=EVIL))
    shown.append(await browser.send("/people", email="o'x"))
    shown.append(await browser.get(f"/people/{odd.id}"))
    shown.append(await browser.get(f"/people/{EVIL}"))
    shown.append(await browser.get(f"/reports?state={EVIL}&before={EVIL}&done={EVIL}"))
    shown.append(await browser.get("/roles"))
    shown.append(await browser.send("/roles", email=EVIL, role="moderator"))
    visitor = await desk.visitor()
    shown.append(await visitor.sign_in(EVIL, EVIL))
    for answer in shown:
        assert answer.status_code in (200, 400, 404)
        tags = Outline(answer.text)
        names = {name for name, _ in tags.tags}
        assert not names & {"script", "img", "iframe", "style", "object", "base"}, answer.url
        for _, attributes in tags.tags:
            assert not [name for name in attributes if name.startswith("on") or name == "style"], answer.url
            assert not str(attributes.get("href", "")).lower().startswith(("javascript:", "data:", "//"))
        assert not tags.unclosed, answer.url
        assert "50337" not in answer.text, answer.url  # no text is a template
    assert sum("&lt;script&gt;" in answer.text for answer in shown) >= 7


def test_no_template_is_kept_from_escaping() -> None:
    for template in (files("meetmates.http") / "pages" / "admin").iterdir():
        text = template.read_text()
        assert "|safe" not in text.replace(" ", "")
        assert "autoescape" not in text
        assert "style=" not in text
        assert "<script" not in text


@ON_SQLITE
async def test_what_every_page_says_to_the_browser(desk: Desk) -> None:
    browser = await desk.browser(await desk.moderator())
    for path in ("", "/sign-in", "/nothing", "/roles", "/people"):
        headers = (await browser.get(path)).headers
        policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
        assert policy == {
            "default-src": "'none'",
            "style-src": "'self'",
            "form-action": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
        }
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    style = await browser.get("/style.css")
    assert style.headers["content-type"].startswith("text/css")
    assert (await browser.client.head("/admin")).status_code == 200


# --- for whoever uses the keyboard, or hears the page


async def every_page(desk: Desk) -> list[httpx.Response]:
    """One of each, with something on it."""
    administrator, mia = await desk.administrator(), await desk.member()
    mo = await desk.member("mo@college.edu", "moderator")
    report = await desk.file(mia.id)
    await desk.appeal(await desk.member("ben@college.edu"))
    new = await desk.visitor()
    pages = [await new.get("/sign-in"), await new.sign_in(mia.email)]
    await new.sign_in(mo.email)
    pages.append(await new.get("/second-factor"))
    browser = await desk.browser(administrator)
    pages.append(browser.seen[-2])
    paths = ("", "/reports", "/reports?state=upheld", f"/reports/{report}", "/sanctions", "/appeals", "/people")
    pages += [await browser.get(path) for path in paths]
    pages.append(await browser.send("/people", email="mia"))
    pages += [await browser.get(path) for path in (f"/people/{mia.id}", "/audit", "/roles", "/nothing")]
    await browser.get(f"/reports/{report}")
    pages.append(await browser.send(f"/reports/{report}/evidence"))
    return pages


@ON_SQLITE
async def test_every_page_can_be_used_by_keyboard_and_heard(desk: Desk) -> None:
    for answer in await every_page(desk):
        page = Outline(answer.text)
        where = str(answer.url)
        assert page.every("html") == [{"lang": "en"}]
        assert not page.unclosed, where
        assert not page.unlabelled(), where
        assert page.headings[0] == 1, where
        assert page.headings.count(1) == 1, where
        steps = zip(page.headings, page.headings[1:], strict=False)
        assert all(lower - upper <= 1 for upper, lower in steps), (where, page.headings)
        assert page.every("a")[0]["href"] == "#main", where  # the first that Tab reaches
        assert page.every("main")[0]["id"] == "main"
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(ids) == len(set(ids)), where
        for name, attributes in page.tags:
            assert int(attributes.get("tabindex") or 0) <= 0, where
            pointed = " ".join(str(attributes.get(a) or "") for a in ("aria-describedby", "aria-labelledby", "for"))
            assert set(pointed.split()) <= set(ids), (where, pointed)
            if name == "a":
                assert attributes.get("href"), where
        for cell in page.every("th"):
            assert cell.get("scope") in ("row", "col"), where
        titles = re.findall("<title>(.+?)</title>", answer.text.partition("</head>")[0])
        assert len(titles) == 1
        assert not re.search(r"<button[^>]*>\s*</button>", answer.text), where


@ON_SQLITE
async def test_password_managers_know_the_fields(desk: Desk) -> None:
    browser = await desk.visitor()
    moderator = await desk.moderator()
    pages = [await browser.get("/sign-in"), await browser.sign_in(moderator.email), await browser.get("/second-factor")]
    fields = [field for page in pages for field in Outline(page.text).every("input") if field["name"] != "form"]
    told = {field["name"]: field["autocomplete"] for field in fields}
    assert told == {"email": "username", "password": "current-password", "code": "one-time-code"}


STYLE = (files("meetmates.http") / "pages" / "admin.css").read_text()


def test_focus_is_always_seen() -> None:
    assert re.search(r":focus-visible\s*{[^}]*outline:\s*3px solid var\(--accent\)", STYLE)
    assert not re.search(r"outline:\s*(none|0)", STYLE)


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    full = "".join(c * 2 for c in colour) if len(colour) == 3 else colour
    parts = [int(full[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_told_apart(scheme: str) -> None:
    """AA: 4.5 for text, 3 for the edges of fields and the ring around what has the focus."""
    found = re.findall(r":root\s*{([^}]*)}", STYLE)[0 if scheme == "light" else 1]
    colours = dict(re.findall(r"--([\w-]+):\s*#([0-9a-f]{3,6})", found))
    surfaces = ("paper", "card", "wash")
    for text in ("ink", "soft", "accent"):
        for surface in (*surfaces, "alarm-wash") if text == "ink" else surfaces:
            assert contrast(colours[text], colours[surface]) >= 4.5, (text, surface)
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    assert contrast(colours["alarm"], colours["alarm-wash"]) >= 4.5
    for edge in ("edge", "accent", "alarm"):
        for surface in surfaces:
            assert contrast(colours[edge], colours[surface]) >= 3, (edge, surface)
