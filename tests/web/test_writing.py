"""What happens to a message between two people: how it is written, sent, shown, read aloud, and helped along.

Longer than most files: each of these is a story of its own, and all of them are about one message.
"""

import contextlib
import re
import signal
import time
from collections.abc import Iterator

from playwright.sync_api import Locator, WebSocketRoute, expect

from tests.support.operator import operate
from tests.support.server import RunningServer
from tests.web.conftest import Newcomer
from tests.web.people import Person, pair

PATIENCE = 30.0  # seconds in which a server must have noticed what a command did
MOST_TABS = 40


def guests(newcomer: Newcomer) -> tuple[Person, Person]:
    """Two who came as guests, and have met."""
    ana, ben = newcomer(), newcomer()
    for person in (ana, ben):
        person.come_as_guest()
    pair(ana, ben)
    return ana, ben


@contextlib.contextmanager
def held_up(server: RunningServer) -> Iterator[None]:
    """The server answers nobody meanwhile."""
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


def without_news_of_sanctions(route: WebSocketRoute) -> None:
    """A connection on which they get lost."""
    server = route.connect_to_server()
    server.on_message(lambda frame: None if "sanctioned" in str(frame) else route.send(frame))


def tab_to(person: Person, goal: Locator) -> None:
    """Presses Tab until `goal` has the focus."""
    for _ in range(MOST_TABS):
        if goal.count() and goal.evaluate("element => element === document.activeElement"):
            return
        person.page.keyboard.press("Tab")
    expect(goal).to_be_focused()


def test_a_message_tells_whether_it_is_on_its_way_or_there(newcomer: Newcomer, server: RunningServer) -> None:
    ana, ben = guests(newcomer)
    with held_up(server):
        ana.say("Are you there?")
        expect(ana.said("Are you there?")).to_contain_text("Being sent")
    ana.has_sent("Are you there?")
    expect(ana.said("Are you there?").locator("time")).to_have_text(re.compile(r"\d:\d\d"))
    ben.hears("Are you there?")


def test_a_message_that_was_not_taken_says_so_and_can_be_sent_again(newcomer: Newcomer, server: RunningServer) -> None:
    ana, ben = newcomer(), newcomer()
    ana.page.route_web_socket("**/socket.io/**", without_news_of_sanctions)
    ana.sign_up()
    ben.come_as_guest()
    pair(ana, ben)
    other = ana.open_page()  # hears of the mute
    other.goto("/start")
    expect(other.get_by_role("button", name="Meet somebody")).to_be_enabled()
    operate(server, "user", "mute", ana.email, "--for", "1h", "--reason", "Please calm down")
    expect(other.get_by_text("Please calm down")).to_be_visible()
    other.close()

    ana.say("Hello?")
    expect(ana.said("Hello?")).to_contain_text("Not sent")
    ana.reads("You cannot write messages at the moment.")
    operate(server, "user", "unban", ana.email)
    deadline = time.monotonic() + PATIENCE
    while ana.said("Hello?").get_attribute("data-delivery") != "sent":
        assert time.monotonic() < deadline
        ana.button("Try again").click()
        expect(ana.said("Hello?")).to_have_attribute("data-delivery", re.compile("sent|failed"))
    ben.hears("Hello?")


def test_who_writes_is_seen_writing(newcomer: Newcomer) -> None:
    ana, ben = guests(newcomer)
    writing = ben.page.get_by_role("img", name="is writing")
    ana.box.fill("Well")
    expect(writing).to_be_visible()
    ana.box.fill("")
    expect(writing).to_have_count(0)
    ana.say("Well, hello")
    ben.hears("Well, hello")
    expect(writing).to_have_count(0)


def test_only_web_addresses_become_links_and_they_lead_nobody_astray(newcomer: Newcomer) -> None:
    ana, ben = guests(newcomer)
    ana.say(
        "javascript:alert(1) data:text/html,x https://bank.example@evil.example <b>bold</b> see https://a.example/b?c=1."
    )
    said = ben.said("see https://a.example")
    expect(said).to_contain_text("javascript:alert(1) data:text/html,x https://bank.example@evil.example <b>bold</b>")
    expect(said.locator("b")).to_have_count(0)
    link = said.get_by_role("link")
    expect(link).to_have_count(1)
    expect(link).to_have_text("https://a.example/b?c=1")
    expect(link).to_have_attribute("href", "https://a.example/b?c=1")
    expect(link).to_have_attribute("target", "_blank")
    assert {"noopener", "noreferrer", "nofollow"} <= set((link.get_attribute("rel") or "").split())


def test_enter_sends_unless_shift_is_held_or_a_word_is_still_being_composed(newcomer: Newcomer) -> None:
    ana, ben = guests(newcomer)
    ana.box.fill("one")
    ana.box.press("Shift+Enter")
    ana.page.keyboard.type("two")
    expect(ana.box).to_have_value("one\ntwo")
    ana.box.press("Enter")
    expect(ana.box).to_have_value("")
    ben.hears("one\ntwo")

    keys = ana.context.new_cdp_session(ana.page)
    keys.send("Input.imeSetComposition", {"text": "नम", "selectionStart": 2, "selectionEnd": 2})
    enter = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    keys.send("Input.dispatchKeyEvent", enter)  # it ends the word, and not the message
    expect(ana.box).to_have_value("नम")
    keys.send("Input.insertText", {"text": "नमस्ते"})
    expect(ana.box).to_have_value("नमस्ते")
    ana.box.press("Enter")
    ben.hears("नमस्ते")
    expect(ben.page.get_by_role("log").get_by_role("listitem")).to_have_count(2)


def test_a_message_has_room_for_2000_characters_of_any_kind(newcomer: Newcomer) -> None:
    ana, ben = guests(newcomer)
    ana.box.fill("🙂" * 2001)
    ana.reads("1 character too many")
    ana.box.press("Enter")
    expect(ana.box).to_have_value("🙂" * 2001)
    ana.say("🙂" * 2000)
    ben.hears("🙂" * 2000)
    expect(ben.page.get_by_role("log").get_by_role("listitem")).to_have_count(1)


def test_messages_are_counted_in_the_title_while_one_looks_elsewhere(newcomer: Newcomer) -> None:
    ana, ben = guests(newcomer)
    ana.look_elsewhere()
    ben.say("Hello")
    expect(ana.page).to_have_title("(1) Chat · MeetMates")
    ben.say("Still there?")
    expect(ana.page).to_have_title("(2) Chat · MeetMates")
    ana.look_here()
    expect(ana.page).to_have_title("Chat · MeetMates")


def test_a_screen_reader_hears_what_the_partner_says_and_not_ones_own_words(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    for person in (ana, ben):
        person.come_as_guest()
        person.seek()
    name = ana.meets()
    ben.say("Hello from Ben")
    ana.hears("Hello from Ben")
    ana.say("Hello from Ana")
    ana.has_sent("Hello from Ana")
    log = ana.page.get_by_role("log", name=f"What you and {name} say")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log.get_by_role("listitem").first).to_contain_text(f"{name}: Hello from Ben")
    expect(log.get_by_role("listitem").first).not_to_have_attribute("aria-live", "off")
    expect(log.get_by_role("listitem").last).to_contain_text("You: Hello from Ana")
    expect(log.get_by_role("listitem").last).to_have_attribute("aria-live", "off")


def test_the_keyboard_alone_is_enough_from_the_front_door_to_a_message(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    ben.come_as_guest()
    ben.seek()
    ana.page.goto("/")
    tab_to(ana, ana.button("Look in as a guest"))
    ana.page.keyboard.press("Enter")
    ana.is_at("/start")
    tab_to(ana, ana.button("Meet somebody"))
    ana.page.keyboard.press("Space")
    ana.meets()
    tab_to(ana, ana.box)
    ana.page.keyboard.type("No mouse here")
    ana.page.keyboard.press("Enter")
    ana.has_sent("No mouse here")
    ben.hears("No mouse here")
    tab_to(ana, ana.button("Next"))
    ana.page.keyboard.press("Enter")
    ana.meets()  # nobody else is here, so it is Ben again
    expect(ana.page.get_by_role("log").get_by_role("listitem")).to_have_count(0)


def test_when_nobody_speaks_something_to_say_is_offered(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    ana.page.clock.install()
    for person in (ana, ben):
        person.come_as_guest()
    pair(ana, ben)
    offer = ana.page.get_by_role("region", name="Quiet? Perhaps one of these")
    expect(offer).to_have_count(0)
    ana.page.clock.fast_forward(20_000)
    suggestion = offer.get_by_role("listitem").first.get_by_role("button")
    text = suggestion.inner_text()
    suggestion.click()
    expect(ana.box).to_have_value(text)
    ana.box.press("Enter")
    ben.hears(text)
    expect(offer).to_have_count(0)
