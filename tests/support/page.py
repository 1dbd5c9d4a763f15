"""A small built page: what `npm run build` in web/ leaves, in little."""

from pathlib import Path

SCRIPT = "console.log('a line that repeats itself well');\n" * 100
FILES: dict[str, str | bytes] = {
    "index.html": "<!doctype html><title>MeetMates</title><script type=module src=/assets/main-4f2a.js></script>",
    "assets/main-4f2a.js": SCRIPT,
    "assets/main-4f2a.css": "body { margin: 0 }",
    "icons/192.png": b"\x89PNG\r\n\x1a\n",
    "manifest.webmanifest": '{"name": "MeetMates"}',
    "sw.js": "self.addEventListener('fetch', () => {});",
    "offline.html": "<!doctype html><title>Offline</title>",
    "socket.io/socket.io.js": SCRIPT,
    "socket.io/socket.io.js.map": "{}",
    "socket.io/socket.io.esm.min.js": "export {};",
}


def small_page(folder: Path) -> Path:
    """Writes it below `folder`, and a secret beside it."""
    page = folder / "page"
    for name, content in FILES.items():
        path = page / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "secret.txt").write_text("not for anybody")
    return page
