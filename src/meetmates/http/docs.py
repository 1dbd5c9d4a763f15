"""The API's own description: /openapi.json, and /docs, which shows it with Swagger UI. All of it is served by us.

Swagger UI's bundled version reads OpenAPI 3.0, so the document is written in that.
"""

from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]

import meetmates
from meetmates.http.problems import MEDIA_TYPE, ProblemBody, described

PAGES = files("meetmates.http") / "pages"
SWAGGER = Path(str(swagger_ui_path))
ASSETS = {
    "swagger-ui.css": (SWAGGER / "swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": (SWAGGER / "swagger-ui-bundle.js", "text/javascript"),
    "favicon-32x32.png": (SWAGGER / "favicon-32x32.png", "image/png"),
    "docs.js": (Path(str(PAGES)) / "docs.js", "text/javascript"),
}
HEADERS = {
    # Swagger UI's pictures are `data:` URLs of its own style sheet; everything else is a file of this server.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
DESCRIPTION = """Accounts and sessions of a MeetMates server. The sockets are described in the AsyncAPI document.

Refusals are problem details (RFC 9457): `code` is for programs and never changes; `msg` and `error` repeat `detail`."""
EVERY_METHOD = (429,)
UNSAFE = (400, 403, 408, 413, 415)  # what may be said to any request that has a body
VERBS = ("get", "post", "put", "patch", "delete")


def add_docs(app: FastAPI) -> None:
    """Adds the routes. The document is made when it is first asked for."""
    made: dict[str, Any] = {}
    page = (PAGES / "docs.html").read_text()

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(document(app))
        return made

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation has it

    @app.get("/openapi.json", include_in_schema=False)
    async def description() -> JSONResponse:
        """The OpenAPI document."""
        return JSONResponse(openapi())

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        """The page that shows it."""
        return HTMLResponse(page, headers=HEADERS)

    @app.get("/docs/assets/{name}", include_in_schema=False)
    async def asset(name: str) -> FileResponse:
        """A file of that page: one of four, whatever is asked for."""
        if name not in ASSETS:
            raise HTTPException(404)
        path, kind = ASSETS[name]
        return FileResponse(path, media_type=kind, headers={**HEADERS, "cache-control": "max-age=3600"})


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of every route, with every refusal."""
    made = get_openapi(
        title=app.title,
        version=meetmates.__version__,
        description=DESCRIPTION,
        routes=app.routes,
        openapi_version="3.0.3",
    )
    for path in made["paths"].values():
        for verb in VERBS:
            if verb in path:
                _complete(path[verb], has_body=verb != "get")
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = ProblemBody.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components.setdefault("securitySchemes", {})["cookie"] = {
        "type": "apiKey",
        "in": "cookie",
        "name": "mm_refresh",
        "description": "The refresh token, for the pages of this server's own site.",
    }
    older: dict[str, Any] = _older(made)
    return older


def _complete(operation: dict[str, Any], has_body: bool) -> None:
    """Refusals that any route may answer with; and 422, which FastAPI announces, is never answered here."""
    responses = operation["responses"]
    responses.pop("422", None)
    for status in (*EVERY_METHOD, *(UNSAFE if has_body else ())):
        entry = responses.setdefault(str(status), described(status))
        entry["content"].setdefault(MEDIA_TYPE, described(status)["content"][MEDIA_TYPE])
    if operation.get("parameters") and not has_body:
        responses.setdefault("400", described(400))


def _older(node: Any) -> Any:
    """JSON Schema as OpenAPI 3.0 has it: no type `null`, no `const`, one example."""
    if isinstance(node, list):
        return [_older(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {name: _older(value) for name, value in node.items()}
    if isinstance(made.get("examples"), list):
        made["example"] = made.pop("examples")[0]
    if "const" in made:
        made["enum"] = [made.pop("const")]
    options = made.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        rest = [option for option in options if option != {"type": "null"}]
        del made["anyOf"]
        made["nullable"] = True
        if len(rest) > 1:
            made["anyOf"] = rest
        elif "$ref" in rest[0]:
            made["allOf"] = rest
        else:
            made |= rest[0]
    return made
