"""docs/accounts.md is followed to the letter on a real server, and every command that any page names is one of ours.

Curl itself is not needed: its few options are read here. Longer than most files: one page, one walk through it.
"""

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from cyclopts import App, CycloptsError
from rich.console import Console

from meetmates.accounts.errors import Problem
from meetmates.cli.main import app
from meetmates.http.docs import VERBS
from meetmates.http.limits import Rule
from meetmates.http.problems import CODES, DETAILS
from meetmates.office import CALLBACK
from meetmates.settings import Settings
from tests.clients.npm import FOLDER
from tests.support.server import SECRET, RunningServer, running_server
from tests.test_docs import PAGES, ROOT, rows, section

GUIDE = (ROOT / "docs" / "accounts.md").read_text()
OPERATING = (ROOT / "docs" / "operating.md").read_text()
ADDRESS, PASSWORD = "zoe@college.edu", "a long enough password"
LIMIT = 60.0  # seconds for one command; they take less than one each
LIMITS = {
    Rule.REQUESTS: "requests of any kind, by one address",
    Rule.SIGN_IN: "sign-ins by one address, right or wrong",
    Rule.FAILURES_HERE: "wrong passwords for one mailbox, from one address",
    Rule.FAILURES: "wrong passwords for one mailbox, from everywhere",
    Rule.SIGN_UP: "sign-ups of one mailbox",
    Rule.SIGN_UP_HERE: "sign-ups by one address",
    Rule.CODES: "codes tried for one mailbox, by one address",
    Rule.LETTERS: "codes sent to one mailbox by `resend` and `password/forgot`",
    Rule.LETTERS_HERE: "the same, asked for by one address",
    Rule.REFRESH: "`refresh` and `logout`, by one address",
    Rule.APPEALS: "appeals, by one address",
}


# --- the examples


@dataclass
class Step:
    """A command of the page and the answer that stands below it; empty where the page shows none."""

    command: str
    answer: str = ""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def steps() -> list[Step]:
    found: list[Step] = []
    for line in "".join(blocks("sh")).splitlines():
        if line.startswith("#"):
            found[-1].answer += " " + line.lstrip("# ")
        else:
            found.append(Step(line))
    return [Step(step.command, step.answer.strip()) for step in found]


@dataclass
class Newcomer:
    """Somebody who does what the page says, in a folder of their own."""

    server: RunningServer
    folder: Path
    known: dict[str, str] = field(default_factory=dict)
    jars: dict[str, httpx.Cookies] = field(default_factory=dict)

    def follow(self, command: str) -> str:
        """What a command answers: of curl, the status and the body."""
        name, _, value = command.partition("=")
        if name == "URL":
            self.known[name] = self.server.url
        elif name.isupper():
            self.known[name] = self._shell(f"printf %s {value}")
        elif command.startswith("curl "):
            return self._curl(command)
        else:
            return self._shell(command)
        return ""

    def _shell(self, command: str) -> str:
        own = {"MEETMATES_DATA_DIR": str(self.folder / "data"), "MEETMATES_JWT_SECRET": SECRET}
        mine = f"{shlex.quote(sys.executable)} -m meetmates"
        command = re.sub(r"^meetmates\b", lambda _: mine, command)
        done = subprocess.run(
            command,
            shell=True,  # what a page tells people to type
            cwd=self.folder,
            env=os.environ | own,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), command
        return done.stdout.strip()

    def _curl(self, command: str) -> str:
        for name, value in self.known.items():
            command = command.replace(f"${name}", value)
        method, url, headers, body, reads, writes = curl_options(command)
        cookies = self.jars.setdefault(reads, httpx.Cookies()) if reads else None
        with httpx.Client(cookies=cookies, timeout=LIMIT) as client:
            answer = client.request(method, url, headers=headers, content=body)
            if writes:
                self.jars[writes] = client.cookies
        self._remember(answer.json())
        return f"{answer.status_code} {answer.text}"

    def _remember(self, told: Any) -> None:
        """What later examples stand a name for."""
        for key, name in (("token", "TOKEN"), ("refreshToken", "REFRESH"), ("appealToken", "APPEAL")):
            if told.get(key):
                self.known[name] = told[key]
        if told.get("success") and told.get("sessions"):
            self.known["SESSION"] = told["sessions"][0]["id"]


def curl_options(command: str) -> tuple[str, str, dict[str, str], str | None, str, str]:
    """Method, URL, headers, body, and the files that cookies come from and go to."""
    method, url, headers, body, reads, writes = "", "", dict[str, str](), None, "", ""
    words = iter(shlex.split(command)[1:])
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "--json":
                body = next(words)
                json.loads(body)
                headers["content-type"] = "application/json"
            case "-b":
                reads = next(words)
            case "-c":
                writes = next(words)
            case _:
                assert not word.startswith("-"), f"an option that nobody reads here: {word}"
                url = word
    return method or ("GET" if body is None else "POST"), url, headers, body, reads, writes


def fits(told: Any, real: Any) -> bool:
    """Whether an answer is as the page has it: `…` stands for anything, one time for any other."""
    if isinstance(told, dict) and isinstance(real, dict):
        return told.keys() == real.keys() and all(fits(told[key], real[key]) for key in told)
    if isinstance(told, list) and isinstance(real, list):
        return len(told) == len(real) and all(map(fits, told, real))
    if isinstance(told, str) and isinstance(real, str):
        time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
        if re.fullmatch(time, told):
            return re.fullmatch(time, real) is not None
        return re.fullmatch(re.escape(told).replace("…", ".+"), real) is not None
    return type(told) is type(real) and bool(told == real)


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    folder = tmp_path_factory.mktemp("newcomer")
    with running_server(DATA_DIR=folder / "data", ACCESS_TTL="65s") as server:  # `tokenExpiring` comes after five
        yield Newcomer(server, folder)


def test_every_answer_is_the_one_that_the_page_shows(newcomer: Newcomer) -> None:
    for step in steps():
        answer = newcomer.follow(step.command)
        told, _, body = step.answer.partition(" ")
        if not step.command.startswith("curl "):
            assert answer == step.answer, step.command
            continue
        status, _, real = answer.partition(" ")
        assert status == told, (step.command, answer)
        assert body == "…" or fits(json.loads(body), json.loads(real)), (step.command, real)


def test_there_are_examples_of_nearly_every_route_for_everybody() -> None:
    called = "\n".join(step.command for step in steps())
    for name in re.findall(r"^\| `\w+ (/api/(?!moderation|auth/sso)[\w/-]+)", GUIDE, re.MULTILINE):
        assert f"$URL{name.rstrip('/')}" in called, name


def test_a_wrong_example_would_be_noticed() -> None:
    assert fits({"a": "x…", "b": ["2026-01-31T12:00:00.000Z"]}, {"a": "xyz", "b": ["2027-02-03T01:02:03.456Z"]})
    for real in ({"a": 1}, {"a": "yx"}, {"a": "xy", "b": 1}, {}, {"a": None}, {"a": ["x1"]}):
        assert not fits({"a": "x…"}, real)
    assert not fits(True, 1)


# --- the program of the page


def test_the_program_signs_in_connects_and_carries_on_with_a_fresh_token(newcomer: Newcomer, tmp_path: Path) -> None:
    newcomer._shell(f"meetmates user create {ADDRESS} --password {shlex.quote(PASSWORD)}")
    (program,) = (block for block in blocks("js") if "import { io }" in block)
    (tmp_path / "session.mjs").write_text(program)
    shutil.copytree(FOLDER / "node_modules", tmp_path / "node_modules", symlinks=True)
    process = subprocess.Popen(
        ["node", "session.mjs", ADDRESS, PASSWORD],
        cwd=tmp_path,
        env=os.environ | {"MEETMATES_URL": newcomer.server.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == f"connected as {ADDRESS}\n"
        assert process.stdout.readline() == "carried on\n"
        newcomer._shell(f"meetmates user suspend {ADDRESS} --for 1h --reason Insults")
        told = process.stdout.readline()
        while told == "carried on\n":
            told = process.stdout.readline()
        assert re.fullmatch(r"suspension until \S+: Insults\n", told)
        assert process.stdout.readline() == "please sign in again: the server has ended this connection\n"
        assert process.wait(LIMIT) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


# --- the tables


def test_every_route_has_its_row(newcomer: Newcomer) -> None:
    paths = httpx.get(f"{newcomer.server.url}/openapi.json", timeout=LIMIT).json()["paths"]
    routes = {f"`{verb.upper()} {path}`" for path, verbs in paths.items() for verb in verbs if verb in VERBS}
    assert {row[0] for row in rows(section(GUIDE, "Every route"))} == routes


def test_every_refusal_has_its_row() -> None:
    told = {row[0].strip("`"): (int(row[1]), row[2]) for row in rows(section(GUIDE, "Errors"))}
    for problem in Problem:
        assert told.pop(problem.value.code) == (problem.value.status, problem.value.message)
    for status, code in CODES.items():
        if code in told:
            assert told.pop(code) in (
                (status, DETAILS[status]),
                (400, "names the field that is missing or of the wrong kind"),
            )
    assert told == {}


def test_every_limit_has_its_row() -> None:
    told = dict(rows(section(GUIDE, "Limits")))
    assert told == {LIMITS[rule]: in_words(rule.rates) for rule in Rule}


def in_words(rates: str) -> str:
    """`300/hour; 10/15 minute` as a person says it."""
    words = []
    for amount, span in (rate.strip().split("/") for rate in rates.split(";")):
        number, _, unit = span.rpartition(" ")
        words.append(
            f"{amount} in {number} {unit}s" if number else f"{amount} {'an' if unit == 'hour' else 'a'} {unit}"
        )
    return ", ".join(words)


def test_the_address_to_register_at_a_provider_is_right() -> None:
    assert f"`{CALLBACK}`" in section(GUIDE, "Single sign-on")
    assert f"{CALLBACK}`" in section(OPERATING, "Single sign-on and Google")


# --- commands that any page names


def commands() -> list[tuple[str, str]]:
    """Every call of `meetmates` in a page, in a block of code or within a line."""
    found = []
    for page in PAGES:
        text = page.read_text()
        inline = re.findall(r"`(?:[\w/.]*/)?(meetmates [a-z][^`]*)`", text)
        lines = re.findall(
            r"^(?:    |\$ )?(?:sudo -u meetmates )?(?:[A-Z_]+=\S+ )*(?:[\w/.]*/)?(meetmates [a-z].*)$", text, re.M
        )
        found += [(page.name, call) for call in dict.fromkeys(inline + lines)]
    return found


def words_of(call: str) -> list[str]:
    """The arguments, without what belongs to the shell."""
    words = shlex.split(call, comments=True)[1:]
    ends = [place for place, word in enumerate(words) if word in ("<", ">", "|", "&&", ";")]
    return words[: ends[0]] if ends else words


@pytest.mark.parametrize(("page", "call"), commands())
def test_every_command_that_is_named_exists(page: str, call: str) -> None:
    words = words_of(call)
    path, apps, rest = app.parse_commands(words)
    assert path, f"no command: {call}"
    if not rest:
        return  # named, not called
    assert apps[-1].default_command is not None, f"no command: {call}"
    try:
        _, bound, *_ = app.parse_args(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        raise AssertionError(f"{call}: {error}") from None
    assert {name.replace("-", "_") for name in bound.arguments.get("settings", {})} <= set(Settings.model_fields)


def test_commands_are_found_in_pages_and_a_wrong_one_would_be_noticed() -> None:
    assert len(commands()) > 25
    for call in (
        "meetmates campus ad X x.edu",
        "meetmates user ban a@b.edu --because x",
        "meetmates user ban --reason x",
    ):
        with pytest.raises(AssertionError):
            test_every_command_that_is_named_exists("", call)


def every_command(root: App, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in root:
        if not name.startswith("-"):
            yield (*above, name)
            yield from every_command(root[name], (*above, name))


@pytest.mark.parametrize("path", list(every_command(app)), ids=" ".join)
def test_the_help_of_every_command_has_an_example(path: tuple[str, ...]) -> None:
    told = io.StringIO()
    app.help_print(list(path), console=Console(file=told, width=100))
    assert f"  meetmates {' '.join(path)}" in told.getvalue().partition("Examples:")[2]
