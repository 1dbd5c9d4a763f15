"""Twenty chats in a row leave nothing behind: no connection, no open device, no listener, no memory."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, expect

from tests.web.conftest import Newcomer
from tests.web.people import Person

FEW, ALL = 8, 20
HAVE_ENOUGH_DATA = 4  # HTMLMediaElement.readyState
COLLECTIONS = 5  # each lets go what the one before has untied
ROOM = 1.1  # the heap of a page that does the same again is never quite the same


@dataclass(frozen=True)
class Inventory:
    """What a page holds once everything that nobody needs is gone."""

    connections: int
    tracks: int
    open_tracks: int
    streams: int
    listeners: int
    nodes: int
    heap: int  # bytes


def test_twenty_chats_leave_nothing_behind(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    people = (ana, ben)
    for person in people:
        person.come_as_guest()
    chats(ana, ben, FEW)
    early = [inventory(person) for person in people]
    chats(ana, ben, ALL - FEW)
    late = [inventory(person) for person in people]
    for before, after in zip(early, late, strict=True):
        assert before.connections == after.connections == 0
        assert before.open_tracks == after.open_tracks == 0
        assert after.tracks < ALL  # of the last chats some that have ended may wait to be collected, of each one none
        assert after.streams < ALL
        assert after.listeners <= before.listeners
        assert after.nodes <= before.nodes * ROOM
        assert after.heap <= before.heap * ROOM


def chats(ana: Person, ben: Person, number: int) -> None:
    """So many video chats one after the other, each until both have a picture; then back to the start."""
    for person in (ana, ben):
        person.seek_by_video()
    for turn in range(number):
        for person in (ana, ben):
            person.button("Show video").click()
            expect(person.page.get_by_label("The picture of")).to_have_js_property("readyState", HAVE_ENOUGH_DATA)
        ana.say(f"Chat {turn}")
        ben.hears(f"Chat {turn}")
        if turn < number - 1:
            (ana, ben)[turn % 2].next()
    ana.choose("Leave the chat")
    ben.reads("has left.")
    for person in (ana, ben):
        person.button("Back to start").click()
        person.is_at("/start")


def inventory(person: Person) -> Inventory:
    """Counted by the browser itself."""
    browser = person.context.new_cdp_session(person.page)
    for _ in range(COLLECTIONS):
        browser.send("HeapProfiler.collectGarbage")
        person.page.wait_for_timeout(100)  # for what ends in a task of its own
    counters = browser.send("Memory.getDOMCounters")
    found = Inventory(
        connections=count(browser, "RTCPeerConnection"),
        tracks=count(browser, "MediaStreamTrack"),
        open_tracks=count(browser, "MediaStreamTrack", ".filter((one) => one.readyState === 'live')"),
        streams=count(browser, "MediaStream"),
        listeners=counters["jsEventListeners"],
        nodes=counters["nodes"],
        heap=browser.send("Runtime.getHeapUsage")["usedSize"],
    )
    browser.detach()
    return found


def count(browser: CDPSession, kind: str, which: str = "") -> int:
    """How many objects of this kind there are."""
    group = {"objectGroup": "inventory"}
    model: dict[str, Any] = browser.send("Runtime.evaluate", {"expression": f"{kind}.prototype", **group})["result"]
    found = browser.send("Runtime.queryObjects", {"prototypeObjectId": model["objectId"], **group})["objects"]
    function = f"function () {{ return this{which}.length }}"
    answer = browser.send("Runtime.callFunctionOn", {"objectId": found["objectId"], "functionDeclaration": function})
    browser.send("Runtime.releaseObjectGroup", group)
    return int(answer["result"]["value"])
