"""Letters: what may stand in one, how they are kept while one develops, and how they reach a real mail server."""

import asyncio
import contextlib
import email
import email.policy
import socket
import stat
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from meetmates.accounts.mail import FolderMail, Letter, Mail, SmtpMail, read_route
from tests.support.mailserver import LIMIT, PASSWORD, USER, MailServer, running_mailserver
from tests.support.server import free_port
from tests.support.tls import Certificate, make_certificate

SENDER = "MeetMates <meet@college.edu>"
LETTER = Letter("ana@college.edu", "123456 is your code for MeetMates", "Hello!\n\n123456\n")
IN_A_HEADER = ["\r\nBcc: eve@evil.test", "\nBcc: eve@evil.test", "\rX: y", "\x00", "\x0b", "\x0c", "\x1c", "\x85"]
IN_A_HEADER += ["\u2028", "\u2029", "\u202e", "\u200b", "\ud800", "\t", "\x7f"]


def parsed(content: str | bytes) -> EmailMessage:
    raw = content.encode("latin-1") if isinstance(content, str) else content
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    text: str = message.get_content()
    return text.replace("\r\n", "\n")


# --- what may stand in a letter


@pytest.mark.parametrize("attack", IN_A_HEADER, ids=ascii)
@pytest.mark.parametrize("place", ["{0}x", "x{0}", "x{0}y"])
def test_a_subject_is_one_line(attack: str, place: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        Letter("ana@college.edu", place.format(attack), "text")


@pytest.mark.parametrize(
    "attack", [*IN_A_HEADER, " ", ",eve@evil.test", ">", "<", ";", '"', "\\", "é", "@evil.test"], ids=ascii
)
@pytest.mark.parametrize(
    "place", ["{0}ana@college.edu", "ana{0}@college.edu", "ana@{0}college.edu", "ana@college.edu{0}"]
)
def test_a_letter_goes_to_one_plain_address(attack: str, place: str) -> None:
    to = place.format(attack)
    with pytest.raises(ValueError, match="one plain address"):
        Letter(to, "Hello", "text")


@pytest.mark.parametrize(
    "to", ["", "ana", "@college.edu", "ana@", "ana@[127.0.0.1]", "Ana <ana@college.edu>", f"{'a' * 250}@b.cd"]
)
def test_what_is_no_address_gets_no_letter(to: str) -> None:
    with pytest.raises(ValueError, match="one plain address"):
        Letter(to, "Hello", "text")


@pytest.mark.parametrize("subject", ["", "x" * 201])
def test_a_subject_is_neither_empty_nor_endless(subject: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        Letter("ana@college.edu", subject, "text")


@pytest.mark.parametrize("attack", IN_A_HEADER[:12], ids=ascii)
def test_the_sender_of_the_settings_is_one_line_too(attack: str, tmp_path: Path) -> None:
    for sender in (f"Meet{attack}Mates <meet@college.edu>", f"MeetMates <meet{attack}@college.edu>"):
        with pytest.raises(ValueError, match="sender"):
            FolderMail(tmp_path, sender, print)
        with pytest.raises(ValueError, match="sender"):
            SmtpMail("smtp://localhost", sender, print)


# --- the folder


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.fixture
def kept(tmp_path: Path, shown: list[str]) -> FolderMail:
    return FolderMail(tmp_path / "data" / "mail", SENDER, shown.append)


def only_file(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "data" / "mail").iterdir()
    return file


async def test_a_letter_is_kept_and_shown_before_send_returns(
    kept: FolderMail, shown: list[str], tmp_path: Path
) -> None:
    await kept.send(LETTER)
    message = parsed(only_file(tmp_path).read_bytes())
    assert (message["From"], message["To"]) == (SENDER, "ana@college.edu")
    assert message["Subject"] == "123456 is your code for MeetMates"
    assert text_of(message) == "Hello!\n\n123456\n"
    assert message["Auto-Submitted"] == "auto-generated"
    assert len(shown) == 1
    assert all(part in shown[0] for part in ("ana@college.edu", LETTER.subject, LETTER.text, only_file(tmp_path).name))


async def test_nobody_else_on_the_machine_reads_letters(kept: FolderMail, tmp_path: Path) -> None:
    await kept.send(LETTER)
    assert stat.S_IMODE(only_file(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE(only_file(tmp_path).parent.stat().st_mode) == 0o700


async def test_a_folder_that_was_open_is_closed(kept: FolderMail, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "mail"
    folder.mkdir(parents=True, mode=0o755)
    folder.chmod(0o755)
    await kept.send(LETTER)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_letters_of_one_moment_are_files_of_their_own_in_order(kept: FolderMail, tmp_path: Path) -> None:
    await asyncio.gather(*(kept.send(LETTER) for _ in range(20)))
    await kept.send(Letter("ben@college.edu", "The last", "text"))
    names = sorted(path.name for path in (tmp_path / "data" / "mail").iterdir())
    assert len(names) == 21
    assert "The last" in (tmp_path / "data" / "mail" / names[-1]).read_text()
    assert all(name.endswith(".eml") and not name.startswith(".") for name in names)


async def test_a_letter_that_cannot_be_kept_is_shown_all_the_same(tmp_path: Path, shown: list[str]) -> None:
    (tmp_path / "mail").write_text("a file where the folder would be")
    await FolderMail(tmp_path / "mail", SENDER, shown.append).send(LETTER)
    assert "not kept" in shown[0]
    assert LETTER.text in shown[0]


async def test_a_letter_appears_whole_or_not_at_all(kept: FolderMail, tmp_path: Path) -> None:
    """Whoever watches the folder never finds half a letter under its name."""
    sending = asyncio.create_task(kept.send(Letter("ana@college.edu", "Long", "0123456789abcdef\n" * 60_000)))
    sizes: set[int] = set()
    while not sending.done():
        sizes |= {path.stat().st_size for path in (tmp_path / "data" / "mail").glob("[!.]*.eml")}
        await asyncio.sleep(0)
    assert sizes <= {only_file(tmp_path).stat().st_size}


async def test_what_people_typed_stands_in_the_text_and_nowhere_else(kept: FolderMail, tmp_path: Path) -> None:
    text = "Reason: über\r\nBcc: eve@evil.test\r\n\r\n.\r\nQUIT\x00\ud800" + "y" * 3000
    await kept.send(Letter("ana@college.edu", "Über dein Konto", text))
    message = parsed(only_file(tmp_path).read_bytes())
    assert message["Bcc"] is None
    assert message["Subject"] == "Über dein Konto"
    assert text_of(message).startswith("Reason: über\nBcc: eve@evil.test\n\n.\nQUIT\ufffd\ufffdyyy")
    assert all(len(line) <= 998 for line in only_file(tmp_path).read_bytes().splitlines())  # RFC 5322 section 2.1.1


# --- the mail server


class Told(list[str]):
    """What `failed` was told."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = asyncio.Event()

    def append(self, line: str) -> None:
        super().append(line)
        self.changed.set()


@pytest.fixture
def told() -> Told:
    return Told()


Sending = Callable[..., contextlib.AbstractAsyncContextManager[SmtpMail]]


@pytest.fixture
def sending(told: Told) -> Sending:
    @contextlib.asynccontextmanager
    async def open_mail(url: str, **more: Any) -> AsyncIterator[SmtpMail]:
        quick: dict[str, Any] = {"pauses": (0.05, 0.1), "patience": LIMIT}
        mail = SmtpMail(url, SENDER, told.append, **quick | more)
        try:
            yield mail
        finally:
            await mail.close(0)

    return open_mail


def at(server: MailServer, scheme: str = "smtp", user: str = "") -> str:
    return f"{scheme}://{user}127.0.0.1:{server.port}"


SIGNED_IN = "meet%20mates:s3cret%2F%40%3Apass@"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def test_the_password_in_the_address_is_decoded() -> None:
    route = read_route(f"smtp://{SIGNED_IN}mail.college.edu")
    assert (route.username, route.password) == (USER, PASSWORD)


@pytest.mark.parametrize(
    ("url", "port", "tls", "start_tls"),
    [
        ("smtps://a:b@mail.college.edu", 465, True, False),
        ("smtps://mail.college.edu:4650", 4650, True, False),
        ("smtp://a:b@mail.college.edu", 587, False, True),  # no password in clear text, whatever is offered
        ("smtp://mail.college.edu", 25, False, None),
        ("smtp://127.0.0.1:2525", 2525, False, False),
        ("smtp://localhost", 25, False, False),
        ("smtp://a:b@[::1]:2525", 2525, False, None),
    ],
)
def test_how_a_mail_server_is_reached(url: str, port: int, tls: bool, start_tls: bool | None) -> None:
    route = read_route(url)
    assert (route.port, route.tls, route.start_tls) == (port, tls, start_tls)


@pytest.mark.parametrize("url", ["http://mail.college.edu", "smtp://", "mail.college.edu", "smtp://mail:99999999"])
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"mail server|[Pp]ort"):
        read_route(url)


async def test_a_letter_arrives(sending: Sending, told: Told) -> None:
    async with running_mailserver() as server, sending(at(server)) as mail:
        await mail.send(LETTER)
        letter = await server.next("letter")
        await mail.close(LIMIT)
    message = parsed(letter["content"])
    assert (letter["sender"], letter["to"]) == ("meet@college.edu", ["ana@college.edu"])
    assert (message["From"], message["To"]) == (SENDER, "ana@college.edu")
    assert message["Subject"] == "123456 is your code for MeetMates"
    assert text_of(message) == "Hello!\n\n123456\n"
    assert message["Message-ID"].endswith("@college.edu>")
    assert letter["name"] == "college.edu"
    assert told == []


async def test_letters_arrive_in_order_and_each_once(sending: Sending) -> None:
    async with running_mailserver() as server, sending(at(server)) as mail:
        for number in range(30):
            await mail.send(Letter("ana@college.edu", f"Number {number}", "text"))
        arrived = [parsed((await server.next("letter"))["content"])["Subject"] for _ in range(30)]
        await mail.close(LIMIT)
        assert await server.stop() == []
    assert arrived == [f"Number {number}" for number in range(30)]


async def test_dots_and_commands_in_a_text_stay_text(sending: Sending) -> None:
    async with running_mailserver() as server, sending(at(server)) as mail:
        await mail.send(Letter("ana@college.edu", "Dots", "one\r\n.\r\nMAIL FROM:<eve@evil.test>\n.\n"))
        await mail.send(LETTER)
        first, second = await server.next("letter"), await server.next("letter")
    assert text_of(parsed(first["content"])) == "one\n.\nMAIL FROM:<eve@evil.test>\n.\n"
    assert second["sender"] == "meet@college.edu"


async def test_with_a_password_and_starttls(sending: Sending, certificate: Certificate) -> None:
    async with running_mailserver(auth=True, starttls=certificate) as server:
        with certificate.trusted():
            async with sending(at(server, user=SIGNED_IN)) as mail:
                await mail.send(LETTER)
                letter = await server.next("letter")
    assert letter["tls"]
    assert letter["signed_in"]


async def test_with_a_password_and_tls_from_the_first_byte(sending: Sending, certificate: Certificate) -> None:
    async with running_mailserver(auth=True, tls=certificate) as server:
        with certificate.trusted():
            async with sending(at(server, "smtps", SIGNED_IN)) as mail:
                await mail.send(LETTER)
                letter = await server.next("letter")
    assert letter["tls"]
    assert letter["signed_in"]


async def until_told(told: Told, times: int = 1) -> None:
    async with asyncio.timeout(LIMIT):
        while len(told) < times:
            told.changed.clear()
            await told.changed.wait()


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
async def test_a_certificate_that_nobody_vouches_for_gets_no_letter(
    scheme: str, sending: Sending, told: Told, certificate: Certificate
) -> None:
    how = {"tls": certificate} if scheme == "smtps" else {"starttls": certificate}
    async with running_mailserver(auth=True, **how) as server, sending(at(server, scheme, SIGNED_IN)) as mail:  # type: ignore[arg-type]
        await mail.send(LETTER)
        await until_told(told)
        await mail.close(0)
        assert await server.stop() == []
    assert "cannot be used" in told[0]


async def test_a_wrong_password_loses_no_letter_and_is_told(sending: Sending, told: Told) -> None:
    async with running_mailserver(auth=True) as server, sending(at(server, user="eve:wrong@")) as mail:
        await mail.send(LETTER)
        await until_told(told)
    assert told[0].startswith("the mail server cannot be used: 535")
    assert told[-1] == "letters that were not sent: 1"


async def test_a_mail_server_that_is_down_at_first(sending: Sending, told: Told) -> None:
    port = free_port()
    async with sending(f"smtp://127.0.0.1:{port}") as mail:
        await mail.send(LETTER)
        await until_told(told, 2)
        async with running_mailserver(port=port) as server:
            assert (await server.next("letter"))["to"] == ["ana@college.edu"]
            await mail.close(LIMIT)  # until the server has said that it took the letter
    assert all(line.startswith("the mail server cannot be used: SMTPConnectError") for line in told)


async def test_a_mail_server_that_restarts(sending: Sending) -> None:
    port = free_port()
    async with sending(f"smtp://127.0.0.1:{port}") as mail:
        for _ in range(2):
            async with running_mailserver(port=port) as server:
                await mail.send(LETTER)
                await server.next("letter")


async def test_a_mail_server_that_says_nothing_is_left_alone(sending: Sending, told: Told) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with sending(f"smtp://127.0.0.1:{silent.getsockname()[1]}", patience=0.1) as mail:
            await mail.send(LETTER)
            await until_told(told, 2)
    assert "Timeout" in told[0]


async def test_a_refused_letter_is_not_tried_again_and_the_next_one_goes(sending: Sending, told: Told) -> None:
    async with running_mailserver() as server, sending(at(server)) as mail:
        await mail.send(Letter("nobody@college.edu", "Hello", "text"))
        await mail.send(LETTER)
        assert (await server.next("recipient"))["to"] == "nobody@college.edu"
        await server.next("letter")
        await mail.close(LIMIT)
        assert await server.stop() == []
    assert told == ["a letter was refused by the mail server: 550"]


async def test_a_letter_that_is_put_off_comes_again_and_holds_nobody_up(sending: Sending, told: Told) -> None:
    async with running_mailserver() as server, sending(at(server)) as mail:
        await mail.send(Letter("busy@college.edu", "Hello", "text"))
        await mail.send(LETTER)
        arrived = [(await server.next("letter"))["to"] for _ in range(2)]
        await mail.close(LIMIT)
    assert arrived == [["ana@college.edu"], ["busy@college.edu"]]
    assert told == []


async def test_a_letter_that_is_put_off_for_ever_is_given_up(sending: Sending, told: Told) -> None:
    async with running_mailserver() as server, sending(at(server), keep=0.5) as mail:
        await mail.send(Letter("never@college.edu", "Hello", "text"))
        await until_told(told)
    assert told == ["letters given up after 0.5 s: 1"]


async def test_a_letter_on_which_the_connection_breaks_lets_others_go_first(sending: Sending, told: Told) -> None:
    async with running_mailserver() as server, sending(at(server)) as mail:
        await mail.send(Letter("gone@college.edu", "Hello", "text"))
        await mail.send(LETTER)
        assert (await server.next("letter"))["to"] == ["ana@college.edu"]
    assert "cannot be used" in told[0]


async def test_the_line_has_an_end(sending: Sending, told: Told) -> None:
    async with sending(f"smtp://127.0.0.1:{free_port()}", max_waiting=3) as mail:
        for _ in range(5):
            await mail.send(LETTER)
        assert told == ["a letter was not taken: too many are waiting"] * 2


async def test_close_lets_the_line_go_first(sending: Sending, told: Told) -> None:
    async with running_mailserver() as server, sending(at(server)) as mail:
        for _ in range(5):
            await mail.send(LETTER)
        await mail.close(LIMIT)
        assert [line["kind"] for line in await server.stop()].count("letter") == 5
        await mail.send(LETTER)
    assert told == ["a letter was not taken: closed"]


async def test_close_does_not_wait_for_ever(sending: Sending, told: Told) -> None:
    async with sending(f"smtp://127.0.0.1:{free_port()}", pauses=(3600.0,)) as mail:
        await mail.send(LETTER)
        await until_told(told)
        await mail.close(0.05)
    assert told[1:] == ["letters that were not sent: 1"] * len(told[1:])
    assert len(told) >= 2


@contextlib.asynccontextmanager
async def server_that_answers_late(turns: int) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Its address, and what is set when a client waits for an answer, which comes `turns` of the loop later."""
    asked, left = asyncio.Event(), asyncio.Event()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test\r\n")
        await reader.readline()
        asked.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        writer.write(b"250 mail.test\r\n")
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()
        left.set()

    async with await asyncio.start_server(converse, "127.0.0.1", 0) as server:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
        async with asyncio.timeout(LIMIT):
            await left.wait()


@pytest.mark.parametrize("turns", range(6))
async def test_close_is_heard_in_the_moment_of_an_answer_too(turns: int, sending: Sending, told: Told) -> None:
    async with server_that_answers_late(turns) as (url, asked), sending(url, patience=3600) as mail:
        await mail.send(LETTER)
        await asked.wait()
        closing = asyncio.create_task(mail.close(0))
        await asyncio.wait((closing,), timeout=LIMIT)
        assert closing.done()
    assert set(told) == {"letters that were not sent: 1"}


async def test_nobody_learns_an_address_from_what_is_told(sending: Sending, told: Told) -> None:
    async with running_mailserver() as server, sending(at(server), keep=0.5) as mail:
        for name in ("nobody", "never", "gone"):
            await mail.send(Letter(f"{name}@college.edu", "Hello", "text"))
        await until_told(told, 3)
    assert not [line for line in told if "@" in line or "college" in line]


def test_both_are_mail(tmp_path: Path) -> None:
    ways: list[Mail] = [FolderMail(tmp_path, SENDER, print), SmtpMail("smtp://localhost", SENDER, print)]
    assert len(ways) == 2
