"""Whatever comes, the parsers answer with a packet or a violation, and keep nothing."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from meetmates.wire.engine_packets import decode_payload
from meetmates.wire.engine_session import Action, Channel, EngineSession
from meetmates.wire.errors import ProtocolViolation
from meetmates.wire.socket_packets import decode_event, encode, parse
from meetmates.wire.socket_session import SocketSession

CASES = int(os.environ.get("MEETMATES_TEST_FUZZ", "4000"))
fuzz = settings(max_examples=CASES, deadline=None, print_blob=True)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PIECES = st.sampled_from(
    ["0", "1", "2", "3", "4", "5", "6", "-", "/", "/a,", ",", "[", "]", "{", "}", '"', '["a"]', '{"_placeholder":true,"num":0}',
     "\\ud83d", "NaN", "12", "probe", "\x1e", "b", "AQ==", "é", "\ud7ff"]
)  # fmt: skip
ALMOST = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40)


@fuzz
@given(ALMOST)
def test_any_text_is_a_packet_or_a_violation(text: str) -> None:
    try:
        packet = parse(text, 0, decode_event)
    except ProtocolViolation:
        return
    assert packet.namespace.startswith("/")
    assert packet.attachments <= 10


@fuzz
@given(st.lists(ALMOST | st.binary(max_size=20), max_size=12))
def test_any_sequence_leaves_a_bounded_session(parts: list[str | bytes]) -> None:
    engine = EngineSession(Channel.WEBSOCKET)
    session = SocketSession()
    session.accept("/", "x")
    try:
        for part in parts:
            if engine.receive(part, Channel.WEBSOCKET) is not Action.DELIVER:
                continue
            packet = session.receive_text(part, 1) if isinstance(part, str) else session.receive_binary(part)
            assert packet is None or packet.namespace
    except ProtocolViolation:
        pass
    assert len(session._attachments) < 10


@fuzz
@given(st.binary(max_size=60) | ALMOST.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_body_is_a_payload_or_refused(body: bytes) -> None:
    try:
        packets = decode_payload(body)
    except (ProtocolViolation, UnicodeDecodeError):
        return
    assert len(packets) == body.count(b"\x1e") + 1


@fuzz
@given(
    st.text(min_size=1).filter(lambda name: "connect" not in name and "Listener" not in name),
    st.lists(JSON, max_size=3),
)
def test_what_we_encode_anybody_can_decode(name: str, args: list[object]) -> None:
    from meetmates.wire.socket_packets import Type

    (text,) = encode(Type.EVENT, "/", None, [name, *args])
    packet = parse(text.decode(), 1, decode_event)
    assert packet.data == [name, *args]
