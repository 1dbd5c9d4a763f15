"""Every setting, read in one place: environment, `.env` of the working folder, command line.

All are checked together, and every bad value is named with what would be right. This file is long because it is the
one page of settings; docs/settings.md is made from it.
"""

import difflib
import json
import os
import re
import secrets
from collections.abc import Mapping
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX = "MEETMATES_"
SECRET_BYTES = 32  # RFC 7518, section 3.2: as long as the hash
KNOWN_SECRETS = (
    *("secret", "changeme", "change-me", "change_me", "password", "meetmates", "example", "your-256-bit"),
    *("1234567890", "0123456789", "abcdefghij", "qwertyuiop"),
)
DIFFERENT_CHARACTERS = 10  # random bytes in hexadecimal have nearly always all sixteen
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"(\d+)\s*(KiB|MiB)?", re.IGNORECASE)
_SIZES = {"": 1, "kib": 1024, "mib": 1024 * 1024}
_ORIGIN = re.compile(r"(https?)://([a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?/?")
_PAIRS = {"tls_key": ("tls_cert", "certificate"), "oidc_client_id": ("oidc_issuer", "issuer")}  # neither is good alone
EMPTY_SAYS = (f"{PREFIX}STUN_URLS",)  # no STUN at all, instead of the default
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
_STUN = re.compile(rf"stuns?:{_HOST}")  # RFC 7064
_TURN = re.compile(rf"turns?:{_HOST}(?:\?transport=(?:udp|tcp))?")  # RFC 7065
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_OWN_PORTS = {"http": 80, "https": 443}  # which browsers leave out of the Origin header, RFC 6454 section 6.2


WRONG_KEY = (
    f"{PREFIX}ADDRESS_KEY is another one than these accounts were made with: bring back the old one "
    "(without the setting it is the file address.key in the data folder)"
)


class SettingsError(Exception):
    """Settings that cannot be used: one line for each, naming what would be right."""


def parse_duration(text: str) -> float:
    """Seconds of `25`, `300ms`, `25s`, `1m` or `2h`. Raises `ValueError` saying what would be right."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError("is a time: seconds such as 25, or 300ms, 25s, 1m")
    return float(match[1]) * _UNITS[match[2] or "s"]


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _size(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = _SIZE.fullmatch(value.strip())
    if match is None:
        raise ValueError("is a size: bytes such as 200000, or 64KiB, 1MiB")
    return int(match[1]) * _SIZES[(match[2] or "").lower()]


def _listed(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            raise ValueError("is a list: values with commas between them, or a JSON array") from None
    return [part.strip() for part in text.split(",") if part.strip()]


def _keys(value: object) -> object:
    """PEM texts hold no commas, so that they can be listed like everything else; paths are read."""
    listed = _listed(value)
    if not isinstance(listed, list):
        return listed
    keys = []
    for item in listed:
        if "-----BEGIN" in str(item):
            keys.append(str(item).replace("\\n", "\n"))
            continue
        try:
            keys.append(Path(str(item)).read_text())
        except (OSError, ValueError):
            raise ValueError(f"names a file that cannot be read: {item}") from None
    return keys


def _public_key(pem: str) -> str:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is a list of public keys in PEM (-----BEGIN PUBLIC KEY-----), or of files with one") from None
    strong = isinstance(key, Ed25519PublicKey | Ed448PublicKey)
    if not strong and not (isinstance(key, RSAPublicKey) and key.key_size >= 2048):  # RFC 7518, section 3.3
        raise ValueError("is a list of keys that are Ed25519, Ed448, or RSA of at least 2048 bits")
    return pem


def _origin(value: str) -> str:
    """As browsers write it: small letters, and the port only where it is not the scheme's own."""
    match = _ORIGIN.fullmatch(value.strip().lower())
    if match is None or int(match[3] or 0) > 65535:
        raise ValueError(f"is an origin such as https://meet.college.edu, with no path: not {value}")
    scheme, host, port = match.groups()
    return f"{scheme}://{host}" + (f":{port}" if port and int(port) != _OWN_PORTS[scheme] else "")


def _not_empty(value: SecretStr) -> SecretStr:
    """An empty one would be known to everybody."""
    if not value.get_secret_value().strip():
        raise ValueError("is empty: leave it out, or give random characters, such as from `openssl rand -hex 16`")
    return value


def _network(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"is an address or a network such as 10.0.0.0/8: not {value}") from None


def _readable(value: str) -> str:
    if not Path(value).is_file() or not os.access(value, os.R_OK):
        raise ValueError("names a file that cannot be read")
    return value


def _within(low: float, high: float, unit: str) -> AfterValidator:
    def check(value: float) -> float:
        if low <= value <= high:
            return value
        hint = f": write {value:g}ms or {value / 1000:g}" if unit == "seconds" and value >= 1000 else ""
        raise ValueError(f"is {low:g} to {high:g} {unit}, not {value:g}{hint}")

    return AfterValidator(check)


Seconds = Annotated[float, BeforeValidator(_duration)]
Bytes = Annotated[int, BeforeValidator(_size)]
File = Annotated[str, AfterValidator(_readable)]
Origin = Annotated[str, AfterValidator(_origin)]
Hidden = Annotated[SecretStr, AfterValidator(_not_empty)]
PublicKey = Annotated[str, AfterValidator(_public_key)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


class Campus(BaseModel):
    """A college: its name, and the domains of its addresses; `*.` before one takes in everything below it."""

    model_config = ConfigDict(frozen=True)

    name: str
    domains: tuple[str, ...]


def _campuses(value: object) -> object:
    """`Name=domain,*.domain; Other=domain`, or the same as JSON: `[{"name": ..., "domains": [...]}]`."""
    if not isinstance(value, str):
        return value
    wrong = "is a list such as `Example College=college.edu,*.college.edu; Other=other.edu`, or the same as JSON"
    if value.strip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError(wrong) from None
    campuses = []
    for part in filter(str.strip, value.split(";")):
        name, equals, domains = part.partition("=")
        listed = [domain.strip() for domain in domains.split(",") if domain.strip()]
        if not (name.strip() and equals and listed):
            raise ValueError(wrong)
        campuses.append({"name": name.strip(), "domains": listed})
    return campuses


def _url(schemes: tuple[str, ...], example: str) -> AfterValidator:
    def check(value: str) -> str:
        try:
            parts = urlsplit(value)
            sound = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            sound = False
        if not sound:
            raise ValueError(f"is an address such as {example}")
        return value

    return AfterValidator(check)


DatabaseUrl = Annotated[str, _url(("postgresql", "postgres"), "postgresql://user:password@host/name")]
MailUrl = Annotated[str, _url(("smtp", "smtps"), "smtp://user:password@host:587")]


def _issuer(value: str) -> str:
    """HTTPS, but on this machine itself: what comes from an issuer decides who somebody is."""
    try:
        parts = urlsplit(value)
        sound = parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
    except ValueError:
        sound = False
    if not sound:
        raise ValueError("is an address such as https://login.college.edu")
    return value


def _sender(value: str) -> str:
    address = parseaddr(value)[1]
    if "@" not in address.strip("@") or any(not character.isprintable() for character in value) or not address:
        raise ValueError("is a sender such as MeetMates <meet@college.edu>")
    return value


def _ice(form: re.Pattern[str], example: str) -> AfterValidator:
    def check(value: str) -> str:
        if form.fullmatch(value) is None:
            raise ValueError(f"is a list of addresses such as {example}: not {value}")
        return value

    return AfterValidator(check)


StunUrl = Annotated[str, _ice(_STUN, "stun:stun.college.edu:3478")]
TurnUrl = Annotated[str, _ice(_TURN, "turn:turn.college.edu:3478?transport=udp")]
Issuer = Annotated[str, AfterValidator(_issuer)]
Sender = Annotated[str, AfterValidator(_sender)]


def _said(variables: Mapping[str, str | None]) -> Mapping[str, str | None]:
    """An empty variable says nothing, but where nothing is something to say."""
    return {name: value for name, value in variables.items() if value or name.upper() in EMPTY_SAYS}


class Settings(BaseSettings):
    """One frozen set of settings. Times are held in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        frozen=True,
        extra="ignore",
        env_ignore_empty=False,  # but see `_said`
        hide_input_in_errors=True,
    )

    mode: Literal["development", "production"] = Field(
        "development",
        description="`production` refuses to start with anything that is only good for trying.",
        examples=["production"],
    )
    host: str = Field("127.0.0.1", description="The address to listen on.", examples=["192.0.2.7"])
    port: Annotated[int, _within(1, 65535, "as a port")] = Field(
        3001, description="The port for everything.", examples=["8443"]
    )
    data_dir: Path = Field(
        Path("data"), description="Where the server keeps what must survive a restart.", examples=["/var/lib/meetmates"]
    )
    public_url: Origin | None = Field(
        None, description="The address at which browsers reach the server.", examples=["https://meet.college.edu"]
    )
    origins: Annotated[list[Origin], NoDecode, BeforeValidator(_listed)] = Field(
        ["http://localhost:5173", "https://www.meetmates.space"],
        description="Whose pages may connect.",
        examples=["https://meet.college.edu,https://www.college.edu"],
    )
    trusted_proxies: Annotated[list[Network], NoDecode, BeforeValidator(_listed)] = Field(
        [],
        description="Networks of proxies whose `Forwarded` or `X-Forwarded-For` is believed.",
        examples=["127.0.0.1,10.0.0.0/8"],
    )
    tls_cert: File | None = Field(
        None,
        description="A PEM file with the certificate chain; with `tls_key`.",
        examples=["/etc/meetmates/chain.pem"],
    )
    tls_key: File | None = Field(
        None,
        validate_default=True,
        description="A PEM file with the certificate's key.",
        examples=["/etc/meetmates/key.pem"],
    )

    auth: Literal["optional", "required"] | None = Field(
        None,
        description="Whether guests may come in; `optional` while no campus is configured, then `required`.",
        examples=["required"],
    )
    campuses: Annotated[list[Campus], NoDecode, BeforeValidator(_campuses)] = Field(
        [],
        description="Colleges to know from the start; `meetmates campus` edits them. `*.` takes in subdomains.",
        examples=["Example College=college.edu,*.college.edu; Other=other.edu"],
    )
    match_scope: Literal["campus", "any"] = Field(
        "campus", description="Whether people meet only within their own campus.", examples=["any"]
    )
    jwt_secret: SecretStr | None = Field(
        None,
        description="The secret of HS256 tokens, at least 32 bytes. In development one is made and kept.",
        examples=["`openssl rand -hex 32` makes one"],
    )
    jwt_public_keys: Annotated[list[PublicKey], NoDecode, BeforeValidator(_keys)] = Field(
        [],
        description="PEM texts or files: keys of others whose EdDSA or RS256 tokens are accepted.",
        examples=["/etc/meetmates/college.pem"],
    )
    jwt_issuer: str = Field("meetmates", description="What `iss` must say.", examples=["https://login.college.edu"])
    jwt_audience: str = Field("meetmates", description="What `aud` must say.", examples=["meet"])
    access_ttl: Annotated[Seconds, _within(65, 86400, "seconds")] = Field(
        900.0, description="How long an access token is valid.", examples=["10m"]
    )
    refresh_ttl: Annotated[Seconds, _within(3600, 365 * 86400, "seconds")] = Field(
        30 * 86400.0, description="How long somebody stays signed in without coming back.", examples=["7d"]
    )
    reveal_email: Literal["never", "always"] = Field(
        "never", description="Whether partners see each other's address.", examples=["always"]
    )

    database_url: DatabaseUrl | None = Field(
        None,
        description="A PostgreSQL database; without one an SQLite file in the data folder.",
        examples=["postgresql://meetmates:secret@db.college.edu/meetmates"],
    )
    address_key: Hidden | None = Field(
        None,
        description="The key that account ids and codes are hashed with; made and kept in the data folder.",
        examples=["`openssl rand -hex 32` makes one"],
    )
    evidence_key: Hidden | None = Field(
        None,
        description="The key that evidence is sealed with; made and kept in the data folder.",
        examples=["`openssl rand -hex 32` makes one"],
    )
    smtp_url: MailUrl | None = Field(
        None,
        description="The mail server: `smtp://` (with STARTTLS where it is offered) or `smtps://`. Without one, mails "
        "are printed and kept in the data folder, in development.",
        examples=["smtps://meetmates:secret@mail.college.edu:465"],
    )
    mail_from: Sender = Field(
        "MeetMates <meetmates@localhost>", description="The sender of mails.", examples=["MeetMates <meet@college.edu>"]
    )
    google_client_id: str | None = Field(
        None,
        description="Turns on sign-in with Google.",
        examples=["1234-abc.apps.googleusercontent.com"],
    )
    google_issuer: Issuer = Field(
        "https://accounts.google.com", description="Who signs Google's tokens.", examples=["http://127.0.0.1:9000"]
    )
    oidc_issuer: Issuer | None = Field(
        None,
        description="The campus's OpenID provider: turns on single sign-on.",
        examples=["https://login.college.edu"],
    )
    oidc_client_id: str | None = Field(
        None, validate_default=True, description="Our name at that provider.", examples=["meetmates"]
    )
    oidc_client_secret: Hidden | None = Field(None, description="Our password at that provider.", examples=["s3cr3t"])
    page_url: Origin | None = Field(
        None,
        description="Where single sign-on leads back to, if the page is not served from here.",
        examples=["https://meet.college.edu"],
    )
    oidc_name: str = Field("your college", description="What its button says.", examples=["Example College"])

    stun_urls: Annotated[list[StunUrl], NoDecode, BeforeValidator(_listed)] = Field(
        ["stun:stun.l.google.com:19302"],
        description="STUN servers that browsers ask for their own address; empty turns it off.",
        examples=["stun:turn.college.edu:3478"],
    )
    turn_urls: Annotated[list[TurnUrl], NoDecode, BeforeValidator(_listed)] = Field(
        [],
        description="TURN servers, which relay video where browsers find no other way.",
        examples=["turn:turn.college.edu:3478?transport=udp,turns:turn.college.edu:443?transport=tcp"],
    )
    turn_secret: Hidden | None = Field(
        None,
        validate_default=True,
        description="The secret shared with them: coturn's `static-auth-secret`.",
        examples=["`openssl rand -hex 32` makes one"],
    )
    relay_only: bool = Field(
        False,
        description="Video goes through TURN alone, so that partners never see each other's address.",
        examples=["true"],
    )

    rematch_after: Annotated[Seconds, _within(0, 3600, "seconds")] = Field(
        10.0, description="How long last partners are not paired again.", examples=["1m"]
    )
    interest_wait: Annotated[Seconds, _within(0, 60, "seconds")] = Field(
        2.0, description="How long somebody waits for a shared interest before anybody will do.", examples=["5s"]
    )
    fairness: Annotated[int, _within(0, 1000, "people")] = Field(
        8, description="How many later arrivals may be served before anybody; 0 is strict order.", examples=["0"]
    )
    resume_grace: Annotated[Seconds, _within(0, 600, "seconds")] = Field(
        15.0,
        description="How long the seat and the chat of somebody whose connection was lost are kept, where the page can "
        "resume.",
        examples=["30s"],
    )
    presence_window: Annotated[Seconds, _within(0.01, 60, "seconds")] = Field(
        0.1,
        description="The least time between two `onlineUsers`; it grows by 0.2 ms with each connection.",
        examples=["250ms"],
    )

    limit_factor: Annotated[float, _within(0.001, 1e9, "times")] = Field(
        1.0, description="Multiplies every rate limit.", examples=["2.5"]
    )
    max_payload: Annotated[Bytes, _within(1024, 100 * 1024 * 1024, "bytes")] = Field(
        200_000, description="The largest frame or body that a client may send.", examples=["256KiB"]
    )
    max_buffered: Annotated[Bytes, _within(64 * 1024, 1024**3, "bytes")] = Field(
        1024 * 1024, description="What may wait for a client that reads too slowly.", examples=["2MiB"]
    )
    ping_interval: Annotated[Seconds, _within(0.1, 300, "seconds")] = Field(
        25.0, description="Between two heartbeats.", examples=["10s"]
    )
    ping_timeout: Annotated[Seconds, _within(0.1, 300, "seconds")] = Field(
        20.0, description="For the answer to one.", examples=["5s"]
    )
    connect_timeout: Annotated[Seconds, _within(0.1, 60, "seconds")] = Field(
        9.0, description="For the CONNECT of a new session.", examples=["5s"]
    )

    metrics_token: Hidden | None = Field(
        None, description="Opens /metrics to others than this machine.", examples=["`openssl rand -hex 16` makes one"]
    )
    log_addresses: Literal["cut", "full", "none"] = Field(
        "cut", description="Network addresses in the log: /24, /56.", examples=["none"]
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least that is logged.", examples=["debug"]
    )
    log_format: Literal["auto", "human", "json"] = Field(
        "auto", description="`auto`: human on a terminal, else JSON.", examples=["json"]
    )

    @field_validator(*_PAIRS)
    @classmethod
    def _together(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Here, not over the whole, so that it is said together with every other problem."""
        name = str(info.field_name)
        other, meaning = _PAIRS[name]
        if other in info.data and (info.data[other] is None) != (value is None):
            missing = name if value is None else other
            raise ValueError(f"and its {meaning} go together: {PREFIX}{missing.upper()} is missing")
        return value

    @field_validator("turn_secret")
    @classmethod
    def _with_turn(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if "turn_urls" in info.data and bool(info.data["turn_urls"]) != (value is not None):
            missing = "turn_secret" if value is None else "turn_urls"
            raise ValueError(f"and its servers go together: {PREFIX}{missing.upper()} is missing")
        return value

    @field_validator("relay_only")
    @classmethod
    def _with_a_relay(cls, value: bool, info: ValidationInfo) -> bool:
        if value and info.data.get("turn_urls") == []:
            raise ValueError(f"needs a relay: {PREFIX}TURN_URLS is missing")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line, environment, `.env`: the first that says something wins."""
        for source in (env_settings, dotenv_settings):
            if isinstance(source, EnvSettingsSource):
                source.env_vars = _said(source.env_vars)
        return init_settings, env_settings, dotenv_settings


class Keys(NamedTuple):
    """The keys of what is stored, at least 32 bytes each."""

    address: bytes  # account ids are keyed hashes of mailboxes; codes are kept hashed with it
    evidence: bytes  # seals evidence and what else only moderators may read


def load(overrides: Mapping[str, object] | None = None) -> Settings:
    """The settings, `overrides` (by attribute name) first. Raises `SettingsError` with every problem at once."""
    try:
        return Settings(**dict(overrides or {}))  # type: ignore[arg-type]  # each is checked by pydantic
    except ValidationError as error:
        raise SettingsError("\n".join(_line(problem) for problem in error.errors())) from None
    except (UnicodeDecodeError, OSError):
        raise SettingsError("the file .env in the working folder cannot be read: it is UTF-8 text") from None


def _line(problem: Any) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    name = PREFIX + str(problem["loc"][0]).upper()
    if problem["type"] == "literal_error":
        message = "is one of " + str(problem["ctx"]["expected"]).replace("'", "")
    elif problem["type"].startswith("int_"):
        message = "is a whole number"
    elif problem["type"].startswith("float_"):
        message = "is a number"
    elif problem["type"].startswith("bool_"):
        message = "is true or false"
    return f"{name} {message}"


def unknown_names() -> list[str]:
    """A line for each `MEETMATES_*` name of environment or `.env` that means nothing, with the nearest that does."""
    given = {name.upper() for source in (EnvSettingsSource, DotEnvSettingsSource) for name in source(Settings).env_vars}
    known = [name.upper() for name in Settings.model_fields]
    lines = []
    for name in sorted(given):
        rest = name.removeprefix(PREFIX)
        if rest != name and rest not in known and not rest.startswith("TEST_"):
            near = difflib.get_close_matches(rest, known, 1)
            lines.append(f"{name} is no setting" + (f"; did you mean {PREFIX}{near[0]}?" if near else ""))
    return lines


def resolve_secret(settings: Settings) -> bytes:
    """The secret of HS256 tokens. In development one is made once and kept in the data folder, for its owner alone.

    Raises `SettingsError`: in production where it is missing or known, anywhere where one that was given is short.
    """
    production = settings.mode == "production"
    name = f"{PREFIX}JWT_SECRET"
    if settings.jwt_secret is None:
        if production:
            raise SettingsError(f"{name} is missing: production needs one of at least {SECRET_BYTES} random bytes")
        return _kept_secret(settings.data_dir / "jwt.secret")
    secret = settings.jwt_secret.get_secret_value().encode()
    if len(secret) < SECRET_BYTES:
        raise SettingsError(
            f"{name} is too short: at least {SECRET_BYTES} bytes, for example from `openssl rand -hex 32`"
        )
    if production and _is_known(secret.decode()):
        raise SettingsError(f"{name} can be guessed: use random bytes, for example from `openssl rand -hex 32`")
    return secret


def resolve_keys(settings: Settings) -> Keys:
    """The two keys of what is stored. Those that are not given are made once and kept in the data folder.

    Raises `SettingsError` where one that was given is short, or the data folder cannot be written to.
    """
    keys = []
    for name, given in (("address_key", settings.address_key), ("evidence_key", settings.evidence_key)):
        if given is None:
            keys.append(_kept_secret(settings.data_dir / name.replace("_", ".")))
            continue
        key = given.get_secret_value().encode()
        if len(key) < SECRET_BYTES:
            raise SettingsError(f"{PREFIX}{name.upper()} is too short: at least {SECRET_BYTES} bytes")
        keys.append(key)
    return Keys(*keys)


def _is_known(secret: str) -> bool:
    """One of the famous examples, or made of them, or a repetition, or of only a few different characters."""
    lowered = secret.lower()
    repeats = lowered in (lowered + lowered)[1:-1]
    return repeats or len(set(lowered)) < DIFFERENT_CHARACTERS or any(known in lowered for known in KNOWN_SECRETS)


def _kept_secret(path: Path) -> bytes:
    """Two processes that start at once agree: whoever links its file first wins."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(SECRET_BYTES))
            try:
                os.link(made, path)
            except FileExistsError:
                pass
            finally:
                made.unlink()
        kept = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"{PREFIX}DATA_DIR is a folder to write to: {path.parent}: {error.strerror}") from None
    if len(kept) < SECRET_BYTES:
        raise SettingsError(f"{path} is damaged: delete it, and a new secret is made (tokens of before end)")
    return kept


def settings_page() -> str:
    """docs/settings.md: every setting on one page."""
    rows = [
        "# Settings",
        "",
        "Each can be given in the environment, in a file `.env` in the working folder, or on the command line of",
        "`meetmates serve` (`MEETMATES_PING_INTERVAL` is `--ping-interval`); the command line wins over the",
        "environment, and that over the file. Times are seconds, or `300ms`, `25s`, `1m`; sizes are bytes, or",
        "`64KiB`, `1MiB`; lists have commas between their values.",
        "",
        "| setting | default | what it is | example |",
        "| --- | --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `{PREFIX}{name.upper()}` | {_shown(field.default)} | {field.description} | {_example(field)} |")
    return "\n".join(rows) + "\n"


def _example(field: FieldInfo) -> str:
    text = str((field.examples or [""])[0])
    return text if "`" in text else f"`{text}`"


def _shown(default: object) -> str:
    if default is None or default == []:
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, list):
        return f"`{','.join(map(str, default))}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"
