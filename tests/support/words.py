"""What the page says, read from its own files, so that a test can press a button in any language."""

import json
import re
from pathlib import Path

I18N = Path(__file__).parents[2] / "web" / "src" / "i18n"
ENTRY = re.compile(r'^\s+"?([\w.]+)"?:\s+("(?:[^"\\]|\\.)*")', re.MULTILINE)


class Words:
    """The texts of one language: `words("chat.title", name="Calm Otter")`."""

    def __init__(self, language: str) -> None:
        self.language = language
        found = ENTRY.findall((I18N / f"{language}.ts").read_text())
        self._texts: dict[str, str] = {key: json.loads(text) for key, text in found}

    def __call__(self, key: str, **values: str) -> str:
        text = self._texts[key]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text
