"""Every screen, in both themes and both languages: nothing that shuts somebody out, nothing that sticks out.

The pictures are left in `build/screens`, one folder for each language, theme and size.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.support import axe
from tests.support.browser import DESKTOP, PHONE
from tests.support.letters import Letterbox
from tests.support.operator import operate
from tests.support.server import RunningServer
from tests.support.words import Words
from tests.web.conftest import Newcomer, a_server
from tests.web.looks import on_each_other, resize, sticking_out, use_finger
from tests.web.moderator import Moderator
from tests.web.people import PASSWORD, Person
from tests.web.tour import Stop, Tour

SCREENS = Path(__file__).parents[2] / "build" / "screens"
WIDTHS = {320: 568, 768: 1024, 2560: 1440}  # the smallest phone, a tablet, a wall
LAPTOP = 1000  # pixels; what is narrower is used with a finger
Theme = Literal["dark", "light"]
THEMES: tuple[Theme, ...] = ("dark", "light")
LOCALES = {"en": "en-GB", "hi": "hi-IN"}


@pytest.fixture(scope="module")
def server(letters: Letterbox) -> Iterator[RunningServer]:
    """One of its own: a page whose clock makes leaps must not take the silence for the end of the connection."""
    with a_server(letters, PING_TIMEOUT="2m") as running:
        yield running


@pytest.fixture(scope="module")
def moderator(browser: Browser, server: RunningServer, letters: Letterbox) -> str:
    """The address of somebody who needs a second factor."""
    somebody = Moderator(browser, server, letters)
    somebody.enter()
    somebody.close()
    return somebody.email


@pytest.fixture(scope="module")
def suspended(server: RunningServer) -> str:
    """The address of somebody who may not come in for a week."""
    address = "mallory@college.edu"
    operate(server, "user", "create", address, "--password", PASSWORD)
    operate(server, "user", "suspend", address, "--for", "7d", "--reason", "Insults, again and again.")
    return address


class Look:
    """Looks at one stop after the other, and keeps what was wrong."""

    def __init__(self, me: Person, language: str) -> None:
        self.page, self.language = me.page, language
        self._is_first = language == "en"  # what is the same in every language is looked at in one
        self.wrong: list[str] = []
        self._devtools = me.context.new_cdp_session(me.page)

    def at(self, stop: Stop) -> None:
        """In all sizes and both themes; the window is a desktop's again afterwards."""
        for width, height in WIDTHS.items():
            if stop.is_heavy and width > LAPTOP:
                continue
            self._resize(stop, width, height)
            self._note(stop, f"at {width} px", sticking_out(self.page))
            if self._is_first:
                self._keep(stop, f"{width}px")
        self._resize(stop, **PHONE)
        for theme in THEMES:
            self._show(stop, "phone", theme)
            self._note(stop, theme, axe.complaints(self.page))
        if self._is_first:
            self._turn_around(stop)
        self._resize(stop, **DESKTOP)
        for theme in THEMES:
            self._show(stop, "desktop", theme)

    def _show(self, stop: Stop, size: str, theme: Theme) -> None:
        self.page.emulate_media(color_scheme=theme)
        self._keep(stop, f"{size}-{theme}")

    def _turn_around(self, stop: Stop) -> None:
        """As if it were read from right to left."""
        usual = on_each_other(self.page)
        self.page.evaluate("document.documentElement.dir = 'rtl'")
        self._note(stop, "from right to left", sticking_out(self.page))
        self._note(stop, "from right to left", sorted(on_each_other(self.page) - usual))
        self._keep(stop, "rtl")
        self.page.evaluate("document.documentElement.dir = 'ltr'")

    def _resize(self, stop: Stop, width: int, height: int) -> None:
        """A window so wide, and as high as what is in it, if that is more: what sticks to its edge covers nothing."""
        use_finger(self._devtools, width < LAPTOP)
        self.page.mouse.move(0, 0)
        resize(self.page, width, height)
        needed: int = self.page.evaluate("document.documentElement.scrollHeight")
        resize(self.page, width, max(height, needed))
        if stop.again is not None:
            stop.again()

    def _keep(self, stop: Stop, kind: str) -> None:
        path = SCREENS / f"{self.language}-{kind}" / f"{stop.name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, animations="disabled")

    def _note(self, stop: Stop, where: str, complaints: list[str]) -> None:
        self.wrong += [f"{stop.name}, {where}: {complaint}" for complaint in complaints]


@pytest.mark.parametrize("language", LOCALES)
def test_every_screen_is_for_everybody(language: str, newcomer: Newcomer, moderator: str, suspended: str) -> None:
    me = newcomer(locale=LOCALES[language], reduced_motion="reduce")
    look = Look(me, language)
    for stop in Tour(me, newcomer(), Words(language), moderator=moderator, suspended=suspended).stops():
        look.at(stop)
    assert not look.wrong, "\n".join(look.wrong)


def test_nothing_moves_for_those_who_asked_for_that(newcomer: Newcomer) -> None:
    running = "document.getAnimations().filter(({ playState }) => playState === 'running').length"
    calm, lively = newcomer(reduced_motion="reduce"), newcomer()
    for person in (calm, lively):
        person.come_as_guest()
        person.likes("chess" if person is calm else "tea")
    lively.seek()
    lively.is_at("/waiting")
    lively.page.wait_for_function(f"{running} > 0")
    lively.page.get_by_role("button", name="Stop looking").click()
    lively.is_at("/start")
    calm.seek()
    calm.is_at("/waiting")
    assert calm.page.evaluate(running) == 0
