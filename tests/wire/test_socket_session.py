"""Namespaces, attachments and acknowledgements: Socket.IO protocol v5, "Exchange protocol"."""

import pytest

from meetmates.wire.errors import ProtocolViolation
from meetmates.wire.socket_packets import Packet, Type
from meetmates.wire.socket_session import MAX_NAMESPACES, MAX_REFUSED, SocketSession


def connected(*namespaces: str) -> SocketSession:
    session = SocketSession()
    for namespace in namespaces or ("/",):
        packet = session.receive_text(f"0{namespace},")
        assert packet is not None
        session.accept(namespace, f"sid of {namespace}")
    return session


def test_connect_then_event() -> None:
    session = SocketSession()
    packet = session.receive_text('0{"token":"x"}')
    assert packet == Packet(Type.CONNECT, "/", None, {"token": "x"})
    assert session.accept("/", "abc") == [b'40{"sid":"abc"}']
    assert session.receive_text('2["hey",1]') == Packet(Type.EVENT, "/", None, ["hey", 1])


@pytest.mark.parametrize("text", ['2["a"]', "1", '31["a"]', '2/other,["a"]', '51-["a"]'])
def test_nothing_comes_before_connect(text: str) -> None:
    with pytest.raises(ProtocolViolation):
        SocketSession().receive_text(text)


def test_a_second_connect_to_a_namespace_is_a_violation() -> None:
    with pytest.raises(ProtocolViolation):
        connected().receive_text("0")


def test_a_namespace_can_be_left_and_joined_again() -> None:
    session = connected("/", "/custom")
    assert session.receive_text("1/custom") == Packet(Type.DISCONNECT, "/custom", None, None)
    with pytest.raises(ProtocolViolation):
        session.receive_text('2/custom,["a"]')
    assert session.receive_text("0/custom") is not None
    assert session.receive_text('2["a"]') is not None


def test_a_refusal_leaves_the_namespace_closed() -> None:
    session = SocketSession()
    assert session.refuse("/random", "Invalid namespace") == [b'44/random,{"message":"Invalid namespace"}']
    assert session.refuse("/", "no", {"code": "x"}) == [b'44{"message":"no","data":{"code":"x"}}']
    with pytest.raises(ProtocolViolation):
        session.receive_text('2["a"]')


def test_a_flood_of_refused_connects_is_a_violation() -> None:
    session = SocketSession()
    for _ in range(MAX_REFUSED):
        session.refuse("/x", "no")
    with pytest.raises(ProtocolViolation):
        session.refuse("/x", "no")


def test_namespaces_are_bounded() -> None:
    session = connected(*(f"/{number}" for number in range(MAX_NAMESPACES)))
    with pytest.raises(ProtocolViolation):
        session.receive_text("0/more")


def test_attachments_complete_an_event() -> None:
    session = connected()
    assert session.receive_text('52-["a",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]') is None
    assert session.receive_binary(b"\1") is None
    packet = session.receive_binary(b"\2")
    assert packet is not None
    assert (packet.type, packet.data) == (Type.BINARY_EVENT, ["a", b"\2", b"\1"])
    assert session.receive_text('2["b"]') is not None


def test_text_while_attachments_are_owed_is_a_violation() -> None:
    session = connected()
    session.receive_text('51-["a",{"_placeholder":true,"num":0}]')
    assert session.root_event('2["b"]', 0) is None
    with pytest.raises(ProtocolViolation):
        session.receive_text('2["b"]')


def test_an_attachment_that_nobody_announced_is_a_violation() -> None:
    with pytest.raises(ProtocolViolation):
        connected().receive_binary(b"x")


def test_acknowledgements_go_both_ways() -> None:
    session = connected("/", "/custom")
    assert session.ack("/", 7, "ok", 1) == [b'437["ok",1]']
    assert session.event_with_ack("/", "q") == (0, [b'420["q"]'])
    assert session.event_with_ack("/", "q", 1) == (1, [b'421["q",1]'])
    assert session.event_with_ack("/custom", "q") == (0, [b'42/custom,0["q"]'])
    assert session.receive_text("30[5]") == Packet(Type.ACK, "/", 0, [5])


def test_an_event_of_the_root_namespace_can_be_read_with_no_packet_made() -> None:
    session = connected()
    assert session.root_event('42["hey"]', 1) == ["hey"]
    for text in ('420["hey"]', '42/x,["hey"]', "41", "40"):
        assert session.root_event(text, 1) is None
    assert SocketSession().root_event('42["hey"]', 1) is None


def test_the_server_ends_a_namespace() -> None:
    session = connected()
    assert session.event("/", "bye") == [b'42["bye"]']
    assert session.disconnect("/") == [b"41"]
    assert session.connected == {}


def test_the_end_of_the_session_is_the_end_of_every_namespace() -> None:
    session = connected("/", "/custom")
    assert session.close() == ["/", "/custom"]
    assert session.close() == []
    with pytest.raises(ProtocolViolation):
        session.receive_text('2["hello"]')
