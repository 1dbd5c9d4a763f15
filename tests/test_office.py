"""Accounts and safety on one database, with a server in front: what is done anywhere reaches the people it concerns."""

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import insert

from meetmates.accounts.campuses import Campuses
from meetmates.accounts.mail import Letter
from meetmates.accounts.profiles import Profiles
from meetmates.app import Node
from meetmates.domain.ladder import Kind as Step
from meetmates.edge.clock import SystemClock, iso
from meetmates.logs import configure_logs
from meetmates.office import Office
from meetmates.safety.reports import Line
from meetmates.safety.sanctions import Sanctions
from meetmates.settings import load, resolve_secret
from meetmates.store.changes import Kind, announce, nobody_to_wake
from meetmates.store.database import Database, plain_url
from meetmates.store.schema import accounts
from tests.edge.house import Notes
from tests.support.away import without
from tests.support.engine import TRANSPORTS, open_engine
from tests.support.inside import server_inside
from tests.support.server import SECRET, free_port
from tests.support.sockets import Refused, SocketClient
from tests.support.tokens import token

over_both = pytest.mark.parametrize("transport", TRANSPORTS)


@dataclass
class House:
    """A running server, its office, and the same database as another process sees it."""

    url: str
    office: Office
    node: Node
    elsewhere: Database
    notes: Notes

    async def add(self, *names: str) -> None:
        """Accounts as a sign-up leaves them."""
        async with self.office.database.begin() as connection:
            for name in names:
                email = f"{name}@college.edu"
                row = {"id": name, "email": email, "mailbox": email, "created_at": time.time()}
                await connection.execute(insert(accounts).values(**row))
                await announce(connection, Kind.ACCOUNT, name, time.time())

    async def join(self, user: str | None = None, transport: str = "websocket", **claims: object) -> SocketClient:
        """Somebody with an account, or a guest."""
        auth = None if user is None else {"token": token(user, **claims)}
        return await SocketClient.join(self.url, transport, auth)

    async def denied(self, user: str | None = None, **claims: object) -> object:
        """What the door says to somebody."""
        client = SocketClient(await open_engine(self.url, "websocket"))
        with pytest.raises(Refused) as refused:
            await client.connect(auth=None if user is None else {"token": token(user, **claims)})
        await client.leave()
        return refused.value.data["data"]

    def sanctions(self) -> Sanctions:
        """As another process imposes them."""
        return Sanctions(self.elsewhere, SystemClock(), nobody_to_wake)


@contextlib.asynccontextmanager
async def open_house(address: str, folder: Path) -> AsyncIterator[House]:
    """One server on the database at `address`; several may be open."""
    own: dict[str, object] = {"data_dir": folder, "jwt_secret": SECRET}
    if address.startswith("postgresql"):
        own["database_url"] = plain_url(address)
    settings = load(own)
    notes = Notes()
    office = Office(settings, resolve_secret(settings), SystemClock(), notes)
    elsewhere = Database(address)
    parts = {"roster": office.roster, "casework": office.casework}
    try:
        async with server_inside(office.safety, **parts, rematch_after=0.0, presence_window=0.02) as inside:  # type: ignore[arg-type]
            await office.start(inside.node.steward, inside.node.gateway.reconsider)
            yield House(inside.url, office, inside.node, elsewhere, notes)
    finally:
        await office.stop()
        await elsewhere.close()


@pytest.fixture
async def house(database_address: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database_address, tmp_path) as opened:
        yield opened
        assert opened.notes.lines == []


async def pair(one: SocketClient, other: SocketClient) -> str:
    """Puts the two into a chat; its id."""
    await one.call("findChat")
    assert (await other.call("findChat"))["position"] == 0
    await other.expect("chatStart")
    ((start),) = await one.expect("chatStart")
    chat_id: str = start["chatId"]
    return chat_id


async def events(client: SocketClient) -> list[str]:
    """The names of what has come and nobody has asked for."""
    return [packet.data[0] for packet in await client.take_all() if packet.is_event]


# --- what people do


@over_both
async def test_a_block_is_for_ever(database_address: str, tmp_path: Path, transport: str) -> None:
    """Also when the server starts again."""
    async with open_house(database_address, tmp_path) as first:
        ana, ben = await first.join("ana", transport), await first.join("ben", transport)
        await pair(ana, ben)
        assert await ben.call("block") == {"ok": True}
        assert (await ana.expect("partnerLeft")) == [{"partnerId": ben.sid}]
        for client in (ana, ben):
            assert (await client.call("findChat"))["position"] > 0
            await client.leave()
    async with open_house(database_address, tmp_path) as second:
        ana, ben = await second.join("ana", transport), await second.join("ben", transport)
        assert [(await client.call("findChat"))["position"] for client in (ana, ben)] == [1, 2]
        for client in (ana, ben):
            await client.leave()


async def test_a_block_holds_on_every_server_of_the_database(database_address: str, tmp_path: Path) -> None:
    async with open_house(database_address, tmp_path) as here, open_house(database_address, tmp_path) as there:
        ana, ben = await here.join("ana"), await here.join("ben")
        await pair(ana, ben)
        await ana.call("block")
        await there.office.sanctions.impose("nobody", Step.WARNING, "to wake it", by="mod")
        assert not there.office.safety.may_meet("ben", "ana")
        for client in (ana, ben):
            await client.leave()


@over_both
async def test_a_report_reaches_the_moderators_with_what_was_handed_over(house: House, transport: str) -> None:
    ana, ben = await house.join("ana", transport), await house.join("ben", transport)
    chat_id = await pair(ana, ben)
    await ana.call("sendMessage", "hello")
    await ben.call("sendMessage", "go away")
    await ben.leave()
    await ana.expect("partnerLeft")
    report = {"reason": "harassment", "chatId": chat_id, "note": "Again.", "evidence": True}
    assert await ana.call("report", report) == {"ok": True}
    assert await ana.call("report", {"reason": "spam"}) == {"ok": True}
    (summary,) = await house.office.reports.queue()
    detail = await house.office.reports.read(summary.id, "mod")
    assert (summary.reporter, summary.reported, summary.reason) == ("ana", "ben", "harassment")
    assert detail.note == "Again."
    assert [(line.sender, line.text) for line in detail.evidence or ()] == [
        ("reporter", "hello"),
        ("reported", "go away"),
    ]
    assert all(isinstance(line, Line) and abs(line.at - time.time()) < 60 for line in detail.evidence or ())
    await ana.leave()


async def test_what_cannot_be_stored_is_said_and_the_chat_goes_on(database_address: str, tmp_path: Path) -> None:
    configure_logs("info", "json")  # as a server's
    async with open_house(database_address, tmp_path) as house:
        ana, ben = await house.join("ana"), await house.join("ben")
        await pair(ana, ben)
        async with without(house.elsewhere, "reports"):
            answer = await ana.call("report", {"reason": "spam"})
            assert (answer["ok"], answer["code"]) == (False, "not_allowed")
            await ana.emit("report", {"reason": "spam"})
            (error,) = await ana.expect("eventError")
            assert (error["event"], error["code"]) == ("report", "not_allowed")
        assert (await ana.call("sendMessage", "hello"))["ok"] is True
        assert await ana.call("report", {"reason": "spam"}) == {"ok": True}
        for client in (ana, ben):
            await client.leave()


# --- what others decide


@over_both
async def test_a_suspension_imposed_elsewhere_acts_on_every_live_connection(house: House, transport: str) -> None:
    ana, tab, ben = [await house.join(name, transport) for name in ("ana", "ana", "ben")]
    await pair(ana, ben)
    until = float(int(time.time()) + 60)
    await house.sanctions().impose("ana", Step.SUSPENSION, "insults", until=until, by="mod")
    for client in (ana, tab):
        assert await client.expect("sanctioned") == [{"kind": "suspension", "reason": "insults", "until": iso(until)}]
        await client.engine.wait_end()
    assert await ben.expect("partnerLeft") == [{"partnerId": ana.sid}]
    assert await house.denied("ana") == {"code": "account_suspended", "until": iso(until)}
    assert (await ben.call("findChat"))["position"] == 1
    assert "partnerLeft" not in await events(ben)
    await ben.leave()


@over_both
async def test_a_mute_imposed_elsewhere_is_told_and_the_connection_stays(house: House, transport: str) -> None:
    ana, ben = await house.join("ana", transport), await house.join("ben", transport)
    await pair(ana, ben)
    until = float(int(time.time()) + 60)
    made = await house.sanctions().impose("ana", Step.MUTE, "insults", until=until, by="mod")
    assert await ana.expect("sanctioned") == [{"kind": "mute", "reason": "insults", "until": iso(until)}]
    assert (await ana.call("sendMessage", "hello"))["code"] == "muted"
    await house.office.sanctions.lift(made.id, "mod")
    assert (await ana.call("sendMessage", "hello"))["ok"] is True
    for client in (ana, ben):
        await client.leave()


async def test_a_ban_imposed_here_acts_before_the_call_returns(house: House) -> None:
    ana = await house.join("ana")
    await house.office.sanctions.impose("ana", Step.BAN, "insults", by="mod")
    assert house.node.tables()["connections"] == 0
    assert await ana.expect("sanctioned") == [{"kind": "ban", "reason": "insults", "until": None}]
    await ana.engine.wait_end()
    assert await house.denied("ana") == {"code": "account_banned"}


async def test_a_sign_in_that_is_ended_ends_its_connections_and_no_others(house: House) -> None:
    await house.add("ana")
    phone, laptop = [await house.office.sessions.open("ana", device) for device in ("phone", "laptop")]
    there = [await SocketClient.join(house.url, auth={"token": one.access}) for one in (phone, laptop)]
    await house.office.sessions.end("ana", phone.session_id)
    await there[0].engine.wait_end()
    assert (await there[1].call("findChat"))["ok"] is True
    client = SocketClient(await open_engine(house.url, "websocket"))
    with pytest.raises(Refused) as refused:
        await client.connect(auth={"token": phone.access})
    assert refused.value.data["data"] == {"code": "token_invalid"}
    assert (await there[1].call("refreshToken", phone.access))["code"] == "not_allowed"
    for one in (client, there[1]):
        await one.leave()


async def test_an_account_that_is_deleted_elsewhere_ends_at_once(house: House) -> None:
    await house.add("ana", "ben")
    ana, ben = await house.join("ana"), await house.join("ben")
    await pair(ana, ben)
    await Profiles(house.elsewhere, SystemClock(), nobody_to_wake).delete("ana")
    await ana.engine.wait_end()
    assert await ben.expect("partnerLeft") == [{"partnerId": ana.sid}]
    await ben.leave()


async def test_the_first_campus_sends_everybody_to_the_door_again(house: House) -> None:
    """Members come back in; guests, and those whom nobody knows, are told why they may not."""
    await house.add("ana")
    people = [await house.join(user) for user in ("ana", "eve", None)]
    await Campuses(house.elsewhere, SystemClock()).add("College", ["college.edu"])
    assert [await client.engine.wait_end() for client in people] == ["1012"] * 3
    assert await house.denied() == {"code": "token_missing"}
    assert await house.denied("eve") == {"code": "account_gone"}
    ana = await house.join("ana")
    await ana.leave()


async def test_a_mail_server_that_is_down_is_trouble_and_no_failure_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure would be logged with a traceback, which tells nobody anything."""
    monkeypatch.setattr("meetmates.office.MAIL_PATIENCE", 0.1)
    settings = load({"data_dir": tmp_path, "jwt_secret": SECRET, "smtp_url": f"smtp://127.0.0.1:{free_port()}"})
    notes = Notes()
    office = Office(settings, resolve_secret(settings), SystemClock(), notes)
    await office.mail.send(Letter("ana@college.edu", "Hello", "text"))
    await office.stop()
    assert notes.lines[-1] == ("troubled", "letters that were not sent: 1")
    assert {kind for kind, _ in notes.lines} == {"troubled"}
