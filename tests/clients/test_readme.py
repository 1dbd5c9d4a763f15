"""The example in README.md, run as it stands by somebody who has just read it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.npm import FOLDER
from tests.support.server import RunningServer

README = Path(__file__).parents[2] / "README.md"
LIMIT = 30.0  # seconds; it takes about one
LINES = {
    "connected": r"{one}: connected as [\w-]{{20,}}",
    "counted": r"{one}: \d+ online",
    "waiting": r"{one}: in the queue",
    "placed": r"{one}: (paired at once|waiting, number 1)",
    "paired": r"{one}: talking to [\w-]{{20,}}, who likes chess too",
    "delivered": r"{one}: delivered as number [12]",
    "heard": r'{one}: heard "Hello, I am {other}!"',
    "gone": r"{one}: disconnected \(io client disconnect\)",
}


def example() -> str:
    """The one block of JavaScript."""
    (block,) = re.findall(r"^```js\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    assert isinstance(block, str)
    return block


@pytest.fixture(scope="module")
def shown(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What it prints, once it has ended by itself and without a complaint."""
    folder = tmp_path_factory.mktemp("lifecycle")
    (folder / "lifecycle.mjs").write_text(example())
    shutil.copytree(FOLDER / "node_modules", folder / "node_modules", symlinks=True)
    done = subprocess.run(
        ["node", "lifecycle.mjs"],
        cwd=folder,
        env=os.environ | {"MEETMATES_URL": server.url},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout.splitlines()


@pytest.mark.parametrize("what", LINES)
def test_both_are_shown(shown: list[str], what: str) -> None:
    for one, other in (("Ana", "Ben"), ("Ben", "Ana")):
        pattern = LINES[what].format(one=one, other=other)
        assert [said for said in shown if re.fullmatch(pattern, said)], (pattern, shown)


def test_the_two_talk_to_each_other_until_one_leaves(shown: list[str]) -> None:
    ids = {name: said.rsplit(" ", 1)[1] for said in shown for name in ("Ana", "Ben") if f"{name}: connected" in said}
    assert f"Ana: talking to {ids['Ben']}, who likes chess too" in shown
    assert f"Ben: talking to {ids['Ana']}, who likes chess too" in shown
    assert f"Ben: {ids['Ana']} has left" in shown


def test_nothing_goes_wrong(shown: list[str]) -> None:
    assert not [said for said in shown if "refused" in said or "undefined" in said or "back in a moment" in said], shown
