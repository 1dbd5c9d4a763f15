"""Every screen has an address: reload, the back button and a second tab do what people expect."""

from playwright.sync_api import expect

from tests.web.conftest import Newcomer
from tests.web.people import pair

HEADINGS = {
    "/start": "Who will you meet today?",
    "/account": "Your account",
    "/blocked": "People you blocked",
    "/help": "Help and rules",
    "/devices": "See yourself first",
}


def test_every_screen_is_the_same_after_a_reload_and_the_back_button_leads_through_them(newcomer: Newcomer) -> None:
    ana = newcomer()
    ana.sign_up()
    for address, heading in HEADINGS.items():
        ana.page.goto(address)
        ana.page.reload()
        expect(ana.page.get_by_role("heading", level=1)).to_have_text(heading)
        ana.is_at(address)
    for address in list(HEADINGS)[-2::-1]:
        ana.page.go_back()
        ana.is_at(address)
        expect(ana.page.get_by_role("heading", level=1)).to_have_text(HEADINGS[address])


def test_a_reload_while_waiting_goes_on_looking_and_the_back_button_stops_it(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    for person in (ana, ben):
        person.come_as_guest()
    ana.seek()
    ana.reads("You are next")
    ana.page.reload()
    ana.is_at("/waiting")
    ana.reads("You are next")
    ana.page.go_back()
    ana.is_at("/start")
    ben.seek()
    ben.reads("You are next")  # nobody waits before Ben
    ana.page.go_forward()
    ana.is_at("/start")
    ana.seek()
    ana.meets()
    ben.meets()


def test_the_back_button_asks_before_it_ends_a_chat(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    for person in (ana, ben):
        person.come_as_guest()
    pair(ana, ben)
    ana.page.go_back()
    ana.reads("Leave this chat?")
    ana.button("Stay").click()
    ana.is_at("/chat")
    ana.say("I am still here")
    ben.hears("I am still here")
    ana.page.go_back()
    ana.reads("Leave this chat?")
    ana.page.get_by_role("dialog").get_by_role("button", name="Leave the chat").click()
    ana.is_at("/start")
    ben.reads("has left.")


def test_a_reload_in_a_chat_ends_it_and_says_so_kindly(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    for person in (ana, ben):
        person.come_as_guest()
    pair(ana, ben)
    ana.page.reload()
    ana.is_at("/start")
    ana.reads("The page was loaded again, and that ended your chat.")
    ben.reads("has left.")


def test_an_address_of_what_is_not_there_leads_to_the_front_door_or_the_start(newcomer: Newcomer) -> None:
    ana = newcomer()
    nothing = ("/waiting", "/chat", "/start/of/nothing")
    for address in nothing:
        ana.page.goto(address)
        expect(ana.page.get_by_role("heading", level=1)).to_have_text("Meet somebody new")
    ana.button("Look in as a guest").click()
    ana.is_at("/start")
    for address in nothing:
        ana.page.goto(address)
        expect(ana.page.get_by_role("heading", level=1)).to_have_text(HEADINGS["/start"])


def test_who_is_signed_out_signs_in_and_is_where_they_wanted_to_be(newcomer: Newcomer) -> None:
    ana = newcomer()
    ana.sign_up()
    other = ana.open_page()  # a second tab
    other.goto("/account")
    expect(other.get_by_text(ana.email).first).to_be_visible()

    ana.page.goto("/account")
    ana.page.get_by_role("main").get_by_role("button", name="Sign out", exact=True).click()
    expect(ana.page.get_by_role("heading", level=1)).to_have_text("Meet somebody new")
    expect(other.get_by_role("heading", level=1)).to_have_text("Meet somebody new")  # in the other tab as well
    other.close()

    ana.page.goto("/account")
    ana.is_at("/signin")
    ana.try_to_sign_in()
    ana.is_at("/account")
    expect(ana.page.get_by_role("heading", level=1)).to_have_text("Your account")
