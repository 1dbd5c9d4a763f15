"""What each packet means in each state: Engine.IO protocol v4, "Heartbeat" and "Upgrade"."""

import pytest

from meetmates.wire.engine_session import ACTIONS, Action, Channel, EngineSession, State
from meetmates.wire.errors import ProtocolViolation

POLLING, WEBSOCKET = Channel.POLLING, Channel.WEBSOCKET


def upgrading() -> EngineSession:
    session = EngineSession(POLLING)
    assert session.probe_opened()
    return session


def test_a_session_moves_from_polling_to_websocket() -> None:
    session = upgrading()
    assert session.receive("2probe", WEBSOCKET) is Action.ANSWER_PROBE
    assert session.receive("4hello", POLLING) is Action.DELIVER
    assert session.receive("5", WEBSOCKET) is Action.MOVE
    assert session.receive("4hello", WEBSOCKET) is Action.DELIVER
    assert session.state is State.WEBSOCKET


def test_only_one_websocket_may_probe() -> None:
    session = upgrading()
    assert not session.probe_opened()
    session.probe_lost()
    assert session.probe_opened()


def test_a_lost_probe_changes_nothing_once_the_session_has_moved() -> None:
    session = EngineSession(WEBSOCKET)
    session.probe_lost()
    assert session.state is State.WEBSOCKET


def test_a_pong_answers_a_ping_and_nothing_else() -> None:
    session = EngineSession(WEBSOCKET)
    session.awaits_pong = True
    assert session.receive("3", WEBSOCKET) is Action.BEAT
    with pytest.raises(ProtocolViolation):
        session.receive("3", WEBSOCKET)


@pytest.mark.parametrize("channel", [POLLING, WEBSOCKET])
def test_a_close_packet_ends_the_session(channel: Channel) -> None:
    session = EngineSession(channel)
    assert session.receive("1", channel) is Action.END
    for packet in ("4x", b"x"):
        with pytest.raises(ProtocolViolation):
            session.receive(packet, channel)


def test_binary_is_a_message_wherever_messages_may_come() -> None:
    assert EngineSession(POLLING).receive(b"x", POLLING) is Action.DELIVER
    with pytest.raises(ProtocolViolation):
        upgrading().receive(b"x", WEBSOCKET)


@pytest.mark.parametrize("packet", ["", "abc", "0", "2", "2probe", "5", "6", "3probe", "1x", "9"])
def test_anything_else_is_a_violation(packet: str) -> None:
    session = EngineSession(WEBSOCKET)
    session.awaits_pong = True
    with pytest.raises(ProtocolViolation):
        session.receive(packet, WEBSOCKET)


@pytest.mark.parametrize("packet", ["4x", "2", "2prob", "5", "3"])
def test_a_probe_begins_with_the_probe(packet: str) -> None:
    with pytest.raises(ProtocolViolation):
        upgrading().receive(packet, WEBSOCKET)


def test_polling_packets_on_a_session_that_has_moved_are_violations() -> None:
    with pytest.raises(ProtocolViolation):
        EngineSession(WEBSOCKET).receive("4x", POLLING)


def test_a_closed_session_has_no_row_in_the_table() -> None:
    session = EngineSession(POLLING)
    session.close()
    assert not any(state is State.CLOSED for state, _ in ACTIONS)
    with pytest.raises(ProtocolViolation):
        session.receive("4x", WEBSOCKET)
