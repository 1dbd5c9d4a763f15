"""Socket.IO packets, well-formed and not: Socket.IO protocol v5, "Packet encoding"."""

from typing import Any

import pytest

from meetmates.wire.errors import ProtocolViolation
from meetmates.wire.socket_packets import Packet, Type, Unreadable, decode_event, encode, parse, put_back


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", Packet(Type.CONNECT, "/", None, {})),
        ('0{"token":"123"}', Packet(Type.CONNECT, "/", None, {"token": "123"})),
        ("0/admin,", Packet(Type.CONNECT, "/admin", None, {})),
        ("0/admin", Packet(Type.CONNECT, "/admin", None, {})),
        ('0/admin?a=b,{"x":1}', Packet(Type.CONNECT, "/admin?a=b", None, {"x": 1})),
        ("1", Packet(Type.DISCONNECT, "/", None, None)),
        ("1/admin,", Packet(Type.DISCONNECT, "/admin", None, None)),
        ('2["hey","Jude"]', Packet(Type.EVENT, "/", None, ["hey", "Jude"])),
        ('212["hey"]', Packet(Type.EVENT, "/", 12, ["hey"])),
        ('2/admin,456["hey"]', Packet(Type.EVENT, "/admin", 456, ["hey"])),
        ('3/admin,456["ok"]', Packet(Type.ACK, "/admin", 456, ["ok"])),
        ("31[]", Packet(Type.ACK, "/", 1, [])),
        (
            '51-["a",{"_placeholder":true,"num":0}]',
            Packet(Type.BINARY_EVENT, "/", None, ["a", {"_placeholder": True, "num": 0}], 1),
        ),
        ('510-/x,7["a"]', Packet(Type.BINARY_EVENT, "/x", 7, ["a"], 10)),
        ('61-7[{"_placeholder":true,"num":0}]', Packet(Type.BINARY_ACK, "/", 7, [{"_placeholder": True, "num": 0}], 1)),
    ],
)
def test_sound_packets(text: str, expected: Packet) -> None:
    assert parse(text, 0, decode_event) == expected
    assert parse("4" + text, 1, decode_event) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "abc", "999", "7", "-1", "4{}", '42["some","data"', "5", "51", "5a-", "51.23-", "50-[]", "511-[]", "5-1-[]", '5999-["a"]',
        "2", "2{}", '2"a"', "2[", "2[]", "2[1]", "2[null]", '2[{"a":1}]', '2ab["x"]', '2/x{}', "2/admin,{}",
        f'2{"1" * 17}["a"]', "0[]", '0/admin,"invalid"', "0null", "01", "0{", '00{"a":1}', "1{}", "1/admin,{}", "11",
        "3[]", "3", "31", "31{}", "61-[]", "6", '2["connect"]', '2["connect_error",1]', '2["disconnect"]',
        '2["disconnecting"]', '2["newListener"]', '2["removeListener"]', "2[" * 1000, '2["a",' + "[" * 100_000,
        '2["a",' + "1" * 5000 + "]", '2["a",NaN]', '2["a",Infinity]', '2["a",-Infinity]', '2["a",1e999]',
        '2["a","\\ud83d",NaN]', '2["a","\\ud83d",' + "1" * 50 + "]", '2[1,"\\ud83d"]', '2["connect","\\ud83d"]',
        '2["a","\\ud83d"', '2["a","\\x"]', '51-["a","\\ud83d"]', '2["a",' + '"\\ud83d",' + "[" * 100_000,
        '2["\x00"]', '2["a"]x', "2['a']",
    ],
)  # fmt: skip
def test_broken_packets(text: str) -> None:
    with pytest.raises(ProtocolViolation):
        parse(text, 0, decode_event)


@pytest.mark.parametrize("text", ['2["hey","\\ud83d"]', '2["hey","x \\uDE00 y",12]', '27["hey","\\ud83d\\ud83d"]'])
def test_an_emoji_cut_in_two_is_unreadable_but_no_violation(text: str) -> None:
    assert parse(text, 0, decode_event).data == Unreadable("hey")


def test_a_whole_emoji_is_read() -> None:
    assert decode_event('["hey","\\ud83d\\ude00"]') == ["hey", "😀"]


@pytest.mark.parametrize(
    ("type", "namespace", "id", "data", "expected"),
    [
        (Type.CONNECT, "/", None, {"sid": "x"}, [b'40{"sid":"x"}']),
        (Type.CONNECT_ERROR, "/random", None, {"message": "m"}, [b'44/random,{"message":"m"}']),
        (Type.DISCONNECT, "/", None, None, [b"41"]),
        (Type.EVENT, "/custom", None, ["auth", {}], [b'42/custom,["auth",{}]']),
        (Type.ACK, "/", 456, [1, {"3": [False]}], [b'43456[1,{"3":[false]}]']),
        (Type.EVENT, "/", None, ["m", b"\1", [bytearray(b"\2")]], [
            b'452-["m",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]]', bytearray(b"\1"), bytearray(b"\2"),
        ]),
        (Type.ACK, "/", 7, [{"a": b"\1"}], [b'461-7[{"a":{"_placeholder":true,"num":0}}]', bytearray(b"\1")]),
    ],
)  # fmt: skip
def test_encoding(type: Type, namespace: str, id: int | None, data: Any, expected: list[bytes | bytearray]) -> None:
    assert encode(type, namespace, id, data) == expected


HOLDER = {"_placeholder": True, "num": 0}


def test_placeholders_are_replaced_wherever_they_stand() -> None:
    value = ["a", HOLDER, {"x": [{"_placeholder": True, "num": 1}], "_placeholder": False}]
    assert put_back(value, [b"\1", b"\2"]) == ["a", b"\1", {"x": [b"\2"], "_placeholder": False}]


@pytest.mark.parametrize("number", [-1, 7, "a", 1.5, None, True, 1])
def test_a_placeholder_must_refer_to_an_attachment(number: object) -> None:
    with pytest.raises(ProtocolViolation):
        put_back(["a", {"_placeholder": True, "num": number}], [b"x"])


def test_an_attachment_is_used_exactly_once() -> None:
    with pytest.raises(ProtocolViolation):
        put_back(["a"] + [HOLDER] * 1000, [b"x"])
    with pytest.raises(ProtocolViolation):
        put_back(["a"], [b"x"])


def test_data_nested_too_deeply_is_a_violation() -> None:
    value: list[Any] = [HOLDER]
    for _ in range(2000):
        value = [value]
    with pytest.raises(ProtocolViolation):
        put_back(value, [b"x"])
