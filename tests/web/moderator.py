"""Somebody who judges reports, in the moderators' pages."""

import pyotp
from playwright.sync_api import Browser, Locator, expect

from tests.support.letters import Letterbox
from tests.support.operator import operate
from tests.support.server import RunningServer
from tests.web.people import PASSWORD, Person


class Moderator(Person):
    """Made by the operator's commands; their phone shows six digits."""

    def __init__(self, browser: Browser, server: RunningServer, letters: Letterbox) -> None:
        super().__init__(browser, server.url, letters)
        operate(server, "user", "create", self.email, "--password", PASSWORD)
        operate(server, "user", "promote", self.email, "--role", "moderator")

    def enter(self) -> None:
        """Signs in for the first time: password, the secret for the authenticator app, its digits."""
        self.page.goto("/admin")
        self.page.get_by_label("E-mail address").fill(self.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.button("Go on").click()
        secret = self.page.locator("code.secret").inner_text().replace(" ", "")
        self.page.get_by_label("The six digits that your app shows").fill(pyotp.TOTP(secret).now())
        self.button("Confirm and sign in").click()
        self.is_at("/admin")

    def open_report(self, reason: str) -> None:
        """The report with this reason, and what is sealed into it."""
        self.page.goto("/admin/reports")
        self.page.get_by_role("link", name=reason).click()
        self.button("Show the evidence").click()

    def lines(self) -> list[str]:
        """Who said what, in the evidence that is open."""
        lines = self.page.locator("ol.lines li")
        expect(lines.first).to_be_visible()
        return [_without_time(line) for line in lines.all()]

    def decide(self, choice: str, reason: str) -> None:
        """Judges the report that is open."""
        self.page.get_by_role("radio", name=choice).check()
        self.page.get_by_label("Reason").fill(reason)
        self.button("Decide").click()
        self.page.wait_for_url("**/admin/reports?done=decided")


def _without_time(line: Locator) -> str:
    who = line.locator("small").inner_text().split(",")[0]
    return f"{who}: {line.locator('p').inner_text()}"
