"""Debian's Chromium with its made-up camera and microphone, and people who sit in front of it.

Whatever a page complains of (an exception, a line of the console, a request that failed) is kept and fails the test,
unless the test says that it expects trouble: see `Visitor.troubled`.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
    Response,
    expect,
)

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--autoplay-policy=no-user-gesture-required",
]
PATIENCE = 20_000  # milliseconds; a loaded machine of two cores needs a few
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
# A service worker would answer in the server's place; the one test that is about it lets it.
USUAL: dict[str, object] = {
    "viewport": DESKTOP,
    "locale": "en-GB",
    "permissions": ["camera", "microphone"],
    "service_workers": "block",
}
BLOCKED = "Service Worker registration blocked by Playwright"
expect.set_options(timeout=PATIENCE)


def launch(playwright: Playwright) -> Browser:
    """The browser, with no window."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


class Visitor:
    """One person: a context of its own (cookies, storage), and a page in it."""

    def __init__(self, browser: Browser, url: str, **options: object) -> None:
        self.url = url
        self.complaints: list[str] = []
        self._troubled = False
        settings = {**USUAL, **options}
        self.context: BrowserContext = browser.new_context(base_url=url, **settings)  # type: ignore[arg-type]
        self.context.set_default_timeout(PATIENCE)
        self.page = self.open_page()

    def open_page(self) -> Page:
        """One more tab, watched like the first."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self._complain(f"exception: {error}"))
        page.on("console", self._on_console)
        page.on("requestfailed", self._on_failure)
        page.on("response", self._on_response)
        return page

    @contextlib.contextmanager
    def troubled(self) -> Iterator[None]:
        """Within it, failed requests and what the console says of them are part of the test."""
        before, self._troubled = self._troubled, True
        try:
            yield
        finally:
            self._hear_out()
            self._troubled = before

    def offline(self) -> None:
        """No network, from now on."""
        self.context.set_offline(True)

    def online(self) -> None:
        """The network is back."""
        self.context.set_offline(False)

    def close(self) -> None:
        """Leaves, and says what the pages complained of."""
        self.context.close()
        assert not self.complaints, "\n".join(self.complaints)

    def shot(self, path: Path) -> None:
        """A picture of the whole page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True, animations="disabled")

    def _hear_out(self) -> None:
        """What the pages have complained of already is on its way to us, in front of their next answer."""
        for page in self.context.pages:
            with contextlib.suppress(Error):  # it is closed, or on its way elsewhere
                page.evaluate("0")

    def _complain(self, what: str) -> None:
        if not self._troubled:
            self.complaints.append(what)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and message.text != BLOCKED:
            self._complain(f"console {message.type}: {message.text}")

    def _on_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # what a page gives up when it closes or moves on
            self._complain(f"failed: {request.method} {request.url}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._complain(f"{response.status}: {response.request.method} {response.url}")
