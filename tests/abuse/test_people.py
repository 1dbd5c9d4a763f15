"""People who harm others, and what they try next: a way around a ban or a block, reports as a weapon, a name to learn.

Longer than most files: each way around is tried as a person would, against a server process and its commands.
"""

import asyncio
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.abuse.bystanders import Stopwatch
from tests.abuse.outside import GENEROUS, Outside, assert_disconnected, outside, pair
from tests.support.api import PASSWORD, assert_problem, bearing
from tests.support.engine import TRANSPORTS
from tests.support.google import RunningProvider, running_provider
from tests.support.server import RunningServer, running_server
from tests.support.sockets import Refused, SocketClient

over_both = pytest.mark.parametrize("transport", TRANSPORTS)
OTHER_PASSWORD = "another long password"
CLIENT = "1234-abc.apps.googleusercontent.com"
AT_ONCE = 3.0  # seconds until what another process does is felt; the server looks every second
STEPS = {  # what an operator types, and what it is called
    "ban": ("ban", []),
    "suspend": ("suspension", ["--for", "1h"]),
    "mute": ("mute", ["--for", "1h"]),
}


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningProvider]:
    """Who signs for Google."""
    with running_provider() as running:
        yield running


@pytest.fixture(scope="module")
def server(provider: RunningProvider) -> Iterator[RunningServer]:
    with running_server(**GENEROUS, GOOGLE_CLIENT_ID=CLIENT, GOOGLE_ISSUER=provider.url) as running:
        yield running


@pytest.fixture
async def api(server: RunningServer) -> AsyncIterator[Outside]:
    async with outside(server) as made:
        yield made
    assert "Traceback" not in server.logged()


def by_google(provider: RunningProvider, address: str, subject: str) -> dict[str, str]:
    """What a page sends after Google's button."""
    now = int(time.time())
    told = {"iss": provider.url, "aud": CLIENT, "sub": subject, "email": address, "email_verified": True}
    times = {"iat": now, "exp": now + 3600}
    return {"credential": provider.sign({"alg": "RS256", "kid": "rsa1"}, told | times)}


def someone(name: str) -> str:
    """The part before the @ of an address that nobody has used before."""
    return f"{name}{secrets.token_hex(4)}"


async def ban(api: Outside, address: str) -> None:
    await api.command("user", "ban", address, "--reason", "Threats.")


async def assert_banned(api: Outside, address: str, password: str = PASSWORD) -> dict[str, Any]:
    """A sign-in with the right password is refused and says why."""
    told = assert_problem(await api.post("/auth/login", {"email": address, "password": password}), 403, "sanctioned")
    assert (told["kind"], told["reason"], told["until"]) == ("ban", "Threats.", None)
    return told


async def until_let_in(api: Outside, token: str) -> None:
    """The server looks every second for what others have done. Raises `TimeoutError`."""
    async with asyncio.timeout(AT_ONCE):
        while True:
            try:
                return await (await api.socket(token)).leave()
            except Refused:
                await asyncio.sleep(0.05)  # another process can set no event here


async def positions(*clients: SocketClient) -> list[int]:
    """What each is told of its place in the queue; 0: paired at once."""
    return [(await client.call("findChat"))["position"] for client in clients]


async def leave(*clients: SocketClient) -> None:
    for client in clients:
        await client.leave()


# --- a ban walked around


async def test_a_banned_person_does_not_come_back_by_another_spelling(api: Outside) -> None:
    """Neither by a second sign-up nor by deleting the account first."""
    name = someone("mallory")
    mine = await api.member(f"{name}@college.edu")
    await ban(api, f"{name}@college.edu")
    again = await api.post("/auth/signup", {"email": f"{name}+new@college.edu", "password": OTHER_PASSWORD})
    assert again.status_code == 201  # as everybody is answered; the letter says that there is an account
    assert api.letters(f"{name}+new@college.edu") == []
    assert (await api.delete("/account", mine["token"], {"password": PASSWORD})).status_code == 200
    await api.joined(f"{name.upper()}+new@college.edu", OTHER_PASSWORD)
    for spelling in (f"{name}@college.edu", f"{name}+other@COLLEGE.edu"):
        await assert_banned(api, spelling, OTHER_PASSWORD)
    assert api.rows("SELECT COUNT(*) FROM accounts WHERE mailbox = ?", f"{name}@college.edu") == [(1,)]


async def test_a_banned_person_does_not_come_back_by_google(api: Outside, provider: RunningProvider) -> None:
    """With the same mailbox as before, deleted or not, under any subject and spelling."""
    name = someone("mallory")
    mine = await api.member(f"{name}@gmail.com")
    await ban(api, f"{name}@gmail.com")
    dotted = f"{name[:3]}.{name[3:]}@googlemail.com"
    first = await api.post("/auth/google-login", by_google(provider, dotted, f"{name}1"))
    assert assert_problem(first, 403, "sanctioned")["kind"] == "ban"
    assert (await api.delete("/account", mine["token"], {"password": PASSWORD})).status_code == 200
    for subject in (f"{name}1", f"{name}2"):
        answer = await api.post("/auth/google-login", by_google(provider, f"{name}+x@gmail.com", subject))
        assert assert_problem(answer, 403, "sanctioned")["kind"] == "ban"


async def test_a_ban_of_somebody_who_came_by_google_holds_for_a_password(
    api: Outside, provider: RunningProvider
) -> None:
    address = f"{someone('mallory')}@college.edu"
    signed_in = (await api.post("/auth/google-login", by_google(provider, address, address))).json()
    await ban(api, address)
    await api.post("/auth/password/forgot", {"email": address})
    form = {"email": address, "code": api.code(address), "password": OTHER_PASSWORD}
    assert (await api.post("/auth/password/reset", form)).status_code == 200
    await assert_banned(api, address, OTHER_PASSWORD)
    assert_problem(await api.get("/profile", signed_in["token"]), 401, "token_invalid")


async def test_a_mailbox_is_banned_before_it_has_an_account(api: Outside) -> None:
    name = someone("mallory")
    await ban(api, f"{name}@college.edu")
    await api.joined(f"{name}+1@college.edu")
    await assert_banned(api, f"{name}+1@college.edu")


async def test_what_holds_somebody_back_outlives_the_account_and_nothing_else_does(api: Outside) -> None:
    """A keyed hash of the mailbox stays; no address, no name, no password."""
    name = someone("mallory")
    mine = await api.member(f"{name}@college.edu")
    await ban(api, f"{name}@college.edu")
    assert (await api.delete("/account", mine["token"], {"password": PASSWORD})).status_code == 200
    tables = [row[0] for row in api.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    kept = {table: [row for row in api.rows(f"SELECT * FROM {table}") if name in repr(row)] for table in tables}
    assert {table: rows for table, rows in kept.items() if rows} == {}
    assert api.rows("SELECT kind FROM sanctions WHERE account = ?", mine["user"]["userId"]) == [("ban",)]


async def test_whoever_is_unbanned_is_let_in_again(api: Outside) -> None:
    address = f"{someone('mallory')}@college.edu"
    await api.member(address)
    await ban(api, address)
    await assert_banned(api, address)
    await api.command("user", "unban", address)
    back = await api.signed_in(address)
    await until_let_in(api, back["token"])


# --- a block undone


@over_both
@pytest.mark.parametrize("blocker", ["ana", "ben"])
async def test_a_block_holds_in_every_tab_and_after_every_sign_in(api: Outside, transport: str, blocker: str) -> None:
    """In both directions; a third person is paired with either."""
    addresses = {name: f"{someone(name)}@college.edu" for name in ("ana", "ben")}
    people = {name: await api.member(address) for name, address in addresses.items()}
    ana, ben = [await api.socket(people[name]["token"], transport) for name in ("ana", "ben")]
    await pair(ana, ben)
    assert await (ana if blocker == "ana" else ben).call("block") == {"ok": True}
    assert await positions(ana, ben) == [1, 2]
    await leave(ana)
    tab = await api.socket(people["ana"]["token"], transport)
    assert await positions(tab) == [2]
    again = await api.signed_in(addresses["ana"])
    renewed = (await api.post("/auth/refresh", {"refreshToken": people["ana"]["refreshToken"]})).json()
    for raw in (again["token"], renewed["token"]):
        anew = await api.socket(raw, transport)
        assert await positions(anew) == [2]
        await leave(anew)
    cem = await api.socket(None, transport)
    assert await positions(cem) == [0]
    await leave(tab, ben, cem)


@over_both
async def test_who_was_blocked_does_not_get_rid_of_it_by_coming_back(api: Outside, transport: str) -> None:
    """Another account of the same mailbox is the same person."""
    name = someone("mallory")
    ana, mallory = await api.member(f"{someone('ana')}@college.edu"), await api.member(f"{name}@college.edu")
    one, other = await api.socket(ana["token"], transport), await api.socket(mallory["token"], transport)
    await pair(one, other)
    await one.call("block")
    assert (await api.delete("/account", mallory["token"], {"password": PASSWORD})).status_code == 200
    await assert_disconnected(other, AT_ONCE)
    back = await api.member(f"{name}+back@college.edu", OTHER_PASSWORD)
    anew = await api.socket(back["token"], transport)
    assert await positions(one, anew) == [1, 2]
    await leave(one, other, anew)


async def test_a_block_by_a_chat_of_somebody_else_is_none(api: Outside) -> None:
    """Nobody separates two others, or reports somebody from a chat that they were not in."""
    people = [await api.socket((await api.member(f"{someone('p')}@college.edu"))["token"]) for _ in range(3)]
    one, other, eve = people
    chat_id = await pair(one, other)
    for event in ("block", "report"):
        for chat in (chat_id, "made-up", "", one.sid):
            answer = await eve.call(event, {"chatId": chat, "reason": "spam"})
            assert (answer["ok"], answer["code"]) == (False, "not_in_chat")
    assert (await one.call("sendMessage", "still here"))["ok"] is True
    assert (await eve.call("findChat"))["position"] == 1
    await leave(*people)


# --- reports as a weapon


async def crowd(api: Outside, count: int) -> list[dict[str, Any]]:
    """So many people who have just signed up."""
    addresses = [f"{someone('new')}@college.edu" for _ in range(count)]
    return list(await asyncio.gather(*[api.member(address) for address in addresses]))


async def test_thirty_new_accounts_remove_nobody(api: Outside) -> None:
    """Each meets the victim, reports the worst there is, hands over the chat, and blocks."""
    address = f"{someone('victim')}@college.edu"
    victim = await api.member(address)
    there = await api.socket(victim["token"])
    for number, attacker in enumerate(await crowd(api, 30)):
        client = await api.socket(attacker["token"])
        await pair(client, there)
        reason = ("minor", "threat", "nudity", "harassment")[number % 4]
        for _ in range(3):
            report = {"reason": reason, "note": "Remove them.", "evidence": True}
            assert await client.call("report", report) == {"ok": True}
        assert await client.call("block") == {"ok": True}
        await there.expect("partnerLeft")
        await leave(client)
    account = victim["user"]["userId"]
    assert api.rows("SELECT COUNT(*), SUM(weight) < 30 FROM reports WHERE reported = ?", account) == [(30, 1)]
    assert api.rows("SELECT * FROM sanctions WHERE account = ?", account) == []
    assert [packet.data[0] for packet in await there.take_all() if packet.data[0] == "sanctioned"] == []
    stranger = await api.socket()
    await pair(stranger, there)
    assert (await there.call("sendMessage", "hello"))["ok"] is True
    await api.signed_in(address)
    await leave(stranger, there)


async def test_not_even_proven_reporters_bring_about_more_than_thirty_minutes(api: Outside) -> None:
    """Whoever was right before is heard, and a moderator does the rest; the next day's step needs new reports."""
    victim = await api.member(f"{someone('victim')}@college.edu")
    there = await api.socket(victim["token"])
    account, members = victim["user"]["userId"], await crowd(api, 4)
    for number, member in enumerate(members):
        for upheld in range(20):
            row = (f"{account}{number}{upheld}", f"chat{upheld}", member["user"]["userId"], "elsewhere", time.time())
            api.rows(
                "INSERT INTO reports (id, chat_id, reporter, reported, reason, weight, at, state)"
                " VALUES (?, ?, ?, ?, 'spam', 0.5, ?, 'upheld')",
                *row,
            )
    for member in members[:2]:
        client = await api.socket(member["token"])
        await pair(client, there)
        assert await client.call("report", {"reason": "threat"}) == {"ok": True}
        await leave(client)
    (told,) = await there.expect("sanctioned", AT_ONCE)
    await assert_disconnected(there, AT_ONCE)
    assert told["kind"] == "suspension"
    ((kind, length),) = api.rows("SELECT kind, until - at FROM sanctions WHERE account = ?", account)
    assert (kind, round(length)) == ("suspension", 1800)


async def test_a_guest_cannot_make_an_account_s_reports(api: Outside) -> None:
    """Guests' words weigh no more than a newcomer's, however many there are."""
    victim = await api.member(f"{someone('victim')}@college.edu")
    there = await api.socket(victim["token"])
    for _ in range(30):
        guest = await api.socket()
        await pair(guest, there)
        assert await guest.call("report", {"reason": "minor"}) == {"ok": True}
        await leave(guest)
        await there.expect("partnerLeft")
    assert api.rows("SELECT * FROM sanctions WHERE account = ?", victim["user"]["userId"]) == []
    assert (await there.call("findChat"))["ok"] is True
    await leave(there)


async def test_nobody_reports_themselves_or_learns_who_reported(api: Outside) -> None:
    """The one who is reported notices nothing."""
    one, other = [await api.socket((await api.member(f"{someone('p')}@college.edu"))["token"]) for _ in range(2)]
    await pair(one, other)
    await other.take_all()
    assert await one.call("report", {"reason": "harassment", "note": "secret", "evidence": True}) == {"ok": True}
    assert (await other.call("typing", True))["ok"] is True
    assert {packet.data[0] for packet in await other.take_all()} <= {"onlineUsers"}
    await leave(one, other)


# --- what a stranger learns


def record(client: SocketClient) -> list[str]:
    """Everything that reaches the client from now on, as it came."""
    heard: list[str] = []
    take = client.engine._take

    def listen(packet: Any) -> bool:
        heard.append(packet if isinstance(packet, str) else repr(packet))
        return take(packet)

    client.engine._take = listen  # type: ignore[method-assign]
    return heard


def secrets_of(person: dict[str, Any], address: str) -> list[str]:
    """All that tells who somebody is."""
    told = jwt.decode(person["token"], options={"verify_signature": False})
    name = address.partition("@")[0]
    return [address, name, person["user"]["userId"], told["sid"], told["jti"], person["token"], person["refreshToken"]]


async def live_through_a_chat(one: SocketClient, other: SocketClient) -> None:
    """Every event there is, from both sides; one alone would keep in touch."""
    for client in (one, other):
        await client.call("findChat", {"withVideo": True, "interests": ["chess"], "language": "en"})
    for client in (one, other):
        await client.expect("chatStart")
        await client.emit("sendMessage", f"hello from {client.sid}", "m1")
        await client.call("typing", True)
        await client.call("mediaState", {"audio": True, "video": True, "screen": False})
        await client.emit("ready-to-connect")
    for client in (one, other):
        await client.call("webrtc-offer", {"offer": {"type": "offer", "sdp": "v=0"}})
        await client.call("webrtc-answer", {"answer": {"type": "answer", "sdp": "v=0"}})
        await client.call("ice-candidate", {"candidate": None})
        await client.call("sendMessage", "")
        await client.call("keepInTouch", client is other)  # one would and one would not, so nobody is told
        await client.emit("nonsense", {"who": "are you"})
    await one.call("report", {"reason": "spam", "evidence": True})
    await one.call("next")
    await other.expect("partnerLeft")
    await other.call("report", {"reason": "other"})
    await one.call("cancelSearch")
    await other.call("cancelSearch")


@over_both
async def test_no_event_tells_a_stranger_who_somebody_is(api: Outside, transport: str) -> None:
    """No address, no account id, no network address: both sides of a whole chat are read as they came."""
    addresses = [f"{someone(name)}@college.edu" for name in ("ana", "ben")]
    people = [await api.member(address) for address in addresses]
    clients = [await api.socket(person["token"], transport) for person in people]
    heard = [record(client) for client in clients]
    await live_through_a_chat(*clients)
    for client in clients:
        await client.call("cancelSearch")
    for own, (theirs, listened) in enumerate(zip(reversed(people), heard, strict=True)):
        text = "\n".join(listened)
        assert "message" in text
        assert "webrtc-offer" in text
        for secret in secrets_of(theirs, addresses[1 - own]):
            assert secret not in text
        assert re.search(r"\d+\.\d+\.\d+\.\d+|::1|127\.0|10\.0", text) is None
        assert people[own]["user"]["userId"] not in text
        senders = {email for packet in listened for email in re.findall(r'"senderEmail":"([^"]*)"', packet)}
        assert senders == {addresses[own], "Anonymous"}  # one's own copy has one's own
    await leave(*clients)


@over_both
async def test_what_a_stranger_is_called_is_new_with_each_connection_and_each_chat(
    api: Outside, transport: str
) -> None:
    """Nobody can follow somebody from chat to chat, by an id or by the name in it."""
    ana, ben = [(await api.member(f"{someone('p')}@college.edu"))["token"] for _ in range(2)]
    seen, chats = set(), set()
    there = await api.socket(ben, transport)
    listened = record(there)
    for _ in range(3):
        client = await api.socket(ana, transport)
        chats.add(await pair(client, there))
        seen.add(client.sid)
        await leave(client)
        await there.expect("partnerLeft")
    assert (len(seen), len(chats)) == (3, 3)
    names = re.findall(r'"partnerName":"([^"]*)"', "".join(listened))
    assert len(names) == 3
    assert len(set(names)) > 1  # of 3,600: by chance all three would be the same once in thirteen million runs
    await leave(there)


async def test_no_answer_of_the_api_tells_of_somebody_else(api: Outside) -> None:
    """Whoever is signed in and asks every route."""
    address = f"{someone('ana')}@college.edu"
    ana, eve = await api.member(address), await api.member(f"{someone('eve')}@college.edu")
    paths = (await api.client.get("/openapi.json")).json()["paths"]
    told = jwt.decode(ana["token"], options={"verify_signature": False})
    for path, methods in paths.items():
        if "get" not in methods:
            continue
        for given in (ana["user"]["userId"], told["sid"], address):
            filled = re.sub(r"\{\w+\}", given, path)
            answer = await api.client.get(f"{filled}?email={address}&account={given}", headers=bearing(eve["token"]))
            assert answer.status_code < 500
            for secret in secrets_of(ana, address):
                assert secret not in answer.text, path
    assert_problem(await api.delete(f"/auth/sessions/{told['sid']}", eve["token"]), 404, "not_found")
    export = (await api.get("/account/export", eve["token"])).text
    assert not any(secret in export for secret in secrets_of(ana, address))


async def test_an_export_names_nobody_else(api: Outside) -> None:
    """Neither whom one has blocked or reported, nor by whom one was reported."""
    addresses = [f"{someone(name)}@college.edu" for name in ("ana", "ben")]
    people = [await api.member(address) for address in addresses]
    ana, ben = [await api.socket(person["token"]) for person in people]
    await pair(ana, ben)
    await ben.call("report", {"reason": "spam", "note": "about ana"})
    await ana.call("report", {"reason": "spam"})
    await ana.call("block")
    for person, other, address in zip(people, reversed(people), reversed(addresses), strict=True):
        export = json.dumps((await api.get("/account/export", person["token"])).json())
        assert not any(secret in export for secret in secrets_of(other, address))
    held = (await api.get("/account/export", people[0]["token"])).text
    assert "about ana" not in held
    await leave(ana, ben)


# --- an appeal works once


async def test_an_appeal_works_once(api: Outside) -> None:
    """By the token of the last refused sign-in alone; once it is made, there is no other."""
    address = f"{someone('mallory')}@college.edu"
    await api.joined(address)
    await ban(api, address)
    first, second = [(await assert_banned(api, address))["appealToken"] for _ in range(2)]
    appeal = {"text": "It was a joke between friends."}
    for wrong in (first, "", second[:-1], f"{second} ", second.upper(), "x" * 60_000, "\0"):
        assert_problem(await api.post("/appeals", {**appeal, "appealToken": wrong}), 400, "wrong_appeal")
    for text in ("", " \n ", "x" * 4001):
        assert_problem(await api.post("/appeals", {"text": text, "appealToken": second}), 400, "appeal_length")
    right = {**appeal, "appealToken": second}
    answers = await asyncio.gather(*[api.post("/appeals", right) for _ in range(10)])
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 9
    assert (await assert_banned(api, address))["appealToken"] is None
    assert_problem(await api.post("/appeals", right), 400, "wrong_appeal")
    for path in ("/profile", "/verify-token"):
        assert_problem(await api.get(path, second), 401, "token_invalid")
    assert_problem(await api.post("/auth/refresh", {"refreshToken": second}), 401, "no_session")
    file = (api.data / "meetmates.db").read_bytes() + (api.data / "meetmates.db-wal").read_bytes()
    assert appeal["text"].encode() not in file  # it is sealed
    assert second.encode() not in file


async def test_an_appeal_against_what_was_lifted_is_none(api: Outside) -> None:
    address = f"{someone('mallory')}@college.edu"
    await api.joined(address)
    await ban(api, address)
    told = await assert_banned(api, address)
    await api.command("user", "unban", address)
    appeal = {"text": "Please.", "appealToken": told["appealToken"]}
    assert_problem(await api.post("/appeals", appeal), 400, "wrong_appeal")
    await ban(api, address)
    assert_problem(await api.post("/appeals", appeal), 400, "wrong_appeal")
    assert (await assert_banned(api, address))["appealToken"]


# --- at once, and over a restart


@pytest.mark.parametrize("step", STEPS)
async def test_what_an_operator_does_acts_at_once_on_everybody_it_concerns(api: Outside, step: str) -> None:
    """A command in another process; two connections of the victim, one over each transport, in the middle of a chat."""
    kind, more = STEPS[step]
    address = f"{someone('mallory')}@college.edu"
    mallory = await api.member(address)
    there = [await api.socket(mallory["token"], transport) for transport in TRANSPORTS]
    partner = await api.socket((await api.member(f"{someone('ana')}@college.edu"))["token"])
    await pair(there[0], partner)
    await api.command("user", step, address, "--reason", "Threats.", *more)
    watch = Stopwatch()
    for client in there:
        (told,) = await client.expect("sanctioned", AT_ONCE)
        assert (told["kind"], told["reason"], told["until"] is None) == (kind, "Threats.", step == "ban")
    if step == "mute":
        answer = await there[0].call("sendMessage", "hello")
        assert (answer["ok"], answer["code"]) == (False, "muted")
        assert (await partner.call("sendMessage", "are you there?"))["ok"] is True
    else:
        for client in there:
            await assert_disconnected(client, AT_ONCE)
        assert watch.seconds < AT_ONCE
        assert await partner.expect("partnerLeft") == [{"partnerId": there[0].sid}]
    assert (await partner.call("leaveChat"))["ok"] is (step == "mute")
    heard = [packet.data[0] for packet in await partner.take_all()]
    assert "sanctioned" not in heard
    await leave(*there, partner)


async def test_what_was_decided_outlives_a_restart(tmp_path: Path) -> None:
    """Bans, suspensions, mutes and blocks, also those imposed while no server ran."""
    settings = {**GENEROUS, "DATA_DIR": str(tmp_path)}
    names = ("banned", "suspended", "muted", "later", "ana", "ben")
    with running_server(**settings) as first:
        async with outside(first, tmp_path) as api:
            people = {name: await api.member(f"{name}@college.edu") for name in names}
            ana, ben = [await api.socket(people[name]["token"]) for name in ("ana", "ben")]
            await pair(ana, ben)
            await ana.call("block")
            await asyncio.gather(
                ban(api, "banned@college.edu"),
                api.command("user", "suspend", "suspended@college.edu", "--for", "1h", "--reason", "Insults."),
                api.command("user", "mute", "muted@college.edu", "--for", "1h", "--reason", "Spam."),
            )
            await leave(ana, ben)
    async with outside(first, tmp_path) as away:
        await ban(away, "later@college.edu")
    with running_server(**settings) as second:
        async with outside(second, tmp_path) as api:
            assert (await api.denied(people["banned"]["token"])) == {"code": "account_banned"}
            assert (await api.denied(people["later"]["token"])) == {"code": "account_banned"}
            assert (await api.denied(people["suspended"]["token"]))["code"] == "account_suspended"
            await assert_banned(api, "banned@college.edu")
            ana, ben, muted = [await api.socket(people[name]["token"]) for name in ("ana", "ben", "muted")]
            assert await positions(ana, ben, muted) == [1, 2, 0]
            await muted.expect("chatStart")
            assert (await muted.call("sendMessage", "hello"))["code"] == "muted"
            await leave(ana, ben, muted)
