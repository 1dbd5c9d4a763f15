"""Acknowledgements say what the declarations promise, from which the page's types are made."""

from typing import Any, get_args

import msgspec
import pytest

from meetmates.domain import errors
from meetmates.edge.events import ACKS, ClientEvent, EventError, Refusal
from tests.edge.house import House
from tests.support.travel import travelling

NAMES = [str(kind.__struct_config__.tag) for kind in get_args(ClientEvent)]
ARGUMENTS: dict[str, list[Any]] = {
    "keepInTouch": [True],
    "sendMessage": ["hello"],
    "typing": [True],
    "mediaState": [{"audio": True, "video": True}],
    "webrtc-offer": [{"offer": {}}],
    "webrtc-answer": [{"answer": {}}],
    "ice-candidate": [{"candidate": None}],
    "report": [{"reason": "spam"}],
}
REFUSED = {"refreshToken", "cancelSearch"}  # of what is no token; while chatting


@pytest.mark.parametrize("name", sorted(set(NAMES) - REFUSED))
@travelling
async def test_an_acknowledgement_is_what_is_declared(name: str) -> None:
    house = House()
    ana, ben = house.enter("ana"), house.enter("ben")
    await house.chat(ana, ben)
    told = await ana.ask(name, *ARGUMENTS.get(name, []))
    assert told.pop("ok") is True
    assert told.keys() == set(ACKS[name].__struct_encode_fields__ if name in ACKS else ())
    if name in ACKS:
        msgspec.convert(told, ACKS[name])


@travelling
async def test_a_refusal_is_what_is_declared() -> None:
    ana = House().enter()
    msgspec.convert(ana.call("sendMessage", "nobody hears it"), Refusal)
    for _ in range(30):
        told = ana.call("leaveChat")
    assert msgspec.convert(told, Refusal).retry_after
    ana.say("leaveChat")
    ((_, error),) = ana.heard()
    assert msgspec.convert(error, EventError).retry_after
    codes = msgspec.json.schema(Refusal)["$defs"]["Refusal"]["properties"]["code"]["enum"]
    assert told["code"] == error["code"] == "rate_limited"
    assert set(codes) == {refusal.value.code for refusal in errors.Refusal}
