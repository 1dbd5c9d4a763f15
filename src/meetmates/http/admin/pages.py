"""Pages from templates, every value escaped, under a policy that lets no script run."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from meetmates.accounts.times import iso

FOLDER = files("meetmates.http") / "pages"
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with `no-referrer` a browser hides the origin of our own forms, too
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
SHOWN = 10  # characters of an id


class Pages:
    """The templates, compiled once each."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(str(FOLDER / "admin")),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(when=when, short=short, words=words)

    def show(self, name: str, told: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        """The page `name` with what it is told."""
        return HTMLResponse(self._templates.get_template(f"{name}.html").render(told), status, HEADERS)


Show = Callable[..., HTMLResponse]


def when(seconds: float | None) -> Markup:
    """A time, for people and for programs; none: for good."""
    if seconds is None:
        return Markup("for good")
    day = datetime.fromtimestamp(seconds, UTC)
    return Markup('<time datetime="{}">{} {:%b %Y, %H:%M}</time>').format(iso(seconds), day.day, day)


def short(id: str) -> str:
    """The start of an id: enough to tell two apart."""
    return id if len(id) <= SHOWN + 2 else f"{id[:SHOWN]}…"


def words(detail: Mapping[str, Any]) -> str:
    """What an entry of the log says besides, in one line."""
    return ", ".join(f"{name} {_plain(name, value)}" for name, value in detail.items() if value not in (None, [], {}))


def _plain(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return iso(value) if name == "until" and isinstance(value, float) else str(value)
