"""Blocks and reports, from the chat to the moderators and back to the person whom it is about."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.letters import Letterbox
from tests.support.server import RunningServer
from tests.web.conftest import Newcomer
from tests.web.moderator import Moderator
from tests.web.people import Person, pair


@pytest.fixture(scope="module")
def moderator(browser: Browser, server: RunningServer, letters: Letterbox) -> Iterator[Moderator]:
    """One who is in already."""
    moderator = Moderator(browser, server, letters)
    moderator.enter()
    yield moderator
    moderator.close()


def report(person: Person, reason: str, note: str, *, also_block: bool) -> None:
    """Fills in the dialog that is open, and sends it with the last messages."""
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_label(reason).check()
    dialog.get_by_label("What should the moderators know?").fill(note)
    dialog.get_by_label("Also block").set_checked(also_block)
    expect(dialog.get_by_label("Also send the last messages")).to_be_checked()
    dialog.get_by_role("button", name="Send report").click()
    person.reads("Your report is with the moderators.")
    dialog.locator("footer").get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_two_of_whom_one_blocked_the_other_never_meet_again(newcomer: Newcomer) -> None:
    ana, ben, eve = newcomer(), newcomer(), newcomer()
    ana.sign_up()
    ben.sign_up()
    eve.come_as_guest()
    pair(ana, ben)
    ana.choose("Block")
    ana.page.get_by_role("dialog").get_by_role("button", name="Block", exact=True).click()
    ana.reads("You left.")
    ben.reads("has left.")

    for person in (ana, ben):
        person.button("Meet somebody else").click()
        person.is_at("/waiting")
    ana.reads("You are next")
    ben.reads("You are number 2 in the queue")  # both are there, and nobody else

    eve.seek()
    eve.meets()
    ana.meets()  # she has waited longest
    ana.choose("Leave the chat")
    for person in (ana, eve):
        person.button("Meet somebody else").click()
    ben.meets()
    ben.say("Hello, I am Ben")
    eve.hears("Hello, I am Ben")
    ana.is_at("/waiting")
    ana.reads("You are next")


def test_a_report_with_its_evidence_is_judged_and_the_sanction_and_its_appeal_arrive(
    newcomer: Newcomer, moderator: Moderator
) -> None:
    ana, eve = newcomer(), newcomer()
    ana.sign_up()
    eve.sign_up()
    pair(ana, eve)
    ana.say("Hello you")
    eve.hears("Hello you")
    eve.say("Go away, fool")
    ana.hears("Go away, fool")
    ana.choose("Report")
    report(ana, "Harassment or insults", "Out of nowhere", also_block=True)
    eve.reads("has left.")

    moderator.open_report("Harassment")
    moderator.reads("Out of nowhere")
    assert moderator.lines() == ["Reporter: Hello you", "Reported person: Go away, fool"]
    with eve.troubled():  # the page asks whether its sign-in still holds, and is told no
        moderator.decide("Uphold it and suspend the person", "Insults are not for here")
        eve.reads("Your account is paused")  # the page that is open
        eve.reads("You can come back on")
        eve.reads("Insults are not for here")
        eve.button("Sign in to answer").click()
        eve.try_to_sign_in()
        eve.page.get_by_label("What happened, in your own words").wait_for()
    eve.page.get_by_label("What happened, in your own words").fill("It was a joke among friends")
    eve.button("Ask to look again").click()
    eve.reads("Thank you. A moderator will read it.")

    moderator.page.goto("/admin/appeals")
    moderator.reads("It was a joke among friends")
    moderator.button("Grant it and lift the suspension").click()
    moderator.page.wait_for_url("**/admin/appeals?done=granted")
    eve.button("Back").click()
    eve.sign_in()


def test_a_report_after_the_chat_still_carries_what_was_said_and_a_warning_is_shown_at_once(
    newcomer: Newcomer, moderator: Moderator
) -> None:
    ana, eve = newcomer(), newcomer()
    ana.come_as_guest()
    eve.sign_up()
    pair(ana, eve)
    eve.say("Buy my watches")
    ana.hears("Buy my watches")
    eve.choose("Leave the chat")
    eve.button("Back to start").click()
    ana.reads("has left.")
    ana.button("Report").click()
    report(ana, "Advertising or fraud", "", also_block=False)

    moderator.open_report("Spam")
    assert moderator.lines() == ["Reported person: Buy my watches"]
    moderator.decide("Uphold it and warn the person", "No selling, please")
    eve.reads("A warning from the moderators.")
    eve.reads("No selling, please")
    eve.is_at("/start")
