"""The documents say what the code says: names, codes, limits, examples, and the tests that they point to.

Longer than most files: all documents are held here, with the same few readers.
"""

import ast
import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from meetmates.domain.errors import Denial, Ending, Refusal
from meetmates.domain.limits import CONNECTS, RATES, Kind, Rate
from meetmates.domain.people import TRANSITIONS, State, Step
from meetmates.edge.decoding import Misfit, decode
from meetmates.edge.events import SERVER_EVENTS, ClientEvent
from meetmates.settings import PREFIX, Settings
from meetmates.transport.entrance import STOPPING, TOO_MANY
from meetmates.wire.errors import HandshakeError

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()
SECURITY = (ROOT / "docs" / "security.md").read_text()
CLIENT_EVENTS = [str(kind.__struct_config__.tag) for kind in get_args(ClientEvent)]
LIMITS = {
    "messages": RATES[Kind.MESSAGE],
    "`findChat`, `next`": RATES[Kind.SEEK],
    "WebRTC signals": RATES[Kind.SIGNAL],
    "`typing`": RATES[Kind.TYPING],
    "other events": RATES[Kind.OTHER],
    "connects from one address": CONNECTS,
}
PROVED = [
    *("Packets and transports", "Tokens and origins", "Accounts", "People", "Rules under races"),
    "Published weaknesses",
]
A_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def section(page: str, title: str) -> str:
    """What stands under a heading, up to the next one of the same rank or a higher one."""
    match = re.search(rf"^(#+) {re.escape(title)}$", page, re.MULTILINE)
    assert match is not None, f"no section {title}"
    rest = page[match.end() :]
    end = re.search(rf"^#{{1,{len(match[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end is not None else rest


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table in `text`, heads and rulers left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rulers = [number for number, line in enumerate(lines) if set(line) <= set("|- ")]
    skipped = {number for ruler in rulers for number in (ruler - 1, ruler)}
    return [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for number, line in enumerate(lines)
        if number not in skipped
    ]


def first_cells(text: str) -> set[str]:
    return {row[0] for row in rows(text)}


# --- protocol.md


def test_every_event_of_either_side_has_its_row() -> None:
    assert first_cells(section(PROTOCOL, "Every event")) == {f"`{name}`" for name in (*CLIENT_EVENTS, *SERVER_EVENTS)}


@pytest.mark.parametrize("name", [*CLIENT_EVENTS, *SERVER_EVENTS])
def test_every_event_is_explained_before(name: str) -> None:
    assert re.search(rf"[`\"]{name}[`\" (]", PROTOCOL.partition("## Every event")[0])


@pytest.mark.parametrize(
    ("title", "reasons"),
    [("Refusals", Refusal), ("When a CONNECT is refused", Denial), ("How the server ends a connection", Ending)],
)
def test_every_code_has_its_row(title: str, reasons: type[Enum]) -> None:
    named = {re.match(r"`(\w+)`", cell) for cell in first_cells(section(PROTOCOL, title))}
    assert {match[1] for match in named if match} == {reason.value.code for reason in reasons}


def test_the_rows_say_which_refusals_are_final() -> None:
    for title, reasons in (("Refusals", list(Refusal)), ("When a CONNECT is refused", list(Denial))):
        last = {row[0].strip("`"): row[-1].startswith("yes") for row in rows(section(PROTOCOL, title))}
        assert last == {reason.value.code: reason.value.final for reason in reasons}
    for row in rows(section(PROTOCOL, "How the server ends a connection")):
        for ending in Ending:
            if row[0].startswith(f"`{ending.value.code}`"):
                assert (row[-1] == "no") == ending.value.final, ending


def test_the_answers_of_a_connect_are_told_to_the_letter() -> None:
    for row in rows(section(PROTOCOL, "When a CONNECT is refused")):
        assert row[1].strip("`") == Denial[row[0].strip("`").upper()].value.message


def test_every_http_error_has_its_row() -> None:
    told = {(row[1], row[2].strip("`")) for row in rows(section(PROTOCOL, "Transport")) if row[0].isdigit()}
    bodies = [msgspec.json.decode(body) for body in (*(error.body for error in HandshakeError), TOO_MANY, STOPPING)]
    assert told == {(str(body["code"]), body["message"]) for body in bodies}


def examples(who: str) -> list[str]:
    return re.findall(rf"^ {{4}}{who}: (\[.*)$", PROTOCOL, re.MULTILINE)


@pytest.mark.parametrize("text", examples("client"))
def test_a_client_s_example_is_an_event(text: str) -> None:
    event = decode(text)
    assert not isinstance(event, Misfit), event


@pytest.mark.parametrize("text", examples("server"))
def test_a_server_s_example_is_an_event(text: str) -> None:
    name, *arguments = msgspec.json.decode(text)
    kind, _ = SERVER_EVENTS[name]
    assert len(arguments) == (kind is not None)
    for argument in arguments:
        assert msgspec.to_builtins(msgspec.convert(argument, kind)) == argument


def test_there_are_examples() -> None:
    assert len(examples("client")) >= 8
    assert len(examples("server")) >= 10


# --- limits and settings


def as_row(rate: Rate) -> list[str]:
    return [f"{rate.per_second:,} a second", f"{rate.burst:,}"]


@pytest.mark.parametrize("page", ["README.md", "docs/protocol.md"])
def test_the_table_of_limits_is_right(page: str) -> None:
    told = {what: numbers for what, *numbers in rows(section((ROOT / page).read_text(), "Limits"))}
    assert told == {what: as_row(rate) for what, rate in LIMITS.items()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(rf"`{PREFIX}(\w+)", page.read_text()))
    known = {name.upper() for name in Settings.model_fields}
    assert {name for name in named if not name.startswith("TEST_")} <= known


# --- security.md


@cache
def names_in(path: Path) -> frozenset[str]:
    """Every function, class and plain name that a file of tests defines at its top."""
    names: list[str] = []
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
    return frozenset(names)


@pytest.mark.parametrize(("path", "name"), sorted(set(A_TEST.findall(SECURITY))), ids=lambda part: Path(part).stem)
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    assert (ROOT / path).is_file()
    assert name in names_in(ROOT / path)


@pytest.mark.parametrize("title", PROVED)
def test_every_row_of_security_names_its_test(title: str) -> None:
    table = rows(section(SECURITY, title))
    assert table
    assert [row[0] for row in table if not A_TEST.search(row[-1])] == []


def test_every_test_is_named_in_one_form() -> None:
    assert len(re.findall(r"::test_", SECURITY)) == sum(
        name.startswith("test_") for _, name in A_TEST.findall(SECURITY)
    )


def test_every_weakness_that_is_replayed_is_listed() -> None:
    replayed = {name for name in names_in(ROOT / "tests/abuse/test_published.py") if name.startswith("test_cve_")}
    assert replayed <= {name for _, name in A_TEST.findall(section(SECURITY, "Published weaknesses"))}


# --- architecture.md, and what any page says of the code


def test_the_table_of_transitions_is_the_code_s() -> None:
    page = section((ROOT / "docs" / "architecture.md").read_text(), "States and transitions")
    steps = [
        Step(cell.strip()) for cell in next(line for line in page.splitlines() if line[:1] == "|").split("|")[2:-1]
    ]
    told = {
        (State[state.strip("*").upper()], step): State[cell.upper()]
        for state, *cells in rows(page)
        for step, cell in zip(steps, cells, strict=True)
        if cell
    }
    assert told == TRANSITIONS


@cache
def methods() -> frozenset[tuple[str, str]]:
    """Every method of every class of ours."""
    classes = [
        node
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    ]
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset((kind.name, node.name) for kind in classes for node in kind.body if isinstance(node, functions))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_method_that_is_named_exists(page: Path) -> None:
    assert set(re.findall(r"`([A-Z]\w+)\.(\w+)`", page.read_text())) <= methods()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_exists(page: Path) -> None:
    folders = (ROOT, ROOT / "src" / "meetmates", ROOT / "docs", ROOT / "web" / "src")
    named = set(re.findall(r"`((?:[\w.]+/)*\w+\.(?:py|md|toml|txt|yaml|sh)|(?:\w+/)+)`", page.read_text()))
    generated = {"docs/benchmarks.md", "bench/results/"}
    assert {name for name in named - generated if not any((folder / name).exists() for folder in folders)} == set()


# --- links


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            if not re.match(r"[a-z]+:", target):
                yield page, target


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in links to them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("page", "target"), list(links()), ids=lambda part: getattr(part, "name", part))
def test_every_link_leads_somewhere(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    there = page.parent / path if path else page
    assert there.exists()
    assert not anchor or anchor in anchors(there)


def sources() -> list[Path]:
    return sorted(path for folder in ("src", "tests", "bench") for path in (ROOT / folder).rglob("*.py"))


def test_every_section_that_the_code_points_to_exists() -> None:
    pointers = [
        (path.name, *found)
        for path in sources()
        for found in re.findall(r"docs/(\w+)\.md, \"([^\"]+)\"", path.read_text())
    ]
    assert pointers
    for path, page, title in pointers:
        assert re.search(rf"^#+ {title}$", (ROOT / "docs" / f"{page}.md").read_text(), re.MULTILINE), (path, title)


def test_a_wrong_document_would_be_noticed() -> None:
    """The readers above see what they should: two tables, a head and a ruler each, a section that ends."""
    page = (
        "# A\n\n## B\n\n| x | y |\n| --- | --- |\n| 1 | |\n\ntext\n\n| z |\n| --- |\n| 3 |\n\n## C\n\n| 4 |\n| --- |\n"
    )
    assert rows(section(page, "B")) == [["1", ""], ["3"]]
    assert rows(section(page, "C")) == []
    with pytest.raises(AssertionError):
        section(page, "D")
