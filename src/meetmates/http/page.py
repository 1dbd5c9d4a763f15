"""The web page, as its build left it in the folder `page/`: its files, and what browsers may do with them."""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Route

from meetmates.http.statics import read_folder

BUILT = Path(str(files("meetmates.http"))) / "page"
INDEX = "index.html"
STATES = ("signin", "start", "waiting", "chat", "account", "blocked", "help", "devices")  # the page's own addresses
ASSETS, ICONS = "assets/", "icons/"
READ = ["GET", "HEAD"]
FOR_EVER = "public, max-age=31536000, immutable"  # a year; the name of an asset changes with its content
ASK_FIRST = "no-cache"
PERMISSIONS = "camera=(self), microphone=(self), display-capture=(self), geolocation=()"
GOOGLE = "https://accounts.google.com/gsi/"  # as Google Identity Services documents for a Content-Security-Policy


class Page:
    """The built page. `own_origins` are where browsers find this server; `google`: its sign-in is offered."""

    def __init__(self, folder: Path, own_origins: Iterable[str], google: bool) -> None:
        self.files = read_folder(folder)
        self._headers = {
            "content-security-policy": policy(own_origins, google),
            "permissions-policy": PERMISSIONS,
            "cross-origin-opener-policy": "same-origin-allow-popups" if google else "same-origin",
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        }

    def add_to(self, app: FastAPI) -> None:
        """Adds its routes; nothing else of the server's is hidden by them."""
        states = [f"/{state}{rest}" for state in STATES for rest in ("", "/{rest:path}")]
        folders = [f"/{folder}{{name:path}}" for folder in (ASSETS, ICONS)]
        app.router.routes.extend(Route(path, self._index, methods=READ) for path in ("/", *states))
        app.router.routes.extend(Route(path, self._file, methods=READ) for path in folders)
        alone = [name for name in self.files if "/" not in name and name != INDEX]
        app.router.routes.extend(Route(f"/{name}", self._file, methods=READ) for name in alone)

    async def _index(self, request: Request) -> Response:
        return self._answer(request, INDEX)

    async def _file(self, request: Request) -> Response:
        return self._answer(request, request.scope["path"].removeprefix("/"))

    def _answer(self, request: Request, name: str) -> Response:
        file = self.files.get(name)
        if file is None:
            raise HTTPException(404)
        kept = FOR_EVER if name.startswith(ASSETS) else ASK_FIRST
        return file.answer(request.headers, {**self._headers, "cache-control": kept})


def is_built(folder: Path) -> bool:
    """Whether there is a page in `folder` to serve."""
    return (folder / INDEX).is_file()


def policy(own_origins: Iterable[str], google: bool) -> str:
    """The Content-Security-Policy: nothing but this server's own files, and no script or style within a page.

    Older Safari does not take `ws:` for `'self'`, so each own origin is named in that form too; but for IPv6 addresses,
    which a policy cannot name (CSP level 3, section 2.3.1).
    """
    sockets = [origin.replace("http", "ws", 1) for origin in own_origins if "[" not in origin]
    sources = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'", *sockets],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    if google:
        sources["script-src"].append(f"{GOOGLE}client")
        sources["style-src"].append(f"{GOOGLE}style")
        sources["connect-src"].append(GOOGLE)
        sources["frame-src"] = [GOOGLE]
    return "; ".join(f"{name} {' '.join(allowed)}" for name, allowed in sources.items())
