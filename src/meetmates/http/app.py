"""The plain HTTP routes: health, metrics, and a page that says that the server runs."""

import hmac
from collections.abc import Callable, Mapping
from html import escape
from importlib.resources import files
from ipaddress import IPv6Address, ip_address
from string import Template

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException

from meetmates.http.metrics import registry
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
DETAILS = {
    404: "There is nothing at this address. The page at / says how to connect.",
    405: "This address is there to be read: use GET.",
}
PROXY_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
NO_METRICS = "Metrics are for this machine itself, or for who sends MEETMATES_METRICS_TOKEN as a bearer token."


def make_http(
    *,
    settings: Settings,
    measures: Measures,
    tables: Callable[[], Mapping[str, int]],
    ready: Callable[[], bool],
) -> FastAPI:
    """The application for everything but the engine's path. `ready` turns false when the server stops."""
    app = FastAPI(title="MeetMates", docs_url=None, redoc_url=None, openapi_url=None)
    metrics = registry(measures, tables)
    index = Template((PAGES / "index.html").read_text())
    style = (PAGES / "style.css").read_text()
    token = settings.metrics_token.get_secret_value() if settings.metrics_token is not None else None

    @app.api_route("/healthz", methods=READ)
    async def healthz() -> PlainTextResponse:
        """The process lives."""
        return PlainTextResponse("ok\n")

    @app.api_route("/readyz", methods=READ)
    async def readyz() -> PlainTextResponse:
        """It takes people."""
        return PlainTextResponse("ready\n") if ready() else PlainTextResponse("stopping\n", 503)

    @app.api_route("/metrics", methods=READ)
    async def prometheus(request: Request) -> Response:
        """How it fares; for this machine, or with the metrics token."""
        if not _may_see_metrics(request, token):
            return _problem(403, "Forbidden", NO_METRICS)
        return Response(generate_latest(metrics), media_type=CONTENT_TYPE_LATEST)

    @app.api_route("/", methods=READ)
    async def page() -> HTMLResponse:
        """It runs."""
        text = index.substitute(online=tables()["connections"], url=escape(settings.public_url or _own_url(settings)))
        return HTMLResponse(text, headers=PAGE_HEADERS)

    @app.api_route("/style.css", methods=READ)
    async def stylesheet() -> Response:
        """The page's looks."""
        return Response(style, media_type="text/css", headers={"cache-control": "max-age=300"})

    @app.exception_handler(HTTPException)
    async def problem(request: Request, error: HTTPException) -> JSONResponse:
        """What was asked for is not here, or not in this way."""
        detail = DETAILS.get(error.status_code, "This cannot be done.")
        return _problem(error.status_code, error.detail, detail, error.headers)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        """Our own mistake: the log has it, the answer says no more than that."""
        return _problem(500, "Internal Server Error", "Something went wrong here; the server's log says what.")

    return app


def _problem(status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Problem details, RFC 9457."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _own_url(settings: Settings) -> str:
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
