"""Files that never change while the server runs: read and compressed once, then answered from memory."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",  # RFC 9239
    ".json": "application/json",
    ".map": "application/json",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
UNKNOWN_TYPE = "application/octet-stream"
SMALL = 512  # bytes; compressing less saves no packet
ETAG_BYTES = 12  # of the hash: enough that no two builds of a file ever meet


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file. `gzipped` is None where compressing gains nothing."""

    body: bytes
    gzipped: bytes | None
    media_type: str
    tag: str

    @classmethod
    def of(cls, path: Path) -> "StaticFile":
        """Reads and compresses it."""
        body = path.read_bytes()
        gzipped = gzip.compress(body, mtime=0) if len(body) >= SMALL else body
        return cls(
            body,
            gzipped if len(gzipped) < len(body) * 0.9 else None,
            TYPES.get(path.suffix, UNKNOWN_TYPE),
            hashlib.sha256(body).hexdigest()[: 2 * ETAG_BYTES],
        )

    def answer(self, request: Headers, headers: Mapping[str, str]) -> Response:
        """The file in the form that the client can read, or 304 where it has it already; `headers` are added."""
        packed = self.gzipped if self.gzipped is not None and takes_gzip(request.get("accept-encoding", "")) else None
        etag = (
            f'"{self.tag}"' if packed is None else f'"{self.tag}-gzip"'
        )  # RFC 9110, section 8.8.3.3: one for each form
        told = {**headers, "etag": etag}
        if self.gzipped is not None:
            told["vary"] = ", ".join(filter(None, ("Accept-Encoding", headers.get("vary"))))
        if is_known(etag, request.get("if-none-match", "")):
            return Response(status_code=304, headers=told)
        told["content-type"] = self.media_type
        if packed is not None:
            told["content-encoding"] = "gzip"
        return Response(self.body if packed is None else packed, headers=told)


def read_folder(folder: Path) -> dict[str, StaticFile]:
    """Every file below `folder`, by its path there: `assets/main.js`. What lies elsewhere can never be asked for."""
    return {
        path.relative_to(folder).as_posix(): StaticFile.of(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def takes_gzip(accepted: str) -> bool:
    """Whether an `Accept-Encoding` takes gzip: RFC 9110, section 12.5.3."""
    weights = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = weight.replace(" ", "") or "q=1"
    weight = weights.get("gzip", weights.get("*", "q=0"))
    return weight.removeprefix("q=").strip("0.") != ""


def is_known(etag: str, given: str) -> bool:
    """Whether an `If-None-Match` names `etag`: RFC 9110, section 13.1.2, compares weakly."""
    return given.strip() == "*" or etag in [one.strip().removeprefix("W/") for one in given.split(",")]
