"""What can be measured of how a page looks: whether something sticks out of the window, and what lies on what."""

from playwright.sync_api import CDPSession, Page

# Whatever a person is to read or to press, and that can be seen now; behind a dialog nothing is looked at.
SEEN = """
    const LOOKED_AT = "a, button, input, textarea, select, label, h1, h2, p, li, dt, dd, kbd, svg";
    const SEEN = { opacityProperty: true, visibilityProperty: true };
    const front = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
    const seen = [...front.querySelectorAll(LOOKED_AT)]
        .filter(element => element.checkVisibility(SEEN) && !element.closest(".visually-hidden"))
        .map(element => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 2 && box.height > 2);
    const named = element => `${element.localName}.${element.getAttribute("class") ?? ""} ${
        (element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 40)}`;
"""
STICKING_OUT = f"""() => {{ {SEEN}
    const {{ scrollWidth, clientWidth }} = document.documentElement;
    const wide = scrollWidth > clientWidth ? [`the page is ${{scrollWidth}} px wide`] : [];
    const out = seen
        .filter(({{ box }}) => box.right > innerWidth + 1 || box.left < -1)
        .filter(({{ element }}) => !element.closest(".ice-list")) // goes sideways by itself
        .map(({{ element, box }}) => `${{named(element)}}: ${{Math.round(box.left)}} to ${{Math.round(box.right)}}`);
    const cut = seen
        .filter(({{ element }}) => element.matches("button, h1, h2, p, dt, dd"))
        .filter(({{ element }}) => element.scrollWidth > element.clientWidth + 1)
        .filter(({{ element }}) => getComputedStyle(element).overflowX !== "visible")
        .filter(({{ element }}) => !getComputedStyle(element).clipPath.startsWith("inset")) // for screen readers alone
        .map(({{ element }}) => `${{named(element)}}: is cut`);
    return [...wide, ...out, ...cut];
}}"""
ON_EACH_OTHER = f"""() => {{ {SEEN}
    const POINTS = [[0.5, 0.5], [0.2, 0.2], [0.8, 0.2], [0.2, 0.8], [0.8, 0.8]];
    const isReached = ({{ element, box }}) => POINTS
        .map(([x, y]) => document.elementFromPoint(box.left + x * box.width, box.top + y * box.height))
        .some(top => element.contains(top)); // what was scrolled away lies behind other things
    const pressed = seen
        .filter(({{ element }}) => element.matches("a, button, textarea, select, h1"))
        .filter(isReached);
    const found = [];
    for (const [index, {{ element, box }}] of pressed.entries())
        for (const {{ element: other, box: its }} of pressed.slice(index + 1)) {{
            if (element.contains(other) || other.contains(element)) continue;
            const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
            const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
            if (across > 2 && down > 2) found.push(`${{named(element)}} and ${{named(other)}}`);
        }}
    return found;
}}"""


def sticking_out(page: Page) -> list[str]:
    """What is wider than the window, or cut off by what is around it."""
    found: list[str] = page.evaluate(STICKING_OUT)
    return found


def on_each_other(page: Page) -> set[str]:
    """Pairs of buttons, links and titles of which one covers the other."""
    return set(page.evaluate(ON_EACH_OTHER))


def use_finger(session: CDPSession, finger: bool) -> None:
    """Whether the pointer is a finger, as on a phone, or a mouse."""
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": finger})


def resize(page: Page, width: int, height: int) -> None:
    """Changes the window; returns once the page has heard of it."""
    if page.viewport_size == {"width": width, "height": height}:
        return
    page.evaluate("() => { window.resized = new Promise(done => addEventListener('resize', done, { once: true })) }")
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("() => window.resized.then(() => undefined)")
