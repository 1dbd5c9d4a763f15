"""People, the audit log and roles."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.profiles import ROLES
from meetmates.http.admin.seats import Seats
from meetmates.safety.lookups import MOST_FOUND, SHORTEST

PAGE = 50  # rows
READ = ["GET", "HEAD"]
NOBODY = "There is nobody of that address."


def add(router: APIRouter, seats: Seats) -> None:
    """Adds the routes."""
    console = seats.moderation.console

    @router.api_route("/people", methods=READ)
    async def search_page(request: Request) -> Response:
        """A form to search with."""
        seat = await seats.of(request)
        return seats.show(request, seat, "people", searched="", found=None, most=MOST_FOUND, shortest=SHORTEST)

    @router.post("/people")
    async def search(request: Request) -> Response:
        """By address. Sent as a form: addresses would stay in the browser's history and in the logs of proxies."""
        seat, fields = await seats.acting(request)
        text = fields.get("email", "").strip()[:254]
        found = await console.find(seat.who, text)
        return seats.show(request, seat, "people", searched=text, found=found, most=MOST_FOUND, shortest=SHORTEST)

    @router.api_route("/people/{id}", methods=READ)
    async def person(request: Request, id: str) -> Response:
        """What is known about somebody."""
        seat = await seats.of(request)
        dossier = await console.dossier(seat.who, id)
        return seats.show(request, seat, "person", dossier=dossier, now=seats.parts.clock.wall())

    @router.api_route("/audit", methods=READ)
    async def audit(request: Request, before: Annotated[int | None, Query(ge=1, le=2**53)] = None) -> Response:
        """The log, and whether it holds."""
        seat = await seats.of(request)
        rows, verdict = await console.audit(before, PAGE)
        more = rows[-1].number if len(rows) == PAGE and rows[-1].number > 1 else None
        return seats.show(request, seat, "audit", rows=rows, verdict=verdict, more=more)

    @router.api_route("/roles", methods=READ)
    async def roles(request: Request) -> Response:
        """Who has one."""
        seat = await seats.of(request)
        staff = await console.staff(seat.who)
        return seats.show(request, seat, "roles", rows=staff, roles=ROLES, filled={"email": "", "role": "moderator"})

    @router.post("/roles")
    async def set_role(request: Request) -> Response:
        """Gives one to whoever has that address."""
        seat, fields = await seats.acting(request)
        staff = await console.staff(seat.who)
        filled = {"email": fields.get("email", "").strip()[:254], "role": fields.get("role", "")}
        profile = await seats.parts.profiles.by_email(filled["email"])
        if filled["role"] not in ROLES:
            raise AccountRefused(Problem.STALE_FORM)
        if profile is None:
            told = {"rows": staff, "roles": ROLES, "filled": filled, "wrong": NOBODY}
            return seats.show(request, seat, "roles", status=400, **told)
        await console.set_role(seat.who, profile.id, filled["role"])
        return seats.go("/admin/roles?done=role", seat.visit)

    @router.post("/roles/{id}/reset")
    async def reset(request: Request, id: str) -> Response:
        """The phone is gone: the second factor goes as well."""
        seat, _ = await seats.acting(request)
        await console.reset_second_factor(seat.who, id)
        return seats.go("/admin/roles?done=reset", seat.visit)
