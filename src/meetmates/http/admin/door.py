"""Signing in: the password, then six digits; the first time, the authenticator app is set up in between."""

from typing import Any

import segno
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.http.admin.pages import HEADERS
from meetmates.http.admin.seats import SIGN_IN, Elsewhere, Seats
from meetmates.http.admin.visits import DOOR_NAME, Stage, Visit
from meetmates.http.device import device_of
from meetmates.http.limits import Rule, Try, mailbox_of
from meetmates.safety.lookups import STAFF

CODE = "/admin/second-factor"
NO_MODERATOR = "This account is not a moderator's."
WRONG_DIGITS = "These six digits are wrong, too old, or were used before."


def add(router: APIRouter, seats: Seats) -> None:
    """Adds the routes."""
    door = _Door(seats)

    @router.api_route("/sign-in", methods=["GET", "HEAD"])
    async def sign_in_page(request: Request) -> Response:
        """Address and password."""
        return door.sign_in_page(request)

    @router.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        """Checks them."""
        return await door.sign_in(request)

    @router.api_route("/second-factor", methods=["GET", "HEAD"])
    async def code_page(request: Request) -> Response:
        """Six digits, and a picture to set up the app where it is the first time."""
        return await door.code_page(request, door.waiting(request))

    @router.post("/second-factor")
    async def code(request: Request) -> Response:
        """Checks them, and opens the door."""
        return await door.code(request)

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        """Ends the session."""
        return await door.sign_out(request)


class _Door:
    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._parts = seats.parts
        self._visits = seats.visits
        self._console = seats.moderation.console
        self._totp = seats.moderation.totp

    def sign_in_page(self, request: Request, **told: Any) -> Response:
        """For a visit that has proved nothing, a new one where there is none; who is in already goes on."""
        inside = self._visits.inside(request)
        if inside is not None and not self._visits.is_over(inside) and not told:
            return self._seats.go("/admin", inside)
        visit = self._visits.outside(request)
        if visit is None or visit.stage is not Stage.DOOR:
            visit = self._visits.new(Stage.DOOR)
        return self._seats.show_outside(request, visit, "sign-in", **{"email": "", "held": None, **told})

    async def sign_in(self, request: Request) -> Response:
        """On to the six digits, or the same page with what is wrong."""
        visit = self._visits.outside(request)
        if visit is None or visit.stage is not Stage.DOOR:
            raise AccountRefused(Problem.STALE_FORM)
        fields = await self._visits.form(request, visit)
        email = fields.get("email", "")[:254]
        try:
            further = await self._prove(request, email, fields.get("password", ""))
        except AccountRefused as refused:
            if refused.problem is Problem.TOO_MANY:
                raise
            answer = refused.problem.value
            told = refused.data if refused.problem is Problem.SANCTIONED else None
            wrong = NO_MODERATOR if refused.problem is Problem.FORBIDDEN else answer.message
            return self.sign_in_page(request, status=answer.status, wrong=wrong, email=email, held=told)
        return self._seats.go(CODE, further)

    async def _prove(self, request: Request, email: str, password: str) -> Visit:
        """The visit of somebody whose password was right."""
        address = self._parts.limits.address(request)
        self._parts.limits.take(Try(Rule.SIGN_IN, address))
        with self._parts.limits.counting(*_tries(email, address), counts=_is_guess):
            try:
                came = await self._parts.signin.with_password(email, password)
            except AccountRefused as refused:
                if refused.problem is not Problem.SECOND_FACTOR:
                    raise
                return await self._known(email)
        await self._parts.sessions.end(came.account.id, came.tokens.session_id)  # it lacks the second factor
        if came.account.role not in STAFF:
            raise AccountRefused(Problem.FORBIDDEN)
        await self._totp.begin(came.account.id)
        return self._visits.new(Stage.SET_UP, came.account.id, came.account.email)

    async def _known(self, email: str) -> Visit:
        """Somebody with an authenticator app; whoever was a moderator once may have kept it."""
        profile = await self._parts.profiles.by_email(email)
        if profile is None or profile.role not in STAFF:
            raise AccountRefused(Problem.FORBIDDEN)
        return self._visits.new(Stage.CODE, profile.id, profile.email)

    def waiting(self, request: Request) -> Visit:
        """The visit that the six digits are missing from. Raises `Elsewhere` where there is none."""
        visit = self._visits.outside(request)
        if visit is None or visit.stage is Stage.DOOR:
            raise Elsewhere(SIGN_IN)
        return visit

    async def code_page(
        self, request: Request, visit: Visit, *, status: int = 200, wrong: str | None = None
    ) -> Response:
        """The form for them."""
        told: dict[str, Any] = {"secret": None, "picture": None, "email": visit.email, "wrong": wrong}
        if visit.stage is Stage.SET_UP:
            enrolment = await self._totp.begun(visit.account)
            if enrolment is None:
                raise Elsewhere(SIGN_IN)
            told["secret"] = " ".join(enrolment.secret[i : i + 4] for i in range(0, len(enrolment.secret), 4))
            told["picture"] = _picture(enrolment.uri)
        return self._seats.show_outside(request, visit, "second-factor", status=status, **told)

    async def code(self, request: Request) -> Response:
        """In, or the same page again."""
        visit = self.waiting(request)
        given = (await self._visits.form(request, visit)).get("code", "")[:32]
        try:
            await self._check(request, visit, given)
        except AccountRefused as refused:
            if refused.problem not in (Problem.SECOND_FACTOR, Problem.WRONG_CODE):
                raise
            return await self.code_page(request, visit, status=400, wrong=WRONG_DIGITS)
        response = self._seats.go("/admin", await self._enter(request, visit))
        self._visits.drop(response, DOOR_NAME)
        return response

    async def _check(self, request: Request, visit: Visit, given: str) -> None:
        """Counts like a password: whoever guesses the digits has guessed that, too."""
        tries = _tries(visit.email, self._parts.limits.address(request))
        with self._parts.limits.counting(*tries, counts=lambda outcome: outcome is not None):
            if visit.stage is Stage.SET_UP:
                await self._totp.confirm(visit.account, given)
                await self._console.note_own(visit.account, "second_factor.set")
            elif not await self._totp.second_factor(visit.account, given):
                raise AccountRefused(Problem.SECOND_FACTOR)  # it was reset a moment ago

    async def _enter(self, request: Request, visit: Visit) -> Visit:
        device = f"the moderators' pages, {device_of(request.headers.get('user-agent'))}"
        tokens = await self._parts.sessions.open(visit.account, device, second_factor=True)
        try:
            await self._console.admit(visit.account, tokens.session_id)
        except AccountRefused:
            await self._parts.sessions.end(visit.account, tokens.session_id)
            raise
        await self._console.note_own(visit.account, "console.entered")
        return self._visits.new(Stage.IN, visit.account, visit.email, tokens.session_id)

    async def sign_out(self, request: Request) -> Response:
        """The row of the session goes: no copy of the cookie is worth anything after this."""
        seat, _ = await self._seats.acting(request)
        await self._parts.sessions.end(seat.who.id, seat.visit.session)
        await self._console.note_own(seat.who.id, "console.left")
        response = RedirectResponse(f"{SIGN_IN}?done=out", 303, HEADERS)
        self._visits.drop(response)
        return response


def _tries(email: str, address: str) -> tuple[Try, Try]:
    """What counts as a guess at a mailbox: the same windows as those of the REST API's sign-in."""
    mailbox = mailbox_of(email)
    return Try(Rule.FAILURES_HERE, f"{mailbox} {address}"), Try(Rule.FAILURES, mailbox)


def _is_guess(outcome: Problem | None) -> bool:
    return outcome is Problem.WRONG_CREDENTIALS


def _picture(uri: str) -> Markup:
    """A QR code as a drawing within the page: the policy allows no image from anywhere."""
    code = segno.make_qr(uri, error="m")
    return Markup(code.svg_inline(border=2, dark="#000", light="#fff", omitsize=True, title="QR code of the secret"))  # noqa: S704 - made here
