"""Writes the generated documents: `python -m docs.generate`; with `--check` fails where one is stale."""

import sys
from pathlib import Path

import yaml

from docs.typescript import typescript
from meetmates import __version__
from meetmates.edge.asyncapi import document
from meetmates.settings import settings_page

ROOT = Path(__file__).parent.parent


class Plain(yaml.SafeDumper):
    """Without anchors: what is said twice is written twice."""

    def ignore_aliases(self, data: object) -> bool:
        """Always."""
        return True


def asyncapi() -> str:
    """`asyncapi.yaml`."""
    head = "# Generated from src/meetmates/edge/events.py by `make docs`. Do not edit.\n"
    return head + yaml.dump(document(__version__), Dumper=Plain, sort_keys=False, allow_unicode=True, width=120)


def main() -> int:
    """Writes or checks; the exit code."""
    stale = []
    made = {
        "docs/asyncapi.yaml": asyncapi(),
        "docs/settings.md": settings_page(),
        "web/src/wire/events.ts": typescript(document(__version__)),
    }
    for name, text in made.items():
        path = ROOT / name
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
    if stale and "--check" in sys.argv:
        print(f"stale: {', '.join(stale)}; run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
