"""A small SVG writer for the one chart of the report: horizontal bars, in panels, readable on light and on dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT = 860, 150, 90
BAR, GAP, GROUP_GAP, HEAD, FOOT = 15, 5, 16, 62, 18

STYLE = """
  svg { color-scheme: light dark; }
  .paper { fill: #fbfbfd; } .cut { fill: #ffffff; } .card { fill: #ffffff; stroke: #e4e5ec; }
  .title { font: 600 19px system-ui, sans-serif; fill: #1b1c28; }
  .head { font: 600 15px system-ui, sans-serif; fill: #1b1c28; }
  .sub, .none { font: 400 12px system-ui, sans-serif; fill: #6a6d7c; }
  .none { font-style: italic; }
  .name { font: 500 12px system-ui, sans-serif; fill: #3a3c4a; text-anchor: end; }
  .group { font: 600 12px system-ui, sans-serif; fill: #6a6d7c; }
  .value { font: 600 12px system-ui, sans-serif; fill: #1b1c28; font-variant-numeric: tabular-nums; }
  .track { fill: #f1f2f6; }
  .ours { fill: #5350d8; } .floor { fill: #9ba0b0; } .node { fill: #2f9a6b; } .python-socketio { fill: #cf8a1d; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #14151c; } .cut { fill: #1c1d27; } .card { fill: #1c1d27; stroke: #2e3040; }
    .title, .head, .value { fill: #f0f1f7; } .name { fill: #cfd1de; }
    .sub, .none, .group { fill: #9498aa; } .track { fill: #262835; }
    .ours { fill: #8f8dff; } .floor { fill: #7c8194; } .node { fill: #52c793; } .python-socketio { fill: #eab04f; }
  }
"""


@dataclass(frozen=True)
class Bar:
    """One bar: its CSS class, its label, and its value with the text behind it; None draws no bar, only the text."""

    kind: str
    label: str
    value: float | None
    text: str


@dataclass(frozen=True)
class Panel:
    """A heading, a line below it, and groups of bars that share one scale from zero."""

    heading: str
    explanation: str
    groups: Sequence[tuple[str, Sequence[Bar]]]
    ceiling: float = (
        0.0  # longer bars are cut here, with a gap that shows it, so that the others stay readable; 0: none
    )

    @property
    def height(self) -> int:
        """Pixels from the card's upper to its lower edge."""
        bars = sum(len(group) for _, group in self.groups)
        return HEAD + bars * (BAR + GAP) + len(self.groups) * (GROUP_GAP + BAR) - GROUP_GAP + FOOT


def draw(title: str, subtitle: str, panels: Sequence[Panel]) -> str:
    """The whole chart as an SVG document."""
    parts = [text(28, 42, title, "title"), text(28, 63, subtitle, "sub")]
    top = 84
    for panel in panels:
        parts += draw_panel(panel, top)
        top += panel.height + 18
    height = top + 6
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}" rx="14"/>',
            *parts,
            "</svg>\n",
        ]
    )


def draw_panel(panel: Panel, top: int) -> list[str]:
    """One card with its bars."""
    parts = [
        f'<rect class="card" x="20.5" y="{top + 0.5}" width="{WIDTH - 41}" height="{panel.height}" rx="10"/>',
        text(38, top + 27, panel.heading, "head"),
        text(38, top + 46, panel.explanation, "sub"),
    ]
    largest = max((bar.value or 0.0 for _, group in panel.groups for bar in group), default=0.0) or 1.0
    scale = min(largest, panel.ceiling or largest)
    y = top + HEAD
    for name, group in panel.groups:
        parts.append(text(38, y + BAR - 3, name, "group"))
        y += BAR + GAP
        for bar in group:
            parts += draw_bar(bar, y, scale)
            y += BAR + GAP
        y += GROUP_GAP - GAP
    return parts


def draw_bar(bar: Bar, y: int, scale: float) -> list[str]:
    """A bar with its label and value. The smallest still shows as a stroke of 2 pixels."""
    baseline = y + BAR - 3
    parts = [text(LEFT - 10, baseline, bar.label, "name")]
    if bar.value is None:
        return [*parts, text(LEFT, baseline, bar.text, "none")]
    full = WIDTH - LEFT - RIGHT - 20
    width = min(float(full), max(2.0, full * bar.value / scale))
    track = f'<rect class="track" x="{LEFT}" y="{y}" width="{full}" height="{BAR}" rx="4"/>'
    corner = min(4.0, width / 2)
    filled = f'<rect class="{bar.kind}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" rx="{corner:.1f}"/>'
    x = LEFT + full - 34
    cut = [f'<path class="cut" d="M{x} {y + BAR}l8 -{BAR}h6l-8 {BAR}z"/>'] if bar.value > scale else []
    return [*parts, track, filled, *cut, text(LEFT + full + 12, baseline, bar.text, "value")]


def text(x: float, y: float, content: str, kind: str) -> str:
    """A line of text, its baseline at `y`."""
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(content)}</text>'
