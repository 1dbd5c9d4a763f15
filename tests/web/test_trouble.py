"""Picture and sound break while the line to the server stands: it is told, it is mended, and words go on throughout."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count

import pytest

from tests.support.letters import Letterbox
from tests.support.server import RunningServer, running_server
from tests.support.turn import TurnServer, running_turn
from tests.web.calls import Caller, call, run_ahead
from tests.web.conftest import NewCaller

STOPPED = "The picture has stopped. We are bringing it back …"
NO_WAY = "Picture and sound do not get through just now. You can go on writing, and we keep trying."
SOUND_ALONE = "Video is too slow here. The sound goes on, and the picture comes back when it can."
SHOWN = {"audio": True, "video": True, "screen": False}

_words = count(1)


class Relay:
    """The only way from one to the other; it can be taken away and brought back, and forgets everything meanwhile."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.turn: TurnServer = self._stack.enter_context(running_turn())

    def goes(self) -> None:
        """From now on nothing gets through."""
        self.turn.process.kill()
        self._stack.close()

    def returns(self) -> None:
        """Where it was before."""
        if self.turn.process.poll() is None:
            return
        self.turn = self._stack.enter_context(running_turn(self.turn.port, self.turn.secret))


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    relay = Relay()
    yield relay
    relay.goes()


@pytest.fixture(scope="module")
def server(letters: Letterbox, relay: Relay) -> Iterator[RunningServer]:
    with running_server(
        SMTP_URL=f"smtp://127.0.0.1:{letters.port}",
        LIMIT_FACTOR="100",
        TURN_URLS=relay.turn.url,
        TURN_SECRET=relay.turn.secret,
        RELAY_ONLY="true",
        PING_INTERVAL="500ms",  # pages whose clocks run ahead want to hear from it often
        PING_TIMEOUT="300s",
    ) as running:
        yield running


@pytest.fixture
def pair(caller: NewCaller, relay: Relay) -> tuple[Caller, Caller]:
    """Two who see each other, and whose clocks can be moved."""
    relay.returns()
    ana, ben = caller(), caller()
    for person in (ana, ben):
        person.page.clock.install()
    call(ana, ben)
    for person in (ana, ben):
        person.sees_partner()
    return ana, ben


def test_a_new_way_is_found_when_the_old_one_is_gone(pair: tuple[Caller, Caller], relay: Relay) -> None:
    ana, ben = pair
    before = ana.offers() + ben.offers()
    relay.goes()
    for person in pair:
        person.reads(STOPPED)
    talk(ana, ben)
    relay.returns()
    for person in pair:
        person.sees_partner()
        person.hears_partner()
        assert person.way() == ["relay", "relay"]
        assert person.probe("peers.length") == 1  # the connection is the same one, with another way
    assert ana.offers() + ben.offers() > before
    talk(ana, ben)


def test_after_vain_attempts_there_is_sound_alone_until_the_way_is_good_again(
    pair: tuple[Caller, Caller], relay: Relay
) -> None:
    ana, ben = pair
    relay.goes()
    for person in pair:
        person.reads(STOPPED)
    run_ahead(*pair, until=lambda: all(person.media() == {**SHOWN, "video": False} for person in pair))
    relay.returns()
    run_ahead(*pair, until=lambda: all(person.sees(SOUND_ALONE) for person in pair), seconds=3)
    for person in pair:
        person.hears_partner()
        person.sees_nobody()
    talk(ana, ben)
    run_ahead(*pair, until=lambda: all(person.media() == SHOWN for person in pair), seconds=3)
    for person in pair:
        person.sees_partner()


def test_when_nothing_gets_through_words_go_on_in_the_same_chat(pair: tuple[Caller, Caller], relay: Relay) -> None:
    ana, ben = pair
    name = ana.meets()
    ana.say("Before the storm")
    relay.goes()
    for person in pair:
        person.reads(STOPPED)
    run_ahead(*pair, until=lambda: all(person.sees(NO_WAY) for person in pair))
    talk(ana, ben)
    ben.hears("Before the storm")
    assert ana.meets() == name
    relay.returns()
    ana.button("Try again now").click()
    run_ahead(*pair, until=lambda: ana.way() == ["relay", "relay"])
    ben.sees_partner()


def test_a_connection_that_ends_under_the_page_is_built_anew(pair: tuple[Caller, Caller]) -> None:
    ana, ben = pair
    ana.probe("peers.at(-1).close()")
    ben.reads(STOPPED)
    run_ahead(*pair, until=lambda: ana.probe("peers.at(-1).connectionState") == "connected", seconds=3)
    for person in pair:
        person.sees_partner()
        person.hears_partner()


def talk(ana: Caller, ben: Caller) -> None:
    """Words get through in both directions."""
    for speaker, listener in ((ana, ben), (ben, ana)):
        text = f"Word number {next(_words)}"
        speaker.say(text)
        listener.hears(text)
