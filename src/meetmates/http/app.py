"""The plain HTTP routes: health, metrics, a page that says that the server runs; those of accounts; the web page."""

import hmac
from collections.abc import Callable, Iterable, Mapping
from html import escape
from importlib.resources import files
from ipaddress import IPv6Address, ip_address
from string import Template

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException

from meetmates.accounts.errors import AccountRefused
from meetmates.http import account, auth, ice, single_sign_on, tokens
from meetmates.http.client_script import add_client_script
from meetmates.http.docs import add_docs
from meetmates.http.guard import Guard
from meetmates.http.metrics import registry
from meetmates.http.page import Page
from meetmates.http.parts import Parts
from meetmates.http.problems import account_refused, failed, http_refused, problem, request_invalid
from meetmates.service.measures import Measures
from meetmates.settings import Settings

READ = ["GET", "HEAD"]  # RFC 9110, section 9.1: a server has both
PAGES = files("meetmates.http") / "pages"
PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
PROXY_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
NOT_BUILT = """<h2>No page yet</h2>
<p>The page for people is not built. In a checkout <code>make setup</code> builds it; then start again.</p>"""
NO_METRICS = "Metrics are for this machine itself, or for who sends MEETMATES_METRICS_TOKEN as a bearer token."


def make_http(
    *,
    settings: Settings,
    measures: Measures,
    tables: Callable[[], Mapping[str, int]],
    ready: Callable[[], bool],
    parts: Parts | None = None,
    routers: Iterable[APIRouter] = (),
    page: Page | None = None,
) -> FastAPI:
    """The application for everything but the engine's path. `ready` turns false when the server stops.

    With `parts` it has the routes of accounts, and `routers` beside them. Without a built `page`, the plain one of
    `/status` is at `/` too, and says how to build it.
    """
    app = FastAPI(title="MeetMates", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    _handle_refusals(app)
    if parts is not None:
        _add_accounts(app, parts, routers)
    metrics = registry(measures, tables)
    index = Template((PAGES / "index.html").read_text())
    style = (PAGES / "style.css").read_text()
    token = settings.metrics_token.get_secret_value() if settings.metrics_token is not None else None

    @app.api_route("/healthz", methods=READ, include_in_schema=False)
    async def healthz() -> PlainTextResponse:
        """The process lives."""
        return PlainTextResponse("ok\n")

    @app.api_route("/readyz", methods=READ, include_in_schema=False)
    async def readyz() -> PlainTextResponse:
        """It takes people."""
        return PlainTextResponse("ready\n") if ready() else PlainTextResponse("stopping\n", 503)

    @app.api_route("/metrics", methods=READ, include_in_schema=False)
    async def prometheus(request: Request) -> Response:
        """How it fares; for this machine, or with the metrics token."""
        if not _may_see_metrics(request, token):
            return problem(403, NO_METRICS)
        return Response(generate_latest(metrics), media_type=CONTENT_TYPE_LATEST)

    async def status() -> HTMLResponse:
        """It runs."""
        text = index.substitute(
            online=tables()["connections"],
            url=escape(settings.public_url or own_url(settings)),
            not_built=NOT_BUILT if page is None else "",
        )
        return HTMLResponse(text, headers=PAGE_HEADERS)

    for path in ("/status",) if page is not None else ("/status", "/"):
        app.add_api_route(path, status, methods=READ, include_in_schema=False)

    @app.api_route("/style.css", methods=READ, include_in_schema=False)
    async def stylesheet() -> Response:
        """The page's looks."""
        return Response(style, media_type="text/css", headers={"cache-control": "max-age=300"})

    if page is not None:
        page.add_to(app)
    allows_origin = parts.allows_origin if parts is not None else _no_origin
    add_client_script(app, page.files if page is not None else {}, allows_origin)
    return app


def _handle_refusals(app: FastAPI) -> None:
    app.add_exception_handler(AccountRefused, account_refused)  # type: ignore[arg-type]  # each gets its own kind alone
    app.add_exception_handler(RequestValidationError, request_invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, http_refused)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, failed)


def _add_accounts(app: FastAPI, parts: Parts, routers: Iterable[APIRouter]) -> None:
    app.state.parts = parts
    app.add_middleware(Guard, allows_origin=parts.allows_origin)
    for router in (auth.router, tokens.router, single_sign_on.router, account.router, ice.router, *routers):
        app.include_router(router)
    add_docs(app)


def _no_origin(origin: str | None) -> bool:
    return origin is None


def own_url(settings: Settings) -> str:
    """Where the server listens, as an address for a browser on this machine."""
    scheme = "https" if settings.tls_cert is not None else "http"
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _may_see_metrics(request: Request, token: str | None) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    right = token is not None and hmac.compare_digest(given.strip().encode("latin-1"), token.encode())
    if right and scheme.lower() == "bearer":
        return True
    if request.client is None or any(header in request.headers for header in PROXY_HEADERS):
        return False
    try:
        peer = ip_address(request.client.host)
    except ValueError:
        return False
    if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
        return peer.ipv4_mapped.is_loopback
    return peer.is_loopback
