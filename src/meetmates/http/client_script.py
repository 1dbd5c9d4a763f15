"""`/socket.io/socket.io.js` and its kin, for pages that load the client from the server, as the original lets them."""

import re
from collections.abc import Callable, Mapping

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Route

from meetmates.http.problems import problem
from meetmates.http.statics import StaticFile

FOLDER = "socket.io/"  # on the wire as in the built page
NAME = re.compile(r"socket\.io(\.esm|\.msgpack)?(\.min)?\.js(\.map)?")
MISSING = (
    "The Socket.IO client is not built on this server: in a checkout, make setup brings it. "
    "Or load it from npm: the package socket.io-client."
)
HEADERS = {
    "cache-control": "public, max-age=0",  # the original's: kept, but asked for each time
    "x-content-type-options": "nosniff",
    "vary": "Origin",
}


def add_client_script(
    app: FastAPI, files: Mapping[str, StaticFile], allows_origin: Callable[[str | None], bool]
) -> None:
    """Adds the route. `files` are the built page's; pages of allowed origins may load them as modules, too."""

    async def script(request: Request) -> Response:
        name = request.path_params["name"]
        if not NAME.fullmatch(name):
            raise HTTPException(404)
        file = files.get(FOLDER + name)
        if file is None:
            return problem(404, MISSING)
        return file.answer(request.headers, HEADERS | _cors(request.headers.get("origin")))

    def _cors(origin: str | None) -> dict[str, str]:
        if origin is None or not allows_origin(origin):
            return {}
        return {"access-control-allow-origin": origin, "access-control-allow-credentials": "true"}

    app.router.routes.append(Route(f"/{FOLDER}{{name}}", script, methods=["GET", "HEAD"]))
