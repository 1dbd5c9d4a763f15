"""Who asks for a page, and the page that they get: what every route here does first and last."""

import math
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from meetmates.accounts.errors import AccountRefused
from meetmates.http.admin.pages import HEADERS, Pages
from meetmates.http.admin.visits import Visit, Visits
from meetmates.http.parts import Moderation, Parts
from meetmates.safety.console import Moderator

SIGN_IN = "/admin/sign-in"
DONE = {  # what a page says after a form was sent
    "decided": "The report is decided.",
    "lifted": "The sanction is lifted.",
    "granted": "The appeal is granted, and the sanction is lifted.",
    "refused": "The appeal is refused.",
    "role": "The role is changed.",
    "reset": "The second factor is reset. The next sign-in sets up a new one.",
    "out": "You are signed out.",
    "over": "You were signed out. Please sign in again.",
}


class Elsewhere(Exception):  # noqa: N818 - a way to go
    """Nobody sits here: `path` is where to go instead."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Seat:
    """A moderator at work."""

    who: Moderator
    visit: Visit


class Seats:
    """The parts, as the pages use them."""

    def __init__(self, parts: Parts) -> None:
        if parts.moderation is None:
            raise ValueError("the pages need `parts.moderation`")
        self.parts = parts
        self.moderation: Moderation = parts.moderation
        self.visits = Visits(parts, parts.moderation.sealer, parts.moderation.own_origins)
        self._pages = Pages()

    async def of(self, request: Request) -> Seat:
        """Whoever signed in and is a moderator still. Raises `Elsewhere` for all others."""
        visit = self.visits.inside(request)
        if visit is None:
            raise Elsewhere(SIGN_IN)
        if self.visits.is_over(visit):
            await self.parts.sessions.end(visit.account, visit.session)
            raise Elsewhere(f"{SIGN_IN}?done=over")
        try:
            who = await self.moderation.console.admit(visit.account, visit.session)
        except AccountRefused:
            raise Elsewhere(f"{SIGN_IN}?done=over") from None
        return Seat(who, visit)

    async def acting(self, request: Request) -> tuple[Seat, dict[str, str]]:
        """The same with the fields of the form that they sent. Raises `AccountRefused` for a foreign or old form."""
        seat = await self.of(request)
        return seat, await self.visits.form(request, seat.visit)

    def show(self, request: Request, seat: Seat, name: str, *, status: int = 200, **told: Any) -> Response:
        """A page for a moderator."""
        common = {
            "who": seat.who,
            "email": seat.visit.email,
            "form_token": self.visits.form_token(seat.visit),
            "done": DONE.get(request.query_params.get("done", "")),
            "wrong": None,
            "here": name,
        }
        response = self._pages.show(name, common | told, status)
        self.visits.put(response, seat.visit)
        return response

    def show_outside(self, request: Request, visit: Visit, name: str, *, status: int = 200, **told: Any) -> Response:
        """A page for somebody who is not signed in yet."""
        common = {
            "who": None,
            "form_token": self.visits.form_token(visit),
            "done": DONE.get(request.query_params.get("done", "")),
            "wrong": None,
        }
        response = self._pages.show(name, common | told, status)
        self.visits.put(response, visit)
        return response

    def go(self, path: str, visit: Visit) -> Response:
        """On to another page after a form."""
        response = RedirectResponse(path, 303, HEADERS)
        self.visits.put(response, visit)
        return response

    def refusal(self, request: Request, refused: AccountRefused) -> Response:
        """What a use case refused, as a page. It shows nothing of a moderator's, for it may be for anybody."""
        answer = refused.problem.value
        inside = self.visits.inside(request) is not None
        told = {"who": None, "done": None, "wrong": answer.message, "status": answer.status, "inside": inside}
        response = self._pages.show("refused", told, answer.status)
        if refused.retry_after is not None or answer.status == 429:
            response.headers["retry-after"] = str(max(1, math.ceil(refused.retry_after or 1)))
        return response
