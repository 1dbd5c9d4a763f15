"""What a person does with the page, in the words of the page."""

from itertools import count

from playwright.sync_api import Browser, Locator, expect

from tests.support.browser import Visitor
from tests.support.letters import Letterbox

PASSWORD = "a horse that reads batteries"
_numbers = count(1)


class Person(Visitor):
    """Somebody with an address of their own, in front of the page."""

    def __init__(self, browser: Browser, url: str, letters: Letterbox, **options: object) -> None:
        super().__init__(browser, url, **options)
        self.email = f"person{next(_numbers)}@college.edu"
        self._letters = letters

    # --- coming in

    def sign_up(self) -> None:
        """From the front door to the start screen, by address, password and the code of a real letter."""
        self.ask_for_a_code()
        self.page.get_by_label("Your code").fill(self._letters.code(self.email))
        self.is_at("/start")

    def ask_for_a_code(self) -> None:
        """The first half of it."""
        self.page.goto("/")
        self.link("Sign in or sign up").click()
        self.fill_in_sign_up()
        self.button("Send me a code").click()

    def fill_in_sign_up(self) -> None:
        """Address and password, in the form for those who are new."""
        self.page.get_by_role("radio", name="I am new here").check()
        self.page.get_by_label("E-mail address").fill(self.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)

    def sign_in(self, password: str = PASSWORD) -> None:
        """With an account that is there already, from the sign-in to the start screen."""
        self.try_to_sign_in(password)
        self.is_at("/start")

    def try_to_sign_in(self, password: str = PASSWORD) -> None:
        """The same, whatever comes of it."""
        form = self.page.get_by_role("main")
        form.get_by_label("E-mail address").fill(self.email)
        form.get_by_label("Password", exact=True).fill(password)
        form.get_by_role("button", name="Sign in", exact=True).click()

    def come_as_guest(self) -> None:
        """The same, with no account."""
        self.page.goto("/")
        self.button("Look in as a guest").click()
        self.is_at("/start")

    def go_to_account(self) -> None:
        """By the menu."""
        self.button("Menu").click()
        self.page.get_by_role("menuitem", name="Account").click()
        self.is_at("/account")

    def sign_out(self) -> None:
        """By the menu, to the front door."""
        self.button("Menu").click()
        self.page.get_by_role("menuitem", name="Sign out").click()
        self.link("Sign in or sign up").wait_for()

    def code(self) -> str:
        """The six digits of the next letter to them."""
        return self._letters.code(self.email)

    # --- meeting

    def likes(self, *interests: str) -> None:
        """Says so, on the start screen."""
        box = self.page.get_by_label("What do you like?", exact=True)
        for interest in interests:
            box.fill(interest)
            box.press("Enter")

    def seek(self) -> None:
        """Looks for somebody, by text."""
        self.button("Meet somebody").click()

    def seek_by_video(self) -> None:
        """The same by video; the first time, camera and microphone are tried before."""
        self.page.get_by_role("radio", name="Video").check()
        self.button("Meet somebody").click()
        self.page.wait_for_url(lambda url: url.endswith(("/devices", "/waiting", "/chat")))
        if self.page.url.endswith("/devices"):
            self.button("Looks good, go on").click()

    def meets(self) -> str:
        """Waits until there is a partner; the name it has in this chat."""
        self.is_at("/chat")
        name = self.page.get_by_role("heading", level=1)
        expect(name).not_to_be_empty()
        return name.inner_text()

    def next(self) -> None:
        """Somebody else, please."""
        self.button("Next").click()

    def choose(self, item: str) -> None:
        """One entry of the chat's menu."""
        self.button("More").click()
        self.page.get_by_role("menuitem", name=item).click()

    # --- talking

    @property
    def box(self) -> Locator:
        """Where a message is written."""
        return self.page.get_by_role("textbox", name="Message to")

    def say(self, text: str) -> None:
        """Writes a message, and sends it."""
        self.box.fill(text)
        self.box.press("Enter")

    def hears(self, text: str) -> None:
        """A message has come, once."""
        expect(self.said(text)).to_have_count(1)

    def has_sent(self, text: str) -> None:
        """One's own message stands there once, and is delivered."""
        expect(self.said(text)).to_have_count(1)
        expect(self.said(text)).to_have_attribute("data-delivery", "sent")

    def said(self, text: str) -> Locator:
        """The messages with this text."""
        return self.page.get_by_role("log").get_by_role("listitem").filter(has_text=text)

    # --- looking

    def look_elsewhere(self) -> None:
        """Another tab has the focus, which browsers without a window give to each of them otherwise."""
        self.context.new_cdp_session(self.page).send("Emulation.setFocusEmulationEnabled", {"enabled": False})
        self.open_page().bring_to_front()

    def look_here(self) -> None:
        """The first tab has it again."""
        self.page.bring_to_front()

    def button(self, name: str) -> Locator:
        """A button, by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        """A link, by its whole name."""
        return self.page.get_by_role("link", name=name, exact=True)

    def is_at(self, address: str) -> None:
        """The page is there, or gets there."""
        self.page.wait_for_url(f"**{address}")

    def reads(self, text: str) -> None:
        """The text is somewhere on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()


def pair(*people: Person) -> None:
    """Two people meet by text: each looks, and both are in a chat."""
    for person in people:
        person.seek()
    for person in people:
        person.meets()
