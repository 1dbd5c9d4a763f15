"""A walk past every screen and every state of the page that looks different, in any language.

`Tour.stops()` yields when it stands somewhere; whoever looks may change the window meanwhile. One long file, as it is
one walk: each stop is reached from the one before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from tests.support.words import Words
from tests.web.people import PASSWORD, Person

LINK = "https://college.edu/chess"


@dataclass(frozen=True)
class Stop:
    """Where the walk stands. `again` brings it back after the window was changed: menus close then."""

    name: str
    again: Callable[[], None] | None = None
    is_heavy: bool = False  # a moving picture on a wall takes long to draw; one of them is enough


class Tour:
    """`me` is looked at; `partner` is whom they meet. Addresses are of accounts that are there already."""

    def __init__(self, me: Person, partner: Person, words: Words, *, moderator: str, suspended: str) -> None:
        self.me, self.partner, self.words = me, partner, words
        self.moderator, self.suspended = moderator, suspended
        self.name = ""  # the partner's, in the present chat
        me.page.clock.install()  # so that nobody waits for what comes after half a minute

    def stops(self) -> Iterator[Stop]:
        """All of them, in the order in which one gets there."""
        yield from self.at_the_door()
        yield from self.signing_up()
        yield from self.at_home()
        yield from self.in_trouble()
        yield from self.looking()
        yield from self.talking()
        yield from self.by_video()
        yield from self.afterwards()

    def at_the_door(self) -> Iterator[Stop]:
        self.goes("/", "welcome.signIn")
        yield Stop("welcome")
        yield from self.menu("menu-outside", "header.more")
        yield from self.menu("languages", "design.language")
        self.goes("/signin", "signin.signin.title")
        with self.me.troubled():
            self.signs_in(self.me.email)
            self.sees("trouble.credentials")
            yield Stop("signin-refused")
        self.goes("/signin?step=forgot", "signin.forgot.title")
        yield Stop("forgot")
        self.field("signin.email").fill(self.me.email)
        self.presses("signin.forgot.action")
        self.field("signin.reset.password").fill(PASSWORD)
        yield Stop("reset")
        with self.me.troubled():
            self.goes("/signin", "signin.signin.title")
            self.signs_in(self.moderator)
            self.sees("signin.second.title")
            yield Stop("second-step")
            self.goes("/signin", "signin.signin.title")
            self.signs_in(self.suspended)
            self.sees("signin.out.suspended")
            yield Stop("kept-out")

    def signing_up(self) -> Iterator[Stop]:
        self.goes("/", "welcome.signIn")
        self.me.link(self.words("welcome.signIn")).click()
        self.sees("signin.signin.title")
        yield Stop("signin")
        self.radio("signin.which.new").check()
        self.field("signin.email").fill(self.me.email)
        self.field("signin.password").fill(PASSWORD)
        yield Stop("signup")
        self.presses("signin.signup.action")
        self.field("signin.code").fill("12")
        yield Stop("code")
        self.field("signin.code").fill(self.me.code())
        self.me.is_at("/start")

    def at_home(self) -> Iterator[Stop]:
        self.sees("start.title")
        yield Stop("start")
        yield from self.menu("menu-inside", "header.more")
        self.goes("/account", "account.sessions.this")
        yield Stop("account")
        self.presses("account.delete")
        yield Stop("account-delete")
        self.goes("/blocked", "blocked.none")
        yield Stop("blocked-nobody")
        self.goes("/help", "help.keys")
        yield Stop("help")
        self.goes("/devices", "devices.continue")
        expect(self.button("devices.continue")).to_be_enabled()
        yield Stop("devices")

    def in_trouble(self) -> Iterator[Stop]:
        page = self.me.page
        page.goto("/offline.html")
        yield Stop("offline")
        with self.me.troubled():
            page.route("**/assets/Help-*.js", lambda route: route.abort())
            self.goes("/help", "broken.title")
            yield Stop("broken")
            page.route("**/api/**", lambda route: route.abort())
            self.goes("/start", "trouble.offline")
            yield Stop("unreachable")
            page.unroute_all()

    def looking(self) -> Iterator[Stop]:
        self.goes("/start", "start.title")
        for interest in ("chess", "tea", "long walks at night"):
            self.field("start.interests").fill(interest)
            self.field("start.interests").press("Enter")
        yield Stop("start-wishes")
        self.presses("start.meet")
        self.sees("waiting.title")
        yield Stop("waiting")
        self.me.page.clock.fast_forward(31_000)
        self.sees("waiting.widen")
        yield Stop("waiting-alone")

    def talking(self) -> Iterator[Stop]:
        self.partner.sign_up()
        self.partner.likes("chess")
        self.partner.seek()
        self.name = self.me.meets()
        self.partner.meets()
        self.me.page.clock.fast_forward(21_000)
        self.sees("ice.title")
        yield Stop("chat-quiet")
        self.exchange()
        yield Stop("chat")
        yield from self.menu("chat-menu", "chat.more")
        yield from self.dialog("report", "chat.report", "report.cancel")
        yield from self.dialog("block", "chat.block", "block.cancel")
        self.presses("keep.open")
        yield Stop("keep")
        self.presses("keep.yes")
        self.partner.button("Keep in touch").click()
        self.partner.button("Yes, if they do too").click()
        self.sees("keep.both")
        yield Stop("kept")
        self.me.page.go_back()
        self.sees("leave.title")
        yield Stop("leave")
        self.presses("leave.stay")
        self.partner.choose("Leave the chat")
        self.sees("over.again")
        yield Stop("chat-over")

    def by_video(self) -> Iterator[Stop]:
        self.presses("over.start")
        self.sees("past.title", name=self.name)
        yield Stop("start-after")
        self.radio("start.video").check()
        self.presses("start.meet")
        self.presses("devices.continue")
        self.partner.button("Back to start").click()
        self.partner.seek_by_video()
        self.name = self.me.meets()
        expect(self.button("stage.show")).to_be_visible()
        yield Stop("video-consent", is_heavy=True)
        self.presses("stage.show")
        self.me.page.wait_for_function("document.querySelector('.stage-partner').videoWidth > 0")
        self.partner.say("There you are!")
        self.me.hears("There you are!")
        yield Stop("video")
        yield from self.menu("video-menu", "stage.more")
        self.item("stage.more", "stage.devices").click()
        yield Stop("video-devices", is_heavy=True)
        self.me.page.keyboard.press("Escape")

    def afterwards(self) -> Iterator[Stop]:
        self.item("chat.more", "chat.leave").click()
        self.sees("over.again")
        self.presses("chat.report")
        self.radio("report.reason.spam").check()
        self.presses("report.send")
        self.sees("report.done")
        yield Stop("report-thanks")
        self.presses("report.close")
        self.goes("/blocked", "blocked.names")
        yield Stop("blocked")

    def exchange(self) -> None:
        """A few messages."""
        me = self.me.page.get_by_role("textbox", name=self.words("chat.write", name=self.name))
        partner = self.partner
        partner.say("Hello! You play chess, too?")
        self.me.hears("Hello! You play chess, too?")
        for text in ("Badly, and with great joy 😄", f"The club meets on Tuesdays: {LINK}"):
            me.fill(text)
            me.press("Enter")
            expect(self.me.said(text)).to_contain_text(self.words("chat.sent"))
        partner.say("Then I know where I will be on Tuesday. Is it far from the library? I am always there until six.")
        partner.say("नमस्ते, फिर मिलेंगे")
        self.me.hears("नमस्ते, फिर मिलेंगे")

    # --- in the words of the language

    def goes(self, address: str, until: str) -> None:
        """Opens an address, until there is what the key says."""
        self.me.page.goto(address)
        self.sees(until)

    def sees(self, key: str, **values: str) -> None:
        expect(self.me.page.get_by_text(self.words(key, **values)).first).to_be_visible()

    def button(self, key: str) -> Locator:
        return self.me.button(self.words(key))

    def presses(self, key: str) -> None:
        self.button(key).first.click()

    def field(self, key: str) -> Locator:
        return self.me.page.get_by_label(self.words(key), exact=True)

    def radio(self, key: str) -> Locator:
        return self.me.page.get_by_role("radio", name=self.words(key))

    def signs_in(self, address: str) -> None:
        self.field("signin.email").fill(address)
        self.field("signin.password").fill(PASSWORD)
        self.me.page.locator("form").get_by_role("button", name=self.words("signin.signin.action")).click()

    def item(self, menu: str, key: str) -> Locator:
        self.presses(menu)
        return self.me.page.get_by_role("menuitem", name=self.words(key))

    def menu(self, name: str, key: str) -> Iterator[Stop]:
        """A stop with a menu open."""

        def opened() -> None:
            closed()
            self.presses(key)
            expect(self.me.page.get_by_role("menu")).to_be_visible()

        def closed() -> None:
            self.me.page.keyboard.press("Escape")
            expect(self.me.page.get_by_role("menu")).to_have_count(0)

        yield Stop(name, opened, is_heavy=name.startswith("video"))
        closed()

    def dialog(self, name: str, opens: str, closes: str) -> Iterator[Stop]:
        """A stop with a dialog of the chat's menu open."""
        self.item("chat.more", opens).click()
        expect(self.button(closes)).to_be_visible()
        yield Stop(name)
        self.presses(closes)
