"""The command line: what it says, where it says it, and its exit codes."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import meetmates
from meetmates.accounts.tokens import TokenVerifier
from meetmates.cli.main import announce, program_name
from meetmates.settings import Settings, load
from tests.support.server import SECRET, free_port, stop, wait_for_port

LIMIT = 60.0  # seconds for one command on a loaded machine


def environment(**settings: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MEETMATES_")}
    return clean | {"COLUMNS": "100"} | {f"MEETMATES_{name}": value for name, value in settings.items()}


def command(folder: Path, *arguments: str, **settings: str) -> tuple[int, str, list[str]]:
    """The exit code, standard output, and the lines of standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "meetmates", *arguments],
        env=environment(**settings),
        cwd=folder,
        capture_output=True,
        timeout=LIMIT,
        check=False,
        text=True,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr.splitlines()


def test_the_version(tmp_path: Path) -> None:
    assert command(tmp_path, "version") == (0, f"{meetmates.__version__}\n", [])
    assert command(tmp_path, "--version") == (0, f"{meetmates.__version__}\n", [])


@pytest.mark.parametrize("name", ["serve", "token", "chat", "bench"])
def test_help_has_examples(tmp_path: Path, name: str) -> None:
    code, out, _ = command(tmp_path, name, "--help")
    assert code == 0
    assert f"  meetmates {name}" in out.partition("Examples:")[2]


def test_the_help_of_serve_names_every_setting(tmp_path: Path) -> None:
    _, out, _ = command(tmp_path, "serve", "--help")
    for name in Settings.model_fields:
        assert f"--{name.replace('_', '-')} " in out


WRONG: dict[str, tuple[list[str], str]] = {
    "unknown command": (["nix"], "meetmates: Unknown command"),
    "a port that is none": (["serve", "--port", "abc"], "meetmates: Invalid value for --port"),
    "a port too high": (["serve", "--port", "99999"], "meetmates: MEETMATES_PORT is 1 to 65535 as a port, not 99999"),
    "no such setting": (["serve", "--orgins", "x"], "meetmates: --orgins is no setting; did you mean --origins?"),
    "a setting of another world": (["serve", "--zzz", "x"], "meetmates: --zzz is no setting; docs/settings.md lists"),
    "token without e-mail": (["token"], "meetmates: Command"),
    "an e-mail that is none": (["token", "--email", "ana"], "meetmates: --email is an address such as ana@college.edu"),
    "a time that is none": (["token", "--email", "a@b.c", "--ttl", "x"], "meetmates: --ttl is a time"),
    "a time too long": (["token", "--email", "a@b.c", "--ttl", "9000h"], "meetmates: --ttl is 1s to 8760h"),
    "an id too long": (["token", "--email", "a@b.c", "--user-id", "x" * 129], "meetmates: --user-id is 1 to 128"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_call_is_told_and_exits_with_2(tmp_path: Path, case: str) -> None:
    arguments, line = WRONG[case]
    code, out, err = command(tmp_path, *arguments)
    assert (code, out) == (2, "")
    assert err[0].startswith(line)


def test_every_bad_setting_is_told_at_once(tmp_path: Path) -> None:
    code, _, err = command(tmp_path, "serve", "--auth", "no", PORT="x", PING_INTERVAL="25000")
    assert code == 2
    assert err == [
        "meetmates: MEETMATES_PORT is a whole number",
        "meetmates: MEETMATES_AUTH is one of optional or required",
        "meetmates: MEETMATES_PING_INTERVAL is 0.1 to 300 seconds, not 25000: write 25000ms or 25",
    ]


def test_a_token_is_all_that_is_printed(tmp_path: Path) -> None:
    arguments = ("token", "--email", "Ana@college.edu", "--ttl", "1h")
    code, out, err = command(tmp_path, *arguments, JWT_SECRET=SECRET)
    assert (code, err, out.count("\n")) == (0, [], 1)
    now = time.time()
    claims = TokenVerifier(SECRET.encode(), [], "meetmates", "meetmates").verify(out.strip(), now)
    assert (claims.user_id, claims.email) == ("ana@college.edu", "Ana@college.edu")
    assert now + 3500 < claims.expires_at < now + 3601


def test_a_token_for_an_account_issuer_and_audience(tmp_path: Path) -> None:
    arguments = ("token", "--email", "a@b.c", "--user-id", "u7")
    _, out, _ = command(tmp_path, *arguments, JWT_SECRET=SECRET, JWT_ISSUER="them", JWT_AUDIENCE="us")
    assert TokenVerifier(SECRET.encode(), [], "them", "us").verify(out.strip(), time.time()).user_id == "u7"


def test_a_token_in_development_uses_the_kept_secret(tmp_path: Path) -> None:
    _, out, _ = command(tmp_path, "token", "--email", "a@b.c")
    kept = (tmp_path / "data" / "jwt.secret").read_bytes()
    assert TokenVerifier(kept, [], "meetmates", "meetmates").verify(out.strip(), time.time()).email == "a@b.c"


@pytest.mark.parametrize("name", ["token", "serve"])
def test_production_needs_a_secret(tmp_path: Path, name: str) -> None:
    more = ("--email", "a@b.c") if name == "token" else ("--port", str(free_port()))
    code, out, err = command(tmp_path, name, *more, MODE="production")
    assert (code, out) == (1, "")
    assert err == ["meetmates: MEETMATES_JWT_SECRET is missing: production needs one of at least 32 random bytes"]


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = command(tmp_path, "serve", "--port", str(port))
    assert code == 1
    assert err == [
        f"meetmates: cannot listen on 127.0.0.1 port {port}: Address already in use; another --port may be free"
    ]


def test_a_host_that_is_not_here_is_one_line(tmp_path: Path) -> None:
    code, _, err = command(tmp_path, "serve", "--host", "192.0.2.7", "--port", str(free_port()))
    assert (code, len(err)) == (1, 1)
    assert err[0].startswith("meetmates: cannot listen on 192.0.2.7 port")


def test_a_certificate_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("garbage")
    code, _, err = command(tmp_path, "serve", "--port", str(free_port()), "--tls-cert", "x.pem", "--tls-key", "x.pem")
    assert (code, len(err)) == (1, 1)
    assert err[0].startswith("meetmates: MEETMATES_TLS_CERT and MEETMATES_TLS_KEY are a certificate chain")


def served(folder: Path, host: str, *arguments: str, **settings: str) -> tuple[int, int, str]:
    """Starts a server, stops it with Ctrl-C once it listens; the exit code, the port, and what it said."""
    port = free_port()
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "meetmates", "serve", "--host", host, "--port", str(port), *arguments],
            env=environment(**settings),
            cwd=folder,
            stdout=out,
            stderr=out,
        )
    try:
        wait_for_port(port, process)
        deadline = time.monotonic() + LIMIT
        while "In two terminals" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        return process.wait(LIMIT), port, log.read_text()
    finally:
        stop(process)


def test_serve_says_where_it_listens_and_what_to_do_next(tmp_path: Path) -> None:
    code, port, said = served(tmp_path, "127.0.0.1")
    assert code == 0
    assert said.splitlines()[:3] == [
        f"MeetMates listens on http://127.0.0.1:{port} (Ctrl-C stops it)",
        f"  In a browser:        http://127.0.0.1:{port}/",
        f"  In two terminals:    meetmates chat --url http://127.0.0.1:{port}   (in each)",
    ]
    assert "camera" not in said
    assert "Traceback" not in said


def test_serve_says_that_the_page_is_not_built(capsys: pytest.CaptureFixture[str]) -> None:
    announce(load({"port": 4000}), has_page=False)
    assert "make setup" in capsys.readouterr().err
    announce(load({"port": 4000}), has_page=True)
    assert "make setup" not in capsys.readouterr().err


def test_serve_names_itself_as_it_can_be_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = Path(sys.executable).with_name("meetmates")
    monkeypatch.chdir(program.parent.parent)
    monkeypatch.setattr(sys, "argv", [str(program)])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program_name() == f"{program.parent.name}/meetmates"
    monkeypatch.setenv("PATH", str(program.parent))
    assert program_name() == "meetmates"


def test_names_that_mean_nothing_are_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MEETMATES_ORIGNS=x\n")
    _, _, said = served(tmp_path, "127.0.0.1")
    assert said.startswith("warning: MEETMATES_ORIGNS is no setting; did you mean MEETMATES_ORIGINS?\n")


@pytest.mark.parametrize(
    ("host", "tls", "public_url", "told"),
    [
        ("192.0.2.7", False, None, True),
        ("0.0.0.0", False, None, True),
        ("::", False, "http://meet.college.edu", True),
        ("192.0.2.7", True, None, False),
        ("192.0.2.7", False, "https://meet.college.edu", False),
        ("127.0.0.1", False, None, False),
        ("::1", False, None, False),
        ("localhost", False, None, False),
    ],
)
def test_without_tls_browsers_open_no_camera(
    host: str, tls: bool, public_url: str | None, told: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "x.pem").write_text("x")
    pem = str(tmp_path / "x.pem") if tls else None
    announce(load({"host": host, "public_url": public_url, "tls_cert": pem, "tls_key": pem}))
    said = capsys.readouterr().err
    assert ("browsers open no camera here" in said) is told
    assert "//0.0.0.0:3001/" not in said  # nobody can go there
