"""The walls of the house: docs/architecture.md says why each stands where it does."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import meetmates

ROOT = Path(meetmates.__file__).parent
PURE = {"wire", "domain"}
NEVER_IN_PURE = {
    "asyncio",
    "socket",
    "ssl",
    "threading",
    "selectors",
    "time",
    "datetime",
    "random",
    "secrets",
    "logging",
    "os",
}
MAY_IMPORT = {
    "wire": set(),
    "domain": set(),
    "transport": {"wire"},
    "ports": {"domain"},
    "service": {"domain", "ports"},
    "store": {"domain", "ports"},
    "accounts": {"store", "domain", "ports"},
    "safety": {"store", "accounts", "domain", "ports"},
    "cluster": {"domain", "ports"},
    "edge": {"wire", "transport", "service", "domain", "ports", "accounts"},
    "http": {"accounts", "safety", "store", "service", "settings", "domain", "ports"},
    "settings": set(),
    "logs": set(),
    "memory": set(),
    "cli": {"app", "accounts", "safety", "store", "edge", "settings", "logs", "domain"},
}
KNOW_EVERYBODY = {"app", "office", "__main__", "__init__"}  # the composition root, its half, and the doors to it


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module


def files(room: str) -> list[Path]:
    single = ROOT / f"{room}.py"
    return [single] if single.exists() else sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_arrows_point_in_one_direction(room: str) -> None:
    for path in files(room):
        for name in imports(path):
            if name.startswith("meetmates."):
                target = name.split(".")[1]
                assert target == room or target in MAY_IMPORT[room], f"{path.name} imports {name}"


def test_every_room_has_its_walls() -> None:
    rooms = {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert rooms - KNOW_EVERYBODY == set(MAY_IMPORT)


@pytest.mark.parametrize("room", sorted(PURE))
def test_the_core_knows_no_time_no_chance_and_no_network(room: str) -> None:
    for path in files(room):
        for name in imports(path):
            assert name.split(".")[0] not in NEVER_IN_PURE, f"{path.name} imports {name}"


def test_the_rules_need_the_standard_library_alone() -> None:
    for path in files("domain"):
        for name in imports(path):
            top = name.split(".")[0]
            assert top == "meetmates" or top in sys.stdlib_module_names, f"{path.name} imports {name}"


def test_the_environment_is_read_in_one_place() -> None:
    readers = {path for path in ROOT.rglob("*.py") if "os.environ" in path.read_text() or "getenv" in path.read_text()}
    assert readers == {ROOT / "store" / "backup.py"}  # hands it on to pg_dump; settings.py leaves it to its library
