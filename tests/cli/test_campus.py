"""`meetmates campus`: the list of colleges, edited from the command line."""

from pathlib import Path

import pytest

from tests.cli.test_main import command
from tests.support.api import PASSWORD


def listed(folder: Path) -> list[str]:
    code, out, _ = command(folder, "campus", "list")
    assert code == 0
    return out.splitlines()


@pytest.mark.parametrize("name", ["add", "list", "remove"])
def test_help_has_examples(tmp_path: Path, name: str) -> None:
    _, out, _ = command(tmp_path, "campus", name, "--help")
    assert f"  meetmates campus {name}" in out.partition("Examples:")[2]


def test_a_campus_is_added_listed_and_removed(tmp_path: Path) -> None:
    line = "Example College: college.edu, *.college.edu"
    added = command(tmp_path, "campus", "add", "Example College", "college.edu", "--subdomains")
    assert added[:2] == (0, f"{line}\n")
    assert command(tmp_path, "campus", "add", "Other", "other.edu", "*.o.org")[0] == 0
    assert listed(tmp_path) == [line, "Other: o.org, *.o.org, other.edu"]
    assert command(tmp_path, "campus", "remove", "other") == (0, "", [])
    last = ["meetmates: there is no campus now: everybody may come in"]
    assert command(tmp_path, "campus", "remove", "Example College") == (0, "", last)
    assert command(tmp_path, "campus", "list") == (0, "", ["meetmates: there is no campus yet: everybody may come in"])


def test_the_list_is_in_the_database_of_the_settings(tmp_path: Path) -> None:
    command(tmp_path, "campus", "add", "Example", "college.edu", DATA_DIR=str(tmp_path / "elsewhere"))
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]
    assert command(tmp_path, "campus", "list", DATA_DIR="elsewhere")[1] == "Example: college.edu\n"


def test_the_audit_log_keeps_every_edit_and_nothing_else(tmp_path: Path) -> None:
    command(tmp_path, "campus", "add", "Example", "college.edu", "*.more.edu")
    command(tmp_path, "campus", "add", "example", "college.edu")  # which changes nothing
    command(tmp_path, "campus", "add", "EXAMPLE", "*.college.edu")
    command(tmp_path, "campus", "remove", "Other")
    command(tmp_path, "campus", "remove", "example")
    code, out, _ = command(tmp_path, "audit", "list")
    assert code == 0
    entries = [line.split("  ") for line in reversed(out.splitlines())]
    assert [entry[-1] for entry in entries] == [
        "domains=college.edu,*.more.edu name=Example",
        "domains=*.college.edu name=Example",
        "name=Example",
    ]
    assert [entry[-4:-2] for entry in entries] == [
        ["command line", f"campus.{what}"] for what in ("added", "added", "removed")
    ]
    assert command(tmp_path, "audit", "verify")[1].startswith("3 entries, none changed\n")


def test_a_college_that_was_removed_does_not_come_back_by_the_settings(tmp_path: Path) -> None:
    """Creating somebody makes the colleges of the settings, as a start of the server does."""
    wanted = {"CAMPUSES": "Example=college.edu; Other=other.edu"}

    def start(number: int) -> None:
        assert command(tmp_path, "user", "create", f"p{number}@other.edu", "--password", PASSWORD, **wanted)[0] == 0

    start(1)
    assert listed(tmp_path) == ["Example: college.edu", "Other: other.edu"]
    _, _, told = command(tmp_path, "campus", "remove", "example", **wanted)
    assert told == [
        "meetmates: MEETMATES_CAMPUSES names it still; it stays away until `meetmates campus add` brings it back"
    ]
    start(2)
    assert listed(tmp_path) == ["Other: other.edu"]
    command(tmp_path, "campus", "add", "Example", "college.org")
    start(3)
    assert listed(tmp_path) == ["Example: college.edu, college.org", "Other: other.edu"]


REFUSED: dict[str, tuple[list[str], int, str]] = {
    "no domain": (["add", "X"], 2, "a campus has at least one domain, such as college.edu"),
    "a bad domain": (["add", "X", "@college"], 2, "'@college' is no domain of e-mail addresses"),
    "a domain of another": (["add", "X", "taken.edu"], 2, "taken.edu belongs to another campus: Taken"),
    "an unknown campus": (["remove", "X"], 1, "there is no campus 'X'; `meetmates campus list` names them all"),
}


def test_what_cannot_be_done_is_told(tmp_path: Path) -> None:
    command(tmp_path, "campus", "add", "Taken", "taken.edu")
    for arguments, expected, line in REFUSED.values():
        code, out, err = command(tmp_path, "campus", *arguments)
        assert (code, out) == (expected, "")
        assert err[0].startswith(f"meetmates: {line}")


def test_a_call_without_a_name_is_wrong(tmp_path: Path) -> None:
    assert command(tmp_path, "campus", "add")[0] == 2
