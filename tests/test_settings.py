"""Settings: from everywhere, checked together, each bad one named with what would be right."""

import os
import stat
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from meetmates.settings import Settings, SettingsError, load, resolve_secret, settings_page, unknown_names

ROOT = Path(__file__).parent.parent
KEY = Ed25519PrivateKey.generate()
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
WEAK = generate_private_key(65537, 1024).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
GOOD_SECRET = "f3a1c95e07b2d8641fae3095bc7d28e4"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but a test's own, in an empty working folder."""
    for name in [name for name in os.environ if name.upper().startswith("MEETMATES_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def problems(**overrides: object) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load(overrides)
    return str(refused.value).splitlines()


def test_the_defaults() -> None:
    settings = load()
    assert (settings.mode, settings.host, settings.port, settings.auth) == (
        "development",
        "127.0.0.1",
        3001,
        None,
    )
    assert settings.origins == ["http://localhost:5173", "https://www.meetmates.space"]
    assert (settings.max_payload, settings.max_buffered) == (200_000, 1_048_576)
    assert (settings.ping_interval, settings.ping_timeout, settings.connect_timeout) == (25, 20, 9)
    assert (settings.presence_window, settings.rematch_after, settings.interest_wait) == (0.1, 10, 2)
    assert (settings.fairness, settings.limit_factor, settings.reveal_email) == (8, 1, "never")


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("MEETMATES_PORT=1001\nMEETMATES_FAIRNESS=1\nMEETMATES_AUTH=required\n")
    monkeypatch.setenv("MEETMATES_PORT", "1002")
    monkeypatch.setenv("MEETMATES_FAIRNESS", "2")
    settings = load({"port": 1003})
    assert (settings.port, settings.fairness, settings.auth) == (1003, 2, "required")


def test_they_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().port = 1


@pytest.mark.parametrize(
    ("text", "seconds"), [("10", 10), ("0.5", 0.5), ("300ms", 0.3), ("25s", 25), ("1m", 60), (" 2 s ", 2), (7, 7)]
)
def test_durations(text: object, seconds: float) -> None:
    assert load({"ping_interval": text}).ping_interval == pytest.approx(seconds)


@pytest.mark.parametrize(("text", "size"), [("2000", 2000), ("64KiB", 65536), ("1 mib", 1048576), (3000, 3000)])
def test_sizes(text: object, size: int) -> None:
    assert load({"max_payload": text}).max_payload == size


@pytest.mark.parametrize("text", ["https://a.edu,http://b.edu:81", '["https://a.edu", "http://b.edu:81"]'])
def test_lists(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("MEETMATES_ORIGINS", text)
    assert load().origins == ["https://a.edu", "http://b.edu:81"]


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("https://Meet.College.EDU/", "https://meet.college.edu"),
        ("https://a.edu:443", "https://a.edu"),
        ("http://a.edu:80", "http://a.edu"),
        ("https://a.edu:80", "https://a.edu:80"),
        ("http://[::1]:3001", "http://[::1]:3001"),
    ],
)
def test_origins_are_held_as_browsers_send_them(written: str, held: str) -> None:
    assert load({"origins": written}).origins == [held]


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "null", "a.edu", "ftp://a.edu", "https://", "https://a.edu/x", "https://a.edu?x", "https://a.edu#x"),
        *("https://u:p@a.edu", "https://a.edu:abc", "https://a.edu:99999", "https://a<b", "https://*.a.edu"),
    ],
)
def test_what_is_no_origin(origin: str) -> None:
    assert problems(origins=origin) == [
        f"MEETMATES_ORIGINS is an origin such as https://meet.college.edu, with no path: not {origin}"
    ]


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "milliseconds": (
        {"ping_interval": "25000"},
        "MEETMATES_PING_INTERVAL is 0.1 to 300 seconds, not 25000: write 25000ms or 25",
    ),
    "no time": ({"ping_timeout": "soon"}, "MEETMATES_PING_TIMEOUT is a time: seconds such as 25, or 300ms, 25s, 1m"),
    "no size": ({"max_payload": "5x"}, "MEETMATES_MAX_PAYLOAD is a size: bytes such as 200000, or 64KiB, 1MiB"),
    "a small size": ({"max_payload": "10"}, "MEETMATES_MAX_PAYLOAD is 1024 to 1.04858e+08 bytes, not 10"),
    "a port": ({"port": "99999"}, "MEETMATES_PORT is 1 to 65535 as a port, not 99999"),
    "no number": ({"port": "x"}, "MEETMATES_PORT is a whole number"),
    "no factor": ({"limit_factor": "x"}, "MEETMATES_LIMIT_FACTOR is a number"),
    "a factor of zero": ({"limit_factor": "0"}, "MEETMATES_LIMIT_FACTOR is 0.001 to 1e+09 times, not 0"),
    "a factor that is none": ({"limit_factor": "nan"}, "MEETMATES_LIMIT_FACTOR is 0.001 to 1e+09 times, not nan"),
    "fairness": ({"fairness": "-1"}, "MEETMATES_FAIRNESS is 0 to 1000 people, not -1"),
    "a choice": ({"auth": "no"}, "MEETMATES_AUTH is one of optional or required"),
    "no network": (
        {"trusted_proxies": "10.0.0.0/8,bla"},
        "MEETMATES_TRUSTED_PROXIES is an address or a network such as 10.0.0.0/8: not bla",
    ),
    "no list": ({"origins": '["a"'}, "MEETMATES_ORIGINS is a list: values with commas between them, or a JSON array"),
    "no such file": ({"jwt_public_keys": "x.pem"}, "MEETMATES_JWT_PUBLIC_KEYS names a file that cannot be read: x.pem"),
    "an empty metrics token": (
        {"metrics_token": ""},
        "MEETMATES_METRICS_TOKEN is empty: leave it out, or give random characters,"
        " such as from `openssl rand -hex 16`",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    overrides, line = REFUSED[case]
    assert problems(**overrides) == [line]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    Path("key.pem").write_text("x")
    lines = problems(port="x", auth="no", ping_interval="x", tls_key="key.pem", max_buffered="1")
    assert [line.split()[0].removeprefix("MEETMATES_") for line in lines] == [
        "PORT",
        "TLS_KEY",
        "AUTH",
        "MAX_BUFFERED",
        "PING_INTERVAL",
    ]


def test_a_certificate_and_its_key_go_together() -> None:
    Path("some.pem").write_text("x")
    assert problems(tls_cert="some.pem") == [
        "MEETMATES_TLS_KEY and its certificate go together: MEETMATES_TLS_KEY is missing"
    ]
    assert problems(tls_key="some.pem") == [
        "MEETMATES_TLS_KEY and its certificate go together: MEETMATES_TLS_CERT is missing"
    ]
    assert problems(tls_cert="none.pem", tls_key="some.pem") == ["MEETMATES_TLS_CERT names a file that cannot be read"]


def test_an_openid_provider_and_our_name_there_go_together() -> None:
    line = "MEETMATES_OIDC_CLIENT_ID and its issuer go together: MEETMATES_OIDC_{} is missing"
    assert problems(oidc_issuer="https://login.college.edu") == [line.format("CLIENT_ID")]
    assert problems(oidc_client_id="meetmates") == [line.format("ISSUER")]
    assert problems(oidc_issuer="nowhere", oidc_client_id="meetmates") == [
        "MEETMATES_OIDC_ISSUER is an address such as https://login.college.edu"
    ]
    assert load({"oidc_issuer": "https://login.college.edu", "oidc_client_id": "meetmates"}).oidc_client_id


def test_public_keys_from_texts_and_files() -> None:
    Path("key.pem").write_text(PEM)
    assert load({"jwt_public_keys": "key.pem"}).jwt_public_keys == [PEM]
    assert load({"jwt_public_keys": PEM.replace("\n", "\\n") + ",key.pem"}).jwt_public_keys == [PEM, PEM]


def test_what_is_no_public_key() -> None:
    private = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    head = "-----BEGIN PUBLIC KEY-----"
    no_key = f"MEETMATES_JWT_PUBLIC_KEYS is a list of public keys in PEM ({head}), or of files with one"
    assert problems(jwt_public_keys=private) == [no_key]
    Path("garbage.pem").write_text("garbage")
    assert problems(jwt_public_keys="garbage.pem") == [no_key]
    assert problems(jwt_public_keys=WEAK.decode()) == [
        "MEETMATES_JWT_PUBLIC_KEYS is a list of keys that are Ed25519, Ed448, or RSA of at least 2048 bits"
    ]


def test_proxies_are_networks() -> None:
    assert load({"trusted_proxies": "10.1.2.3/8,::1"}).trusted_proxies == [ip_network("10.0.0.0/8"), ip_network("::1")]


def test_a_file_that_is_no_text_is_one_line() -> None:
    Path(".env").write_bytes(b"MEETMATES_HOST=\xff\xfe\n")
    assert problems() == ["the file .env in the working folder cannot be read: it is UTF-8 text"]


def test_secrets_are_never_shown() -> None:
    settings = load({"jwt_secret": GOOD_SECRET, "metrics_token": "metrics-hidden"})
    assert GOOD_SECRET not in f"{settings!r}{settings}"
    assert "metrics-hidden" not in f"{settings!r}{settings}"
    assert GOOD_SECRET not in "\n".join(problems(jwt_secret=GOOD_SECRET, port="x"))


def test_names_that_mean_nothing_are_told_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("MEETMATES_PORTT=1\nMEETMATES_PORT=3002\nOTHER=1\n")
    monkeypatch.setenv("MEETMATES_ORIGNS", "x")
    monkeypatch.setenv("MEETMATES_QQQQQQQQ", "x")
    assert unknown_names() == [
        "MEETMATES_ORIGNS is no setting; did you mean MEETMATES_ORIGINS?",
        "MEETMATES_PORTT is no setting; did you mean MEETMATES_PORT?",
        "MEETMATES_QQQQQQQQ is no setting",
    ]


def test_development_makes_a_secret_once_for_its_owner_alone() -> None:
    first = resolve_secret(load())
    assert len(first) >= 32
    assert resolve_secret(load()) == first
    assert stat.S_IMODE(Path("data/jwt.secret").stat().st_mode) == 0o600
    assert [path.name for path in Path("data").iterdir()] == ["jwt.secret"]


def test_processes_that_start_at_once_agree_on_the_secret() -> None:
    code = "from meetmates.settings import *; print(resolve_secret(load()).decode())"
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=dict(os.environ)) for _ in range(4)
    ]
    answers = {process.communicate(timeout=60)[0] for process in started}
    assert len(answers) == 1
    assert len(answers.pop().strip()) == 64


def test_a_damaged_secret_is_not_used() -> None:
    Path("data").mkdir()
    Path("data/jwt.secret").write_text("short")
    with pytest.raises(SettingsError, match=r"jwt\.secret is damaged: delete it"):
        resolve_secret(load())


def test_a_folder_that_cannot_be_made_is_one_line() -> None:
    Path("data").write_text("a file")
    with pytest.raises(SettingsError, match=r"^MEETMATES_DATA_DIR is a folder to write to: data: "):
        resolve_secret(load())


KNOWN = [
    "a-string-secret-at-least-256-bits-long",
    "your-256-bit-secret-your-256-bit-secret",
    "changemechangemechangemechangeme",
    "a" * 64,
    "0123456789abcdef" * 4,
    "f3a1c95e07b2d8" * 4,
    "MeetMates-is-the-name-of-this-thing!",
    "qwertyuiopasdfghjklzxcvbnm1357924680",
]


@pytest.mark.parametrize("secret", KNOWN)
def test_production_refuses_a_secret_that_can_be_guessed(secret: str) -> None:
    with pytest.raises(SettingsError, match="MEETMATES_JWT_SECRET can be guessed"):
        resolve_secret(load({"mode": "production", "jwt_secret": secret}))


def test_production_refuses_a_missing_or_short_secret_and_keeps_none() -> None:
    with pytest.raises(SettingsError, match="MEETMATES_JWT_SECRET is missing"):
        resolve_secret(load({"mode": "production"}))
    with pytest.raises(SettingsError, match="MEETMATES_JWT_SECRET is too short"):
        resolve_secret(load({"mode": "production", "jwt_secret": GOOD_SECRET[:31]}))
    assert not Path("data").exists()


def test_production_takes_a_random_secret() -> None:
    assert resolve_secret(load({"mode": "production", "jwt_secret": GOOD_SECRET})) == GOOD_SECRET.encode()


def test_the_page_is_complete_and_fresh() -> None:
    page = settings_page()
    assert (ROOT / "docs" / "settings.md").read_text() == page, "run `make docs`"
    for name in Settings.model_fields:
        assert f"| `MEETMATES_{name.upper()}` |" in page


TOGETHER = {"tls_cert", "tls_key", "oidc_issuer", "oidc_client_id"}  # none of them is good alone


@pytest.mark.parametrize("name", sorted(Settings.model_fields.keys() - TOGETHER - {"jwt_public_keys"}))
def test_each_example_of_the_page_is_accepted(name: str) -> None:
    [example] = Settings.model_fields[name].examples or []
    if not str(example).startswith("`"):
        load({name: example})
