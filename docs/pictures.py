"""Renews the pictures in README.md: `python -m docs.pictures`, after tests/web/test_looks.py has taken them all."""

import base64
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
TAKEN = ROOT / "build" / "screens"
KEPT = ROOT / "docs" / "pictures"
QUALITY = 0.85
CHOSEN = {  # what stands in README.md, and of which picture it is made: width and height of the part that is shown
    "welcome": ("en-desktop-light/welcome", 1280, 800),
    "chat": ("en-phone-light/chat", 360, 740),
    "consent": ("en-phone-dark/video-consent", 360, 740),
    "waiting": ("hi-phone-light/waiting", 360, 740),
}
TO_WEBP = """async ([picture, width, height, quality]) => {
    const image = new Image();
    image.src = picture;
    await image.decode();
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d").drawImage(image, 0, 0);
    const bytes = await (await canvas.convertToBlob({ type: "image/webp", quality })).arrayBuffer();
    return [...new Uint8Array(bytes)];
}"""


def main() -> None:
    """Reads the chosen ones, and writes them small."""
    KEPT.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        for name, (taken, width, height) in CHOSEN.items():
            picture = (TAKEN / f"{taken}.png").read_bytes()
            (KEPT / f"{name}.webp").write_bytes(to_webp(page, picture, width, height))
        browser.close()


def to_webp(page: Page, picture: bytes, width: int, height: int) -> bytes:
    """The upper left part of a PNG picture, as the browser writes it."""
    address = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    return bytes(page.evaluate(TO_WEBP, [address, width, height, QUALITY]))


if __name__ == "__main__":
    main()
