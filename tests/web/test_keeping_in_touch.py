"""Both say yes and learn how to find each other; whoever says it alone is the only one who knows."""

from playwright.sync_api import expect

from tests.web.conftest import Newcomer
from tests.web.people import Person, pair

YES = "Yes, if they do too"
BOTH = "You both want to keep in touch!"


def says_yes(person: Person) -> None:
    """Presses the heart, and says yes."""
    person.button("Keep in touch").click()
    person.button(YES).click()


def knows_nothing(person: Person, *others: Person) -> None:
    """There is no sign of an answer, nor of an address."""
    expect(person.page.get_by_text(BOTH)).to_have_count(0)
    assert all(other.email not in person.page.content() for other in others)


def heard_everything(one: Person, other: Person, text: str) -> None:
    """What was said before this message has arrived, too."""
    one.say(text)
    other.hears(text)


def test_two_who_both_say_yes_see_each_others_address(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    ana.sign_up()
    ben.sign_up()
    pair(ana, ben)
    says_yes(ana)
    ana.reads("You would like to keep in touch.")
    heard_everything(ana, ben, "It was nice")
    knows_nothing(ben, ana)
    says_yes(ben)
    for person, other in ((ana, ben), (ben, ana)):
        person.reads(BOTH)
        person.reads(other.email)


def test_of_a_yes_that_stays_alone_or_is_taken_back_nobody_learns(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    ana.sign_up()
    ben.sign_up()
    pair(ana, ben)
    says_yes(ana)
    ana.button("Keep in touch").click()
    ana.button("Take it back").click()
    heard_everything(ana, ben, "Any plans?")
    says_yes(ben)
    heard_everything(ben, ana, "None")
    knows_nothing(ana, ben)
    knows_nothing(ben, ana)
    expect(ana.button("Keep in touch")).to_have_attribute("aria-pressed", "false")
    ana.choose("Leave the chat")
    ben.reads("has left.")
    knows_nothing(ana, ben)
    knows_nothing(ben, ana)


def test_a_guest_has_no_address_to_share_and_both_are_told(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    ana.sign_up()
    ben.come_as_guest()
    pair(ana, ben)
    says_yes(ana)
    ben.button("Keep in touch").click()
    ben.reads("You are a guest and have no address to share.")
    ben.button(YES).click()
    ana.reads("is a guest and has no address.")
    ben.reads(ana.email)
