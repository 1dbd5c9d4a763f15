"""From an address to the first message, and what can be done in a chat."""

from tests.support.browser import PHONE
from tests.web.conftest import Newcomer
from tests.web.people import pair


def test_two_people_sign_up_meet_and_talk(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer(viewport=PHONE)
    ana.sign_up()
    ben.sign_up()
    pair(ana, ben)
    ana.say("Hello from Ana")
    ana.has_sent("Hello from Ana")
    ben.hears("Hello from Ana")
    ben.say("Hello from Ben")
    ana.hears("Hello from Ben")
    assert ana.email not in ben.page.content()
    assert ben.email not in ana.page.content()


def test_next_brings_somebody_else(newcomer: Newcomer) -> None:
    ana, ben, eve = newcomer(), newcomer(), newcomer()
    for person in (ana, ben, eve):
        person.come_as_guest()
    pair(ana, ben)
    ana.say("for Ben alone")
    eve.seek()
    eve.is_at("/waiting")
    ana.next()
    assert ana.meets() != ""
    eve.meets()
    eve.say("Hello, I am Eve")
    ana.hears("Hello, I am Eve")
    assert eve.said("for Ben alone").count() == 0
    ben.is_at("/waiting")


def test_who_leaves_is_missed_but_once(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    for person in (ana, ben):
        person.come_as_guest()
    pair(ana, ben)
    ana.choose("Leave the chat")
    ana.reads("You left.")
    ben.reads("has left.")


def test_who_closes_the_tab_has_left(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    for person in (ana, ben):
        person.come_as_guest()
    pair(ana, ben)
    ana.page.close(run_before_unload=False)
    ben.reads("has left.")
