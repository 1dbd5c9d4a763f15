"""The log: the right line in every form, and nothing in it that is nobody's business."""

import json
import logging
import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import structlog

from meetmates.logs import EventJournal, How, Sampler, configure_logs, cut_address, redact

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VySWQiOiJ1MSJ9.c2lnbmF0dXJl"
FORMS: tuple[Literal["human", "json"], ...] = ("human", "json")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """The process's logging is as before."""
    root, levels = logging.getLogger(), {name: logging.getLogger(name).level for name in ("uvicorn.error", "asyncio")}
    handlers, level = root.handlers, root.level
    yield
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def read_lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def test_the_line_of_a_connection_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "json")
    EventJournal("cut").connected("abcDEF", 3)
    [line] = read_lines(capsys)
    assert json.loads(line)["event"] == "New user connected: abcDEF Total online users: 3"


def test_the_line_of_a_connection_for_humans(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "human")
    EventJournal("cut").connected("abcDEF", 3)
    [line] = read_lines(capsys)
    assert line.endswith("New user connected: abcDEF Total online users: 3")


def test_auto_is_json_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "auto")
    EventJournal("cut").connected("abcDEF", 3)
    [line] = read_lines(capsys)
    assert json.loads(line)["level"] == "info"


def test_the_level_decides(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning", "json")
    journal = EventJournal("cut")
    journal.connected("abcDEF", 3)
    journal.denied("10.1.2.3", "token_invalid")
    [line] = read_lines(capsys)
    assert (json.loads(line)["code"], json.loads(line)["address"]) == ("token_invalid", "10.1.2.0/24")


@pytest.mark.parametrize("logger", ["uvicorn.error", "picows.server", "asyncio"])
@pytest.mark.parametrize("form", FORMS)
def test_libraries_speak_in_the_same_form(
    form: Literal["human", "json"], logger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("info", form)
    logging.getLogger(logger).error("no %s", "luck")
    [line] = read_lines(capsys)
    if form == "json":
        assert json.loads(line)["event"] == "no luck"
    else:
        assert line.endswith("no luck")


def fail(token: str, text: str) -> None:
    raise RuntimeError("boom")


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_a_traceback_shows_no_values(
    form: Literal["human", "json"], ours: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("info", form)
    hidden = "".join(("what ", "somebody ", "said"))  # never as a whole in a line of source
    try:
        fail(TOKEN, hidden)
    except RuntimeError:
        if ours:
            EventJournal("cut").failed("a frame could not be handled")
        else:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    written = "\n".join(read_lines(capsys))
    assert "RuntimeError: boom" in written
    assert hidden not in written
    assert TOKEN not in written
    if form == "json":
        assert "Traceback" in json.loads(written)["exception"]


@pytest.mark.parametrize("form", FORMS)
def test_what_another_machine_does_not_do_is_one_line(
    form: Literal["human", "json"], capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("info", form)
    try:
        fail(TOKEN, "text")
    except RuntimeError:
        EventJournal("cut").troubled("the mail server cannot be used")
    [line] = read_lines(capsys)
    assert "the mail server cannot be used" in line
    assert "RuntimeError" not in line


@pytest.mark.parametrize(
    "key",
    [
        *("token", "access_token", "auth", "Authorization", "text", "messageText", "email", "collegeEmail"),
        *("user-email", "password", "jwt_secret", "sid", "cookie", "cookies", "tokens", "mail"),
    ],
)
def test_telling_names_are_hidden(key: str) -> None:
    assert redact(None, "info", {key: "value"}) == {key: "(hidden)"}
    assert redact(None, "info", {"more": {key: "value"}}) == {"more": {key: "(hidden)"}}


@pytest.mark.parametrize("key", ["context", "reason", "address", "author", "side", "code"])
def test_other_names_are_not(key: str) -> None:
    assert redact(None, "info", {key: "value"}) == {key: "value"}


@pytest.mark.parametrize("hidden", [TOKEN, "ana@college.edu"])
def test_tokens_and_addresses_are_hidden_wherever_they_stand(hidden: str) -> None:
    event: dict[str, Any] = {"event": f"it was {hidden}.", "exception": f"x\n{hidden}", "some": [hidden], "count": 3}
    cleaned = redact(None, "info", event)
    assert hidden not in str(cleaned)
    assert cleaned["count"] == 3
    assert cleaned["event"].startswith("it was (hidden)")


@pytest.mark.parametrize("form", FORMS)
def test_nobody_forges_a_line(form: Literal["human", "json"], capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", form)
    forged = "x\nNew user connected: fake\x1b[2J"
    EventJournal("cut").refused("10.1.2.3", forged)
    EventJournal("cut").failed(forged)
    logging.getLogger("uvicorn.error").error(forged)
    lines = read_lines(capsys)
    assert len(lines) == 3
    assert not any("\x1b[2J" in line for line in lines)


@pytest.mark.parametrize(
    ("address", "how", "written"),
    [
        ("10.1.2.3", "cut", "10.1.2.0/24"),
        ("10.1.2.3", "full", "10.1.2.3"),
        ("10.1.2.3", "none", "-"),
        ("2001:db8:1:2ff:4::5", "cut", "2001:db8:1:200::/56"),
        ("2001:db8:1:2ff:4::5", "full", "2001:db8:1:2ff:4::5"),
        ("::ffff:10.1.2.3", "cut", "10.1.2.0/24"),
        ("::ffff:10.1.2.3", "full", "10.1.2.3"),
        ("fe80::1%eth0", "cut", "fe80::/56"),
        ("not an address", "full", "-"),
        ("", "cut", "-"),
    ],
)
def test_addresses_are_cut(address: str, how: How, written: str) -> None:
    assert cut_address(address, how) == written


def test_a_flood_becomes_a_few_lines_and_a_number() -> None:
    sampler = Sampler(3)
    assert [sampler.let("a", 10.1) for _ in range(6)] == [0, 0, 0, None, None, None]
    assert sampler.let("b", 10.2) == 0
    assert [sampler.let("a", 11.0) for _ in range(2)] == [3, 0]


def test_a_flood_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "json")
    journal = EventJournal("cut")
    for _ in range(1_000):
        journal.violated("10.1.2.3", "bad packet")
    lines = read_lines(capsys)
    assert 1 <= len(lines) <= 50  # ten a second, with slack for a slow machine
    assert all(re.search('"event":"Client cut off"', line) for line in lines)
