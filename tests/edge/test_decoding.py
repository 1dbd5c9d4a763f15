"""From JSON to events: every shape that each event may have, and what becomes of the others.

Longer than most files: it is the table of every event, and of everything that looks like one.
"""

import json
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from meetmates.domain.errors import Refusal
from meetmates.domain.ladder import REASONS
from meetmates.domain.ladder import Kind as Rung
from meetmates.edge import events
from meetmates.edge.decoding import NAMES, Misfit, decode, judge, misfit_of, name_of
from meetmates.wire.errors import ProtocolViolation

OFFER = {"type": "offer", "sdp": "v=0"}
MEDIA = {"audio": True, "video": False}
REPORT = {"reason": "threat", "chatId": "chat1", "note": "He said so.", "evidence": True}
OPTIONS = events.SeekOptions("ana@college.edu", True, ["chess"], "en")
LONGEST = events.ReportOptions("other", note="\N{GRINNING FACE}" * 1000)
FITS: list[tuple[list[Any], object]] = [
    (["findChat"], events.FindChat()),
    (["findChat", None], events.FindChat()),
    (["findChat", "ana@college.edu"], events.FindChat("ana@college.edu")),
    (["findChat", "ana@college.edu", True], events.FindChat("ana@college.edu", True)),
    (["findChat", None, None], events.FindChat()),
    (["findChat", None, False], events.FindChat(None, False)),
    (["findChat", {}], events.FindChat(events.SeekOptions())),
    (["findChat", {"withVideo": True}], events.FindChat(events.SeekOptions(with_video=True))),
    (["findChat", {"withVideo": None, "interests": None, "language": None}], events.FindChat(events.SeekOptions())),
    (
        ["findChat", {"collegeEmail": "ana@college.edu", "withVideo": True, "interests": ["chess"], "language": "en"}],
        events.FindChat(OPTIONS),
    ),
    (["findChat", {"more": 1}], events.FindChat(events.SeekOptions())),
    (["next"], events.Next()),
    (["cancelSearch"], events.CancelSearch()),
    (["leaveChat"], events.LeaveChat()),
    (["sendMessage", "hi"], events.SendMessage("hi")),
    (["sendMessage", "", "a1"], events.SendMessage("", "a1")),
    (["sendMessage", "\N{GRINNING FACE}", None], events.SendMessage("\N{GRINNING FACE}")),
    (["typing", True], events.Typing(True)),
    (["ready-to-connect"], events.ReadyToConnect()),
    (["webrtc-offer", {"offer": OFFER}], events.WebrtcOffer(events.OfferPayload(OFFER))),
    (["webrtc-answer", {"answer": OFFER}], events.WebrtcAnswer(events.AnswerPayload(OFFER))),
    (["ice-candidate", {"candidate": {"a": 1}}], events.IceCandidate(events.CandidatePayload({"a": 1}))),
    (["ice-candidate", {"candidate": None}], events.IceCandidate(events.CandidatePayload(None))),
    (["ice-candidate", {"candidate": ""}], events.IceCandidate(events.CandidatePayload(""))),
    (["mediaState", MEDIA], events.MediaState(events.Media(True, False))),
    (["mediaState", MEDIA | {"screen": True}], events.MediaState(events.Media(True, False, True))),
    (["keepInTouch", True], events.KeepInTouch(True)),
    (["refreshToken", "a.b.c"], events.RefreshToken("a.b.c")),
    (["iceKey"], events.IceKey()),
    (["block"], events.Block()),
    (["block", None], events.Block()),
    (["block", {}], events.Block(events.BlockOptions())),
    (["block", {"chatId": None}], events.Block(events.BlockOptions())),
    (["block", {"chatId": "chat1", "more": 1}], events.Block(events.BlockOptions("chat1"))),
    (["report", {"reason": "spam"}], events.Report(events.ReportOptions("spam"))),
    (["report", REPORT], events.Report(events.ReportOptions("threat", "chat1", "He said so.", True))),
    (
        ["report", {"reason": "minor", "chatId": None, "note": None, "evidence": False}],
        events.Report(events.ReportOptions("minor")),
    ),
    (["report", {"reason": "other", "note": "\N{GRINNING FACE}" * 1000}], events.Report(LONGEST)),
    (["next", "what the server does not ask for", 7], events.Next()),
]
BAD_ARGUMENTS: list[list[Any]] = [
    ["findChat", 7],
    ["findChat", True],
    ["findChat", ["ana@college.edu"]],
    ["findChat", None, "yes"],
    ["findChat", None, 1],
    ["findChat", {"withVideo": "yes"}],
    ["findChat", {"interests": "chess"}],
    ["findChat", {"interests": [1]}],
    ["findChat", {"language": ["en"]}],
    ["findChat", {"collegeEmail": "x" * 321}],
    ["sendMessage"],
    ["sendMessage", None],
    ["sendMessage", 7],
    ["sendMessage", ["hi"]],
    ["sendMessage", {"text": "hi"}],
    ["sendMessage", "hi", 7],
    ["typing"],
    ["typing", "true"],
    ["typing", 1],
    ["webrtc-offer"],
    ["webrtc-offer", None],
    ["webrtc-offer", "v=0"],
    ["webrtc-offer", {}],
    ["webrtc-offer", {"offer": None}],
    ["webrtc-offer", {"offer": "v=0"}],
    ["webrtc-offer", {"answer": OFFER}],
    ["webrtc-answer", {"offer": OFFER}],
    ["ice-candidate"],
    ["ice-candidate", {}],
    ["ice-candidate", {"candidate": 7}],
    ["ice-candidate", {"candidate": ["a"]}],
    ["mediaState"],
    ["mediaState", {"audio": True}],
    ["mediaState", {"audio": 1, "video": 0}],
    ["mediaState", True, True],
    ["keepInTouch"],
    ["keepInTouch", None],
    ["keepInTouch", "yes"],
    ["keepInTouch", 1],
    ["refreshToken"],
    ["refreshToken", None],
    ["refreshToken", "x" * 8193],
    ["block", "chat1"],
    ["block", ["chat1"]],
    ["block", {"chatId": 7}],
    ["block", {"chatId": "x" * 65}],
    ["report"],
    ["report", None],
    ["report", "spam"],
    ["report", {}],
    ["report", {"reason": None}],
    ["report", {"reason": "Spam"}],
    ["report", {"reason": "because"}],
    ["report", {"reason": "spam", "chatId": 7}],
    ["report", {"reason": "spam", "chatId": "x" * 65}],
    ["report", {"reason": "spam", "note": 7}],
    ["report", {"reason": "spam", "note": "x" * 1001}],
    ["report", {"reason": "spam", "evidence": "yes"}],
    ["report", {"reason": "spam", "evidence": 1}],
    ["report", {"reason": "spam", "evidence": None}],
]
UNKNOWN = [
    ["no-such-event"],
    [""],
    ["FindChat"],
    ["findchat"],
    ["message", "hi"],
    ["waiting"],
    ["__proto__"],
    ["x" * 9999],
]
NO_EVENT = {
    "no array": "{}",
    "empty": "[]",
    "a number as name": "[1]",
    "null as name": "[null]",
    "an object as name": '[{"toString":"x"}]',
    "an array as name": '[["next"]]',
    "cut": '["next"',
    "something behind it": '["next"]x',
    "NaN": '["sendMessage",NaN]',
    "5,000 digits": f'["sendMessage",{"9" * 5000}]',
    "100,000 deep": f'["sendMessage",{"[" * 100_000}',
    "99,000 deep and closed": f'["sendMessage",{"[" * 99_000}{"]" * 99_000}]',
    "a reserved name": '["disconnect"]',
    "another reserved name": '["newListener",1]',
}
HALF = '"\\ud83d"'  # of an emoji: a front end has cut it


@pytest.mark.parametrize(
    ("event", "expected"), FITS, ids=lambda value: json.dumps(value) if type(value) is list else ""
)
def test_what_fits(event: list[Any], expected: object) -> None:
    assert decode(json.dumps(event)) == expected
    assert decode(json.dumps(event, ensure_ascii=False, indent=1)) == expected
    assert name_of(decode(json.dumps(event))) == event[0]


@pytest.mark.parametrize("event", BAD_ARGUMENTS, ids=lambda event: json.dumps(event)[:60])
def test_arguments_that_an_event_does_not_take(event: list[Any]) -> None:
    assert decode(json.dumps(event)) == Misfit(event[0], Refusal.BAD_ARGUMENT)


@pytest.mark.parametrize("event", UNKNOWN, ids=lambda event: json.dumps(event)[:60])
def test_events_that_are_none_of_ours(event: list[Any]) -> None:
    misfit = decode(json.dumps(event))
    assert misfit == Misfit(event[0], Refusal.UNKNOWN_EVENT)
    assert name_of(misfit) == event[0]


@pytest.mark.parametrize("case", NO_EVENT)
def test_what_no_client_could_mean(case: str) -> None:
    with pytest.raises(ProtocolViolation):
        decode(NO_EVENT[case])


@pytest.mark.parametrize(
    "text",
    [
        f'["sendMessage",{HALF}]',
        f'["sendMessage","hi",{HALF}]',
        f'["findChat",{{"interests":[{HALF}]}}]',
        '["sendMessage","\\ude00\\ud83d"]',
    ],
)
def test_half_a_character_is_a_bad_argument(text: str) -> None:
    assert decode(text) == Misfit(json.loads(text)[0], Refusal.BAD_ARGUMENT)


def test_half_a_character_in_an_event_that_is_none_of_ours() -> None:
    assert decode(f'["no-such-event",{HALF}]') == Misfit("no-such-event", Refusal.UNKNOWN_EVENT)


def test_a_whole_character_in_two_escapes_is_no_half() -> None:
    assert decode('["sendMessage","\\ud83d\\ude00"]') == events.SendMessage("\N{GRINNING FACE}")


def test_an_event_with_attachments_was_never_read_into_a_struct() -> None:
    assert misfit_of(["sendMessage", b"\x01"]) == Misfit("sendMessage", Refusal.BAD_ARGUMENT)
    assert misfit_of(["no-such-event", b"\x01"]) == Misfit("no-such-event", Refusal.UNKNOWN_EVENT)
    assert judge(["next", b"\x01"]).refusal is Refusal.BAD_ARGUMENT


def test_every_declared_event_is_tried_here() -> None:
    assert {event[0] for event, _ in FITS} == NAMES
    assert all(isinstance(expected, msgspec.Struct) for _, expected in FITS)


def test_the_reasons_and_rungs_are_those_of_the_rules() -> None:
    reasons = get_args(get_type_hints(events.ReportOptions)["reason"])
    assert reasons == REASONS
    assert get_args(get_type_hints(events.Sanctioned)["kind"]) == tuple(Rung)
