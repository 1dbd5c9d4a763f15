"""What axe-core finds wrong with a page, for people who see it differently or not at all."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """tags => axe.run(document, { runOnly: tags, resultTypes: ["violations"], elementRef: false })
    .then(({ violations }) => violations)"""


def complaints(page: Page) -> list[str]:
    """One line for each thing that is wrong: the rule, where, and why."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text())  # as a debugger does it, so the page's own policy stays as strict as it is
    violations: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))}: {' '.join(node['failureSummary'].split())}"
        for violation in violations
        for node in violation["nodes"]
    ]
