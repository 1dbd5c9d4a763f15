"""The train goes through a tunnel, and the server is restarted: the page comes back by itself."""

import contextlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.letters import Letterbox
from tests.support.server import free_port, running_server, stop
from tests.support.tunnel import Tunnel, tunnel_to
from tests.web.people import Person, pair

LENGTH = 5_000  # milliseconds


@pytest.fixture
def tunnel() -> Iterator[Tunnel]:
    """In front of a server of its own."""
    port = free_port()
    with tunnel_to(port) as made, running_server(PORT=port, ORIGINS=made.url, STUN_URLS="", RESUME_GRACE="15s"):
        yield made


@contextlib.contextmanager
def two_who_talk(browser: Browser, tunnel: Tunnel, letters: Letterbox) -> Iterator[tuple[Person, Person]]:
    """Both on the train; what their pages complain of meanwhile is part of the test."""
    ana, ben = (Person(browser, tunnel.url, letters) for _ in range(2))
    for person in (ana, ben):
        person.come_as_guest()
    pair(ana, ben)
    with ana.troubled(), ben.troubled():
        yield ana, ben
    ana.close()
    ben.close()


def test_five_seconds_without_a_network_cost_no_message(browser: Browser, tunnel: Tunnel, letters: Letterbox) -> None:
    with two_who_talk(browser, tunnel, letters) as (ana, ben):
        for number in range(3):
            ana.say(f"before {number}.")
            ben.hears(f"before {number}.")
        tunnel.enter()
        ana.reads("We lost the connection.")
        for number in range(3):
            ana.say(f"from Ana {number}.")
            ben.say(f"from Ben {number}.")
        ana.page.wait_for_timeout(LENGTH)  # as long as the tunnel is
        tunnel.leave()
        for number in range(3):
            ana.has_sent(f"from Ana {number}.")
            ben.hears(f"from Ana {number}.")
            ben.has_sent(f"from Ben {number}.")
            ana.hears(f"from Ben {number}.")
        ana.say("still there?")
        ben.hears("still there?")
        assert texts(ana) == texts(ben)
        assert sorted(texts(ana)) == sorted(
            [f"{kind} {number}." for kind in ("before", "from Ana", "from Ben") for number in range(3)]
            + ["still there?"]
        )


def test_whoever_stays_away_too_long_has_left(browser: Browser, tunnel: Tunnel, letters: Letterbox) -> None:
    with two_who_talk(browser, tunnel, letters) as (ana, ben):
        tunnel.enter()
        ana.reads("We lost the connection.")
        ana.page.wait_for_timeout(17_000)  # the grace is over
        tunnel.leave()
        for person in (ana, ben):
            person.reads("The connection was away for too long.")
            person.button("Meet somebody else").click()
        for person in (ana, ben):
            person.meets()


def test_the_page_returns_when_the_server_was_restarted(browser: Browser, letters: Letterbox) -> None:
    port = free_port()
    with running_server(PORT=port, STUN_URLS="") as server:
        ana = Person(browser, server.url, letters)
        ana.come_as_guest()
        ana.reads("You are the only one here at the moment")
        with ana.troubled():
            assert stop(server.process) == 0
            ana.reads("We lost the connection.")
            with running_server(PORT=port, STUN_URLS=""):
                ana.reads("You are the only one here at the moment")
                ana.seek()
                ana.is_at("/waiting")
                ana.close()


def texts(person: Person) -> list[str]:
    """What was said, in the order in which it stands there."""
    return [
        text for line in person.said("").all_inner_texts() for text in line.splitlines() if text.endswith((".", "?"))
    ]
