"""The wheel: whoever installs it has the page, too."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.support.page import FILES, small_page

ROOT = Path(__file__).parent.parent
LIMIT = 120.0  # seconds
PAGE = "meetmates/http/page"


def test_the_built_page_is_part_of_the_wheel(tmp_path: Path) -> None:
    project = tmp_path / "project"
    without = shutil.ignore_patterns("page", "__pycache__")
    shutil.copytree(ROOT / "src", project / "src", ignore=without)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, project / name)
    small_page(project / "src/meetmates/http")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=project,
        check=True,
        capture_output=True,
        timeout=LIMIT,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        index = packed.read(f"{PAGE}/index.html").decode()
    assert {f"{PAGE}/{name}" for name in FILES} <= names
    assert index == FILES["index.html"]
    assert "meetmates/http/pages/index.html" in names
