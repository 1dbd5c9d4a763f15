"""What a person sees and hears of a call, measured in their own page (see probe.js), and what it said on the wire."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, FloatRect, Request, WebSocket, expect

from tests.support.letters import Letterbox
from tests.web.people import Person

PROBE = Path(__file__).with_name("probe.js")
FRAMES = 12  # of a picture that moves: Chromium's made-up camera makes 20 to 30 a second
CLEAR = 12  # of 255: a step between two neighbouring points that no blurred picture has, and any other one does
TURNS = 40  # until one gives up waiting for something
STEP = 9  # seconds: two are an attempt to connect, and one is less than a page waits for an answer of the server
BEEP = (150, 1500)  # hertz, around that of the made-up microphone


class Caller(Person):
    """Somebody whose media are watched."""

    def __init__(self, browser: Browser, url: str, letters: Letterbox, **options: object) -> None:
        super().__init__(browser, url, letters, **options)
        self.told: list[str] = []
        self._unanswered: set[str] = set()
        self.page.add_init_script(path=PROBE)
        self.page.on("websocket", self._on_websocket)
        self.page.on("request", self._on_request)

    # --- seeing and hearing

    def shows(self) -> None:
        """Lets the partner be seen and heard."""
        self.button("Show video").click()

    def sees_nobody(self) -> None:
        """The place of the partner's picture is empty: nothing is seen of it, or said of it by a screen reader."""
        expect(self.partner).to_have_css("opacity", "0")
        expect(self.partner).to_have_attribute("aria-hidden", "true")

    def sees_partner(self) -> None:
        """A picture that moves, in the colour of the made-up camera, as sharp as it came."""
        expect(self.partner).to_be_visible()
        self._is_the_camera(self.probe(f"partnerMoves({FRAMES})"))
        assert self.probe("until(() => getComputedStyle(probe.partner()).filter, (f) => f === 'none')") == "none"
        edges = 0
        for _ in range(TURNS):  # a busy browser paints a little later than it plays
            edges = edges if edges > CLEAR else self.edges()
        assert edges > CLEAR, edges

    def hears_partner(self) -> None:
        """The tone of the made-up microphone, on a video that is not silent."""
        heard = self.probe("tone()")
        assert heard["peak"] > 0.3, heard
        assert BEEP[0] < heard["pitch"] < BEEP[1], heard
        assert self.probe("sounds()") is True

    def is_not_shown(self) -> None:
        """The partner's picture is there and moves, but nobody could know anyone in it; nothing sounds."""
        expect(self.button("Show video")).to_be_visible()
        assert self.probe(f"partnerMoves({FRAMES})")["frames"] >= FRAMES
        edges = self.edges()
        assert edges < CLEAR, edges
        assert self.probe("sounds()") is False

    def sees_self(self) -> None:
        """One's own picture moves."""
        self._is_the_camera(self.probe(f"selfMoves({FRAMES})"))

    def edges(self) -> int:
        """The sharpest edge in that part of the partner's picture which nothing lies over."""
        box = self.page.locator(".stage").bounding_box()
        assert box is not None
        part: FloatRect = {"x": box["x"], "y": box["y"] + 80, "width": box["width"] / 4, "height": box["height"] - 80}
        png = base64.b64encode(self.page.screenshot(clip=part)).decode()
        return int(self.page.evaluate("(png) => probe.edges(png)", png))

    def _is_the_camera(self, seen: dict[str, Any]) -> None:
        red, green, blue = seen["colour"]
        assert seen["frames"] >= FRAMES, seen
        assert seen["changed"] > 0, seen
        assert green > red + 60, seen
        assert green > blue + 60, seen

    def sees(self, text: str) -> bool:
        """Whether the text is on the page now."""
        return self.page.get_by_text(text).first.is_visible()

    # --- the page's own account

    def probe(self, what: str) -> Any:
        """Asks probe.js."""
        return self.page.evaluate(f"() => probe.{what}")

    def open_devices(self, kind: str = "") -> int:
        """How many cameras and microphones (`video`, `audio`) of this page are open now."""
        return int(self.probe(f"open({json.dumps(kind)})"))

    def closes_devices(self) -> None:
        """Every light goes out, sooner or later."""
        assert self.probe("until(() => probe.open(''), (open) => open === 0)") == 0

    def way(self) -> list[str]:
        """How the two browsers reach each other: the kinds of the candidates at this end and at the other one."""
        found: list[str] = self.probe("until(() => probe.way(), (way) => way.every(Boolean))")
        return found

    # --- the wire

    def candidates(self) -> list[str]:
        """Every candidate that was sent to the partner, also within descriptions."""
        return re.findall(r"candidate:\d+ [^\"\\]*", "\n".join(self.told))

    def offers(self) -> int:
        """How many offers were made."""
        return sum('"webrtc-offer"' in frame for frame in self.told)

    def state(self) -> str:
        """Where the call stands, for whoever reads why a test has failed."""
        peers = self.probe(
            "peers.map((one) => `${one.connectionState} ${one.iceGatheringState} ${one.signalingState}`)"
        )
        said = [frame.partition("[")[2][:60] for frame in self.told if "[" in frame]
        return f"{self.page.locator('body').inner_text()!r}\n  {peers}\n  {said[-20:]}"

    def media(self) -> dict[str, bool]:
        """What the partner was told last: whether one is heard, seen, and shows a screen."""
        said = re.findall(r'"mediaState",(\{[^}]*\})', "\n".join(self.told))
        return dict(json.loads(said[-1])) if said else {}

    def is_answered(self) -> bool:
        """Whether the server has answered everything that this page has said."""
        return not self._unanswered

    def _on_websocket(self, line: WebSocket) -> None:
        self._unanswered.clear()
        line.on("framesent", self._on_sent)
        line.on("framereceived", self._on_received)

    def _on_sent(self, frame: str | bytes) -> None:
        self.told.append(str(frame))
        if asked := re.match(r"42(\d+)\[", str(frame)):
            self._unanswered.add(asked[1])

    def _on_received(self, frame: str | bytes) -> None:
        if answered := re.match(r"43(\d+)\[", str(frame)):
            self._unanswered.discard(answered[1])

    def _on_request(self, request: Request) -> None:
        if "/socket.io/" in request.url and request.method == "POST":
            self.told.append(request.post_data or "")

    @property
    def partner(self) -> Any:
        """The partner's picture."""
        return self.page.get_by_label("The picture of")


def call(*people: Caller) -> None:
    """Two people meet by video, and let each other be seen."""
    for person in people:
        if person.page.url == "about:blank":
            person.come_as_guest()
    for person in people:
        person.seek_by_video()
    for person in people:
        person.meets()
        person.shows()


def run_ahead(*people: Caller, until: Callable[[], bool], seconds: int = STEP) -> None:
    """Moves the clocks of their pages on, so many seconds at a time, until something has come of it.

    No clock can be moved on the wire, nor in what a browser does by itself: one page after the other runs ahead, and
    what it has brought about gets to the other one first.
    """
    for _ in range(TURNS):
        for person in people:
            if until():
                return
            person.page.clock.fast_forward(seconds * 1000)
            person.page.wait_for_timeout(300)
            settle(*people)
    raise AssertionError("\n".join(person.state() for person in people))


def settle(*people: Caller) -> None:
    """Waits until the server has answered all that the pages have said."""
    for _ in range(TURNS):
        if all(person.is_answered() for person in people):
            return
        people[0].page.wait_for_timeout(100)
