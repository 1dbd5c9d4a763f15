"""All of /admin: a refusal is a page as well, and whoever is not signed in is led to the sign-in."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.http.admin import desk, door, people
from meetmates.http.admin.pages import FOLDER, HEADERS
from meetmates.http.admin.seats import Elsewhere, Seats
from meetmates.http.admin.visits import NAME
from meetmates.http.limits import counted
from meetmates.http.moderation import storable
from meetmates.http.parts import Parts

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def admin_router(parts: Parts) -> APIRouter:
    """The pages. `parts.moderation` must be there."""
    seats = Seats(parts)
    style = (FOLDER / "admin.css").read_text()
    router = APIRouter(
        prefix="/admin",
        include_in_schema=False,
        route_class=_route_class(seats),
        dependencies=[counted, Depends(storable)],
    )

    @router.api_route("/style.css", methods=["GET", "HEAD"])
    async def stylesheet() -> Response:
        """The pages' looks."""
        headers = {"cache-control": "max-age=300", "x-content-type-options": "nosniff"}
        return Response(style, media_type="text/css", headers=headers)

    door.add(router, seats)
    desk.add(router, seats)
    people.add(router, seats)

    @router.api_route("/{rest:path}", methods=["GET", "HEAD", "POST"])
    async def nothing(rest: str) -> Response:
        """No such page."""
        raise AccountRefused(Problem.NOT_FOUND)

    return router


def _route_class(seats: Seats) -> type[APIRoute]:
    class PageRoute(APIRoute):
        """A route whose refusals are pages."""

        def get_route_handler(self) -> Handler:
            handler = super().get_route_handler()

            async def answer(request: Request) -> Response:
                try:
                    return await handler(request)
                except Elsewhere as elsewhere:
                    response = RedirectResponse(elsewhere.path, 303, HEADERS)
                    if NAME in request.cookies:
                        seats.visits.drop(response)
                    return response
                except AccountRefused as refused:
                    return seats.refusal(request, refused)
                except RequestValidationError:
                    return seats.refusal(request, AccountRefused(Problem.NOT_FOUND))

            return answer

    return PageRoute
