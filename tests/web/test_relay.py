"""Video by way of a real TURN server and no other way, so that nobody learns a partner's address."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route

from tests.support.letters import Letterbox
from tests.support.server import RunningServer, running_server
from tests.support.turn import TurnServer, allocate, credential, running_turn
from tests.web.calls import call, run_ahead
from tests.web.conftest import NewCaller

NO_WAY = "Picture and sound do not get through just now. You can go on writing, and we keep trying."


@pytest.fixture(scope="module")
def turn() -> Iterator[TurnServer]:
    with running_turn() as turn:
        yield turn


@pytest.fixture(scope="module")
def server(letters: Letterbox, turn: TurnServer) -> Iterator[RunningServer]:
    with running_server(
        SMTP_URL=f"smtp://127.0.0.1:{letters.port}",
        REMATCH_AFTER="0",
        LIMIT_FACTOR="100",
        TURN_URLS=turn.url,
        TURN_SECRET=turn.secret,
        RELAY_ONLY="true",
        PING_INTERVAL="500ms",  # pages whose clocks run ahead want to hear from it often
        PING_TIMEOUT="300s",
    ) as running:
        yield running


def test_a_call_goes_through_the_relay_alone(caller: NewCaller) -> None:
    ana, ben = caller(), caller()
    ana.sign_up()
    ben.come_as_guest()
    call(ana, ben)
    for person in (ana, ben):
        person.sees_partner()
        person.hears_partner()
        assert person.way() == ["relay", "relay"]
        assert person.candidates() != []
        for candidate in person.candidates():
            assert " typ relay raddr 0.0.0.0 rport 0 " in candidate


def test_credentials_that_are_over_are_refused_and_words_go_on(caller: NewCaller, turn: TurnServer) -> None:
    ana, ben = caller(), caller()
    for person in (ana, ben):
        person.page.clock.install()
        person.page.route("**/api/ice-servers", lambda route: _give_old_ones(route, turn))
        person.come_as_guest()
    ana.seek_by_video()
    ben.seek_by_video()
    for person in (ana, ben):
        person.meets()
        person.reads("Bringing you together …")
    run_ahead(ana, ben, until=lambda: all(person.sees(NO_WAY) for person in (ana, ben)))
    ana.say("No picture, then")
    ben.hears("No picture, then")
    assert ana.candidates() == ben.candidates() == []
    assert ana.probe("peers.some((peer) => peer.connectionState === 'connected')") is False


def test_without_an_answer_of_the_server_no_address_is_told(caller: NewCaller) -> None:
    ana, ben = caller(), caller()
    with ana.troubled():
        ana.page.route("**/api/ice-servers", lambda route: route.fulfill(status=503, body=""))
        for person in (ana, ben):
            person.come_as_guest()
            person.seek_by_video()
        for person in (ana, ben):
            person.meets()
        ana.reads("Bringing you together …")
        assert ana.candidates() == []
        ana.page.unroute("**/api/ice-servers")
        for person in (ana, ben):
            person.shows()
            person.sees_partner()
    assert all(" typ relay " in candidate for candidate in ana.candidates())


def _give_old_ones(route: Route, turn: TurnServer) -> None:
    """The server's answer, with credentials whose time is over; they are otherwise as good as its own."""
    answer = route.fetch()
    body = answer.json()
    (relay,) = body["iceServers"]
    assert allocate(turn.port, relay["username"], relay["credential"]) == 0
    relay["username"] = f"1000000000:{relay['username'].partition(':')[2]}"
    relay["credential"] = credential(relay["username"], turn.secret)
    assert allocate(turn.port, relay["username"], relay["credential"]) == 401
    route.fulfill(response=answer, json=body)
