"""Which browser on which system somebody signs in with, in a few words, for the list of their sessions."""

BROWSERS = (  # the first that is named wins: nearly all of them say that they are Safari, too
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str | None) -> str:
    """`Firefox on Linux`; nothing of the header itself is kept."""
    given = user_agent or ""
    browser = next((name for mark, name in BROWSERS if mark in given), None)
    system = next((name for mark, name in SYSTEMS if mark in given), None)
    if browser is None:
        return f"a program on {system}" if system else "a program"
    return f"{browser} on {system}" if system else browser
