"""Payloads of long-polling: Engine.IO protocol v4, "Payload encoding"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetmates.wire.engine_packets import Outgoing, decode_payload, encode_payload, encoded_size
from meetmates.wire.errors import ProtocolViolation


def test_one_packet_is_itself() -> None:
    assert decode_payload(b"4hello") == ["4hello"]


def test_several_packets_stand_behind_each_other() -> None:
    assert decode_payload("4grüße\x1e2\x1ebAQIDBA==".encode()) == ["4grüße", "2", b"\x01\x02\x03\x04"]


@pytest.mark.parametrize("body", [b"b?", b"bAQ", b"b\xc3\xa9"])
def test_binary_that_is_no_base64_is_a_violation(body: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        decode_payload(body)


def test_invalid_utf8_is_told_apart() -> None:
    with pytest.raises(UnicodeDecodeError):
        decode_payload(b"4\xff")


@given(
    st.lists(
        st.one_of(st.binary(max_size=9).map(bytearray), st.text("ab", max_size=5).map(lambda t: b"4" + t.encode())),
        min_size=1,
    )
)
def test_what_is_encoded_can_be_decoded(packets: list[Outgoing]) -> None:
    body = encode_payload(packets)
    assert len(body) + 1 == sum(map(encoded_size, packets))
    decoded = decode_payload(body)
    assert decoded == [bytes(p) if isinstance(p, bytearray) else p.decode() for p in packets]
