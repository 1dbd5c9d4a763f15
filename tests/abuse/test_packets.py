"""Packets that break the protocol, sent to a server with people on it: closed within 100 ms, one line in the log."""

import json

import pytest

from tests.abuse.bystanders import Bystanders, chat, cpu_seconds, eventually, log_is_busy, resident_bytes, warnings
from tests.support.engine import TRANSPORTS, Packet, PollingClient, WebSocketClient, assert_closed_promptly, open_engine
from tests.support.malformed import BEFORE_CONNECT, MALFORMED, ONE, RESERVED, TWO
from tests.support.server import RunningServer
from tests.support.sockets import SocketClient

pytestmark = pytest.mark.usefixtures("bystanders")
Engine = PollingClient | WebSocketClient

UNREADABLE = {
    "a hundred thousand arrays": "[" * 100_000,
    "a hundred thousand closed arrays": "[" * 99_000 + "]" * 99_000,
    "thirty thousand objects": '{"a":' * 30_000,
    "an integer of 5,000 digits": "1" * 5_000,
    "a negative integer of 5,000 digits": "-" + "7" * 5_000,
    "NaN": "NaN",
    "Infinity": "Infinity",
    "minus Infinity": "-Infinity",
}


async def assert_closed(
    server: RunningServer, transport: str, packets: list[Packet], connected: bool = True, told: int = 0
) -> None:
    """A client that sends `packets` is closed promptly, leaves one line in the log, is told `told` things before."""
    attempts = 0
    await eventually(lambda: not log_is_busy(server))
    before = len(warnings(server))
    last: SocketClient

    async def break_it() -> Engine:
        nonlocal attempts, last
        attempts += 1
        last = SocketClient(await open_engine(server.url, transport))
        if connected:
            await last.connect()
        await last.raw(*packets)
        return last.engine

    await assert_closed_promptly(break_it)
    seen = [packet for packet in await last.take_all() if packet.data[0] != "onlineUsers"]
    assert len(seen) == told, seen
    await eventually(lambda: len(warnings(server)) >= before + attempts)
    assert len(warnings(server)) == before + attempts


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("connected", [False, True], ids=["before CONNECT", "after CONNECT"])
@pytest.mark.parametrize("packet", ["abc", "", "9", "7probe"])
async def test_engine_packet_of_no_type(server: RunningServer, transport: str, connected: bool, packet: str) -> None:
    async def break_it() -> Engine:
        client = SocketClient(await open_engine(server.url, transport))
        if connected:
            await client.connect()
        await client.engine.send(packet)
        return client.engine

    await assert_closed_promptly(break_it)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("case", MALFORMED)
async def test_malformed_packet(server: RunningServer, transport: str, case: str) -> None:
    whole_event_first = case == "one attachment too many"
    await assert_closed(server, transport, MALFORMED[case], told=1 if whole_event_first else 0)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("packets", BEFORE_CONNECT.values(), ids=BEFORE_CONNECT)
async def test_packet_before_connect(server: RunningServer, transport: str, packets: list[Packet]) -> None:
    await assert_closed(server, transport, packets, connected=False)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("id", ["", "1"], ids=["plain", "with ack"])
@pytest.mark.parametrize("name", RESERVED)
async def test_reserved_event_name(server: RunningServer, transport: str, name: str, id: str) -> None:
    await assert_closed(server, transport, [f'2{id}["{name}"]'])
    await assert_closed(server, transport, [f'51-{id}["{name}",{ONE}]', b"\x01"])


async def test_disconnect_event_ends_nobody_elses_chat(server: RunningServer) -> None:
    first, second = await chat(server.url)
    await first.emit("disconnect", second.sid)
    await first.engine.wait_end()
    assert await second.expect("partnerLeft") == [{"partnerId": first.sid}]
    await second.emit("cancelSearch")
    assert (await second.call("cancelSearch"))["ok"] is True
    await first.leave()
    await second.leave()


# --- attachments


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_ten_attachments_are_taken(server: RunningServer, transport: str) -> None:
    client = await SocketClient.join(server.url, transport)
    places = ",".join(f'{{"_placeholder":true,"num":{number}}}' for number in range(10))
    await client.raw(f'510-7["no-such-event",{places}]', *[b"x"] * 10)
    answer = await client.answer(7)
    assert answer["code"] == "unknown_event"
    await client.leave()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_heartbeats_pass_while_attachments_are_owed(server: RunningServer, transport: str) -> None:
    client = await SocketClient.join(server.url, transport)
    await client.raw(f'52-["no-such-event",{TWO}]', b"\x01")
    with pytest.raises(TimeoutError):
        await client.engine.wait_end(3.5)  # longer than a client lives that answers no ping
    await client.raw(b"\x02")
    assert (await client.expect("eventError"))[0]["code"] == "unknown_event"
    await client.leave()


async def test_owed_attachments_are_not_kept(server: RunningServer) -> None:
    async def owe() -> None:
        client = await SocketClient.join(server.url)
        await client.raw(f'510-["no-such-event",{ONE}]', *[bytes(150_000)] * 9, '2["a"]')
        await client.engine.wait_end()
        await client.leave()

    for _ in range(10):
        await owe()
    before = resident_bytes(server)
    for _ in range(40):  # 54 MB, were they kept
        await owe()
    assert resident_bytes(server) - before < 27 << 20  # the allocator keeps some of what it once had


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("num", ["-1", "7", '"a"', "1.5", "null", "true", "1e400", '{"valueOf":0}'])
async def test_placeholder_that_names_no_attachment(server: RunningServer, transport: str, num: str) -> None:
    offer = f'{{"offer":{{"type":"offer","sdp":{{"_placeholder":true,"num":{num}}}}}}}'
    await assert_never_relayed(server, transport, [f'51-["webrtc-offer",{offer}]', b"x"])


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_thousand_placeholders_do_not_multiply_one_attachment(server: RunningServer, transport: str) -> None:
    offer = f'{{"offer":{{"type":"offer","sdp":[{",".join([ONE] * 1000)}]}}}}'
    await assert_never_relayed(server, transport, [f'51-["webrtc-offer",{offer}]', bytes(50_000)])


async def assert_never_relayed(server: RunningServer, transport: str, packets: list[Packet]) -> None:
    """Closes the sender; the partner, whose connection stays, hears that it left and nothing else."""
    attacker, partner = await chat(server.url, transport)
    for one in (attacker, partner):
        assert (await one.call("ready-to-connect"))["ok"] is True
    before = attacker.engine.received + partner.engine.received
    await attacker.raw(*packets)
    await attacker.engine.wait_end()
    assert await partner.expect("partnerLeft") == [{"partnerId": attacker.sid}]
    assert (await partner.call("cancelSearch"))["ok"] is True
    harmless = ("onlineUsers", "create-offer")
    seen = await attacker.take_all() + await partner.take_all()
    assert [packet for packet in seen if packet.data[0] not in harmless] == []
    sent = sum(map(len, packets))
    assert attacker.engine.received + partner.engine.received - before <= 2 * max(sent, 300)
    await attacker.leave()
    await partner.leave()


# --- JSON that must not reach anybody


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("event", ["sendMessage", "webrtc-offer", "no-such-event"])
@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE)
async def test_unreadable_json_is_never_relayed(server: RunningServer, transport: str, event: str, value: str) -> None:
    argument = f'{{"offer":{{"type":"offer","sdp":"","x":{value}}}}}' if event == "webrtc-offer" else value
    await assert_never_relayed(server, transport, [f'2["{event}",{argument}]'])


@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE)
async def test_unreadable_json_costs_little(server: RunningServer, value: str) -> None:
    repeats = 40

    async def cost(packet: str) -> float:
        before = cpu_seconds(server)
        for _ in range(repeats):
            client = await SocketClient.join(server.url)
            await client.raw(packet)
            await client.engine.wait_end()
            await client.leave()
        return (cpu_seconds(server) - before) / repeats

    plain = await cost("abc")
    assert await cost(f'2["sendMessage",{value}]') - plain < 0.005


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("text", [r"\ud83d", r"\ude00", r"hello \ud83d", r"\ude00\ud83d", r"\uD83D\uD83D\uDE00"])
async def test_lone_surrogate_is_a_bad_argument(server: RunningServer, transport: str, text: str) -> None:
    sender, partner = await chat(server.url, transport)
    await sender.raw(f'2["sendMessage","{text}"]')
    (error,) = await sender.expect("eventError")
    assert (error["event"], error["code"]) == ("sendMessage", "bad_argument")
    await sender.raw(f'27["sendMessage","{text}"]')
    answer = await sender.answer(7)
    assert (answer["ok"], answer["code"]) == (False, "bad_argument")
    await sender.raw(r'2["sendMessage","\ud83d\ude00"]')
    assert (await partner.expect("message"))[0]["text"] == "\N{GRINNING FACE}"
    await sender.leave()
    await partner.leave()


# --- events that nobody knows


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    "name", ["no-such-event", "", "constructor", "__proto__", "toString", "error", "ping", "message"]
)
async def test_unknown_event(server: RunningServer, transport: str, name: str) -> None:
    client = await SocketClient.join(server.url, transport)
    await client.emit(name, {"a": [1]})
    (error,) = await client.expect("eventError")
    assert (error["event"], error["code"]) == (name, "unknown_event")
    answer = await client.call(name)
    assert (answer["ok"], answer["code"]) == (False, "unknown_event")
    await client.raw(f"51-{json.dumps([name])[:-1]},{ONE}]", b"x")
    assert (await client.expect("eventError"))[0]["code"] == "unknown_event"
    await client.leave()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_unknown_event_of_the_greatest_size_is_answered_shortly(server: RunningServer, transport: str) -> None:
    client = await SocketClient.join(server.url, transport)
    maximum = client.engine.handshake.max_payload
    before = client.engine.received
    await client.raw('2["' + "x" * (maximum - 7) + '"]')
    assert (await client.expect("eventError"))[0]["code"] == "unknown_event"
    assert client.engine.received - before < 1_000
    await client.leave()


async def test_bystanders_can_notice(server: RunningServer, bystanders: Bystanders) -> None:
    """The pair that stands beside every test does see a third person come and go."""
    client = await SocketClient.join(server.url)
    (online,) = await bystanders.first.expect("onlineUsers")
    while online != 3:
        (online,) = await bystanders.first.expect("onlineUsers")
    await client.leave()
