"""Single sign-on: to the campus's provider and back, by links of the browser. Afterwards it holds the refresh cookie.

A person looks at these answers, so they lead to the page, whatever happens. What went wrong stands behind the `#`: no
server and no log is told it.
"""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.http import cookies
from meetmates.http.device import device_of
from meetmates.http.limits import Rule, Try, counted
from meetmates.http.parts import Given, Parts
from meetmates.http.problems import documented

router = APIRouter(prefix="/api/auth/sso", tags=["single sign-on"], dependencies=[counted])

PAGE = "/"
Responses = dict[int | str, dict[str, Any]]
AWAY: Responses = {
    303: {
        "description": "To the provider; to the page where it cannot be reached.",
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
}
BACK: Responses = {303: {"description": "To the page.", "headers": {"Location": {"schema": {"type": "string"}}}}}


@router.get(
    "/start",
    summary="Go to the college to sign in",
    status_code=303,
    response_class=RedirectResponse,
    responses=AWAY | documented(Problem.NOT_CONFIGURED),
)
async def start(request: Request, parts: Given) -> RedirectResponse:
    """Sends the browser to the campus's provider."""
    parts.limits.take(Try(Rule.SIGN_IN, parts.limits.address(request)))
    if parts.single_sign_on is None:
        raise AccountRefused(Problem.NOT_CONFIGURED)
    try:
        url, state = await parts.single_sign_on.start()
    except AccountRefused as refused:
        return RedirectResponse(_page(parts, problem=refused.problem.value.code), 303)
    response = RedirectResponse(url, 303)
    cookies.put_state(response, state, parts)
    return response


@router.get(
    "/callback",
    summary="Come back from the college",
    status_code=303,
    response_class=RedirectResponse,
    responses=BACK | documented(Problem.NOT_CONFIGURED),
)
async def callback(
    request: Request,
    parts: Given,
    code: Annotated[str | None, Query(description="The authorization code.")] = None,
    state: Annotated[str | None, Query(description="As it was sent.")] = None,
    iss: Annotated[str | None, Query(description="The provider, RFC 9207.")] = None,
    error: Annotated[str | None, Query(description="Why the provider refused.")] = None,
) -> RedirectResponse:
    """Where the provider sends the browser back to. The page then asks `/api/auth/refresh` for its tokens."""
    parts.limits.take(Try(Rule.SIGN_IN, parts.limits.address(request)))
    if parts.single_sign_on is None:
        raise AccountRefused(Problem.NOT_CONFIGURED)
    remembered = request.cookies.get(cookies.STATE_NAME)
    try:
        identity = await parts.single_sign_on.finish(dict(request.query_params), remembered)
        signed_in = await parts.signin.with_identity(identity, device_of(request.headers.get("user-agent")))
    except AccountRefused as refused:
        response = RedirectResponse(_page(parts, problem=refused.problem.value.code, **refused.data), 303)
    else:
        response = RedirectResponse(_page(parts, signedIn="sso"), 303)
        tokens = signed_in.tokens
        cookies.put(response, tokens.refresh, tokens.refresh_expires_at - parts.clock.wall(), parts)
    cookies.drop_state(response, parts)
    return response


def _page(parts: Parts, **told: object) -> str:
    said = urlencode({name: value for name, value in told.items() if value is not None})
    return f"{parts.settings.page_url or ''}{PAGE}#{said}"
