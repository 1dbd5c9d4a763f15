"""`meetmates campus`: the list of colleges, edited from the command line."""

from pathlib import Path

import pytest

from tests.cli.test_main import command


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
