"""The daily work: numbers, reports with their evidence, decisions, sanctions and appeals."""

from typing import Any

from fastapi import APIRouter, Request, Response

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.domain.ladder import Kind
from meetmates.http.admin.seats import Seat, Seats
from meetmates.safety.console import LONGEST_REASON
from meetmates.safety.sanctions import ENDING

STATES = ("open", "upheld", "dismissed")
PAGE = 30  # rows
READ = ["GET", "HEAD"]
CHOICES = {  # the value of a choice: what it says, whether the report was right, the sanction
    "dismiss": ("Dismiss it", False, None),
    "uphold": ("Uphold it, without a sanction", True, None),
    "warning": ("Uphold it and warn the person", True, Kind.WARNING),
    "mute": ("Uphold it and mute the person", True, Kind.MUTE),
    "suspension": ("Uphold it and suspend the person", True, Kind.SUSPENSION),
    "ban": ("Uphold it and ban the person for good", True, Kind.BAN),
}
LENGTHS = {  # hours: what it says
    "1": "1 hour",
    "24": "1 day",
    "72": "3 days",
    "168": "1 week",
    "672": "4 weeks",
    "2160": "90 days",
}
UNDECIDED = (Problem.REASON_LENGTH, Problem.BAD_END)
NO_CHOICE = "Please choose a decision."


def add(router: APIRouter, seats: Seats) -> None:
    """Adds the routes."""
    console = seats.moderation.console
    desk = _Desk(seats)

    @router.api_route("", methods=READ)
    async def overview(request: Request) -> Response:
        """How it stands at this moment."""
        seat = await seats.of(request)
        return seats.show(request, seat, "overview", live=seats.moderation.numbers(), work=await console.numbers())

    @router.api_route("/reports", methods=READ)
    async def reports(request: Request, state: str = "open", before: str | None = None) -> Response:
        """The queue."""
        seat = await seats.of(request)
        chosen = state if state in STATES else "open"
        rows = await console.queue(seat.who, chosen, before, PAGE)
        more = rows[-1].id if len(rows) == PAGE else None
        return seats.show(request, seat, "reports", rows=rows, state=chosen, states=STATES, more=more)

    @router.api_route("/reports/{id}", methods=READ)
    async def report(request: Request, id: str) -> Response:
        """One report, unopened."""
        return await desk.report(request, await seats.of(request), id)

    @router.post("/reports/{id}/evidence")
    async def evidence(request: Request, id: str) -> Response:
        """The same, opened: nothing of it stands at an address that a browser keeps or asks for by itself."""
        seat, _ = await seats.acting(request)
        return await desk.report(request, seat, id, opened=await console.evidence(seat.who, id))

    @router.post("/reports/{id}/decision")
    async def decision(request: Request, id: str) -> Response:
        """Decides on it."""
        return await desk.decide(request, id)

    @router.api_route("/sanctions", methods=READ)
    async def sanctions(request: Request, before: str | None = None) -> Response:
        """Everybody's, the newest first."""
        seat = await seats.of(request)
        rows = await console.sanctions(before, PAGE)
        more = rows[-1].id if len(rows) == PAGE else None
        return seats.show(request, seat, "sanctions", rows=rows, now=seats.parts.clock.wall(), more=more)

    @router.post("/sanctions/{id}/lift")
    async def lift(request: Request, id: str) -> Response:
        """Ends one before its time."""
        seat, _ = await seats.acting(request)
        await console.lift(seat.who, id)
        return seats.go("/admin/sanctions?done=lifted", seat.visit)

    @router.api_route("/appeals", methods=READ)
    async def appeals(request: Request) -> Response:
        """Those that wait."""
        seat = await seats.of(request)
        return seats.show(request, seat, "appeals", rows=await console.appeals(seat.who))

    @router.post("/appeals/{id}/decision")
    async def appeal(request: Request, id: str) -> Response:
        """Decides on one: the button that was pressed says how."""
        seat, fields = await seats.acting(request)
        decision = fields.get("decision")
        if decision not in ("grant", "refuse"):
            raise AccountRefused(Problem.STALE_FORM)
        await console.decide_appeal(seat.who, id, decision == "grant")
        return seats.go(f"/admin/appeals?done={'granted' if decision == 'grant' else 'refused'}", seat.visit)


class _Desk:
    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._console = seats.moderation.console

    async def report(self, request: Request, seat: Seat, id: str, status: int = 200, **told: Any) -> Response:
        """The page of one report; `opened` is its evidence, `filled` what was typed before."""
        found = await self._console.report(seat.who, id)
        may_decide = await self._console.may_decide(seat.who, found)
        empty = {"decision": "", "hours": "24", "reason": ""}
        common = {"report": found, "may_decide": may_decide, "choices": CHOICES, "lengths": LENGTHS}
        more = {"longest": LONGEST_REASON, "opened": None, "filled": empty}
        return self._seats.show(request, seat, "report", status=status, **common | more | told)

    async def decide(self, request: Request, id: str) -> Response:
        """Back to the queue, or the page again with what is wrong."""
        seat, fields = await self._seats.acting(request)
        filled = {name: fields.get(name, "") for name in ("decision", "hours", "reason")}
        if filled["decision"] not in CHOICES or filled["hours"] not in LENGTHS:
            return await self.report(request, seat, id, 400, wrong=NO_CHOICE, filled=filled | {"hours": "24"})
        _, uphold, kind = CHOICES[filled["decision"]]
        end = self._seats.parts.clock.wall() + float(filled["hours"]) * 3600
        until = end if kind in ENDING else None
        try:
            await self._console.decide(seat.who, id, uphold=uphold, kind=kind, reason=filled["reason"], until=until)
        except AccountRefused as refused:
            if refused.problem not in UNDECIDED:
                raise
            answer = refused.problem.value
            return await self.report(request, seat, id, answer.status, wrong=answer.message, filled=filled)
        return self._seats.go("/admin/reports?done=decided", seat.visit)
