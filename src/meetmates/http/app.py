"""The plain HTTP routes: health, metrics, and a page that says that the server runs."""

import hmac
from collections.abc import Callable, Mapping
from importlib.resources import files
from ipaddress import ip_address
from string import Template

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException

from meetmates.http.metrics import registry
from meetmates.service.measures import Measures
from meetmates.settings import Settings

PAGES = files("meetmates.http") / "pages"
PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip")


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

    @app.get("/healthz")
    async def healthz() -> PlainTextResponse:
        """The process lives."""
        return PlainTextResponse("ok\n")

    @app.get("/readyz")
    async def readyz() -> PlainTextResponse:
        """It takes people."""
        return PlainTextResponse("ready\n") if ready() else PlainTextResponse("stopping\n", 503)

    @app.get("/metrics")
    async def prometheus(request: Request) -> Response:
        """How it fares; for this machine, or with the metrics token."""
        if not _may_see_metrics(request, token):
            return PlainTextResponse("Metrics are for this machine, or for MEETMATES_METRICS_TOKEN.\n", 403)
        return Response(generate_latest(metrics), media_type=CONTENT_TYPE_LATEST)

    @app.get("/")
    async def page() -> HTMLResponse:
        """It runs."""
        text = index.substitute(online=tables()["connections"], url=settings.public_url or _own_url(settings))
        return HTMLResponse(text, headers=PAGE_HEADERS)

    @app.get("/style.css")
    async def stylesheet() -> Response:
        """The page's looks."""
        return Response(style, media_type="text/css", headers={"cache-control": "max-age=300"})

    @app.exception_handler(HTTPException)
    async def problem(request: Request, error: HTTPException) -> JSONResponse:
        """RFC 9457 problem details."""
        body = {"type": "about:blank", "title": error.detail, "status": error.status_code}
        return JSONResponse(body, error.status_code, error.headers, media_type="application/problem+json")

    return app


def _own_url(settings: Settings) -> str:
    scheme = "https" if settings.tls_cert is not None else "http"
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _may_see_metrics(request: Request, token: str | None) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token is not None and hmac.compare_digest(given.encode(), token.encode()):
        return True
    if request.client is None or any(header in request.headers for header in PROXY_HEADERS):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
