"""The page in a real browser, against a real server with real mail, in a network that has nothing but loopback."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import launch
from tests.support.letters import Letterbox, running_letterbox
from tests.support.loopback import isolate
from tests.support.server import RunningServer, running_server
from tests.web.calls import Caller
from tests.web.people import Person

P = TypeVar("P", bound=Person)
Newcomer = Callable[..., Person]
NewCaller = Callable[..., Caller]

isolate()  # before the first socket of this run


@pytest.fixture(scope="session")
def letters() -> Iterator[Letterbox]:
    with running_letterbox() as box:
        yield box


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(letters: Letterbox) -> Iterator[RunningServer]:
    """A server that lets guests in, with a mailbox for everybody else."""
    with a_server(letters) as running:
        yield running


def a_server(letters: Letterbox, **settings: object) -> contextlib.AbstractContextManager[RunningServer]:
    """The same, with other settings as well."""
    mail = f"smtp://127.0.0.1:{letters.port}"
    return running_server(SMTP_URL=mail, REMATCH_AFTER="0", STUN_URLS="", LIMIT_FACTOR="100", **settings)


@pytest.fixture
def newcomer(browser: Browser, server: RunningServer, letters: Letterbox) -> Iterator[Newcomer]:
    """Makes one more person, who has just opened the page: `newcomer()`, `newcomer(viewport=PHONE)`."""
    with _people(Person, browser, server, letters) as make:
        yield make


@pytest.fixture
def caller(browser: Browser, server: RunningServer, letters: Letterbox) -> Iterator[NewCaller]:
    """The same, with an eye on what is seen and heard."""
    with _people(Caller, browser, server, letters) as make:
        yield make


@contextlib.contextmanager
def _people(kind: type[P], browser: Browser, server: RunningServer, letters: Letterbox) -> Iterator[Callable[..., P]]:
    with contextlib.ExitStack() as people:  # one who complains keeps nobody else there

        def make(**options: object) -> P:
            person = kind(browser, server.url, letters, **options)
            people.callback(person.close)
            return person

        yield make
