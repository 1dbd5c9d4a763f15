"""Letters that arrived at a real SMTP server, for tests that wait for no event loop."""

import contextlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from email import message_from_string
from email.header import decode_header, make_header

from tests.support.mailserver import LIMIT, ROOT
from tests.support.server import free_port

CODE = re.compile(r"\b\d{6}\b")


class Letterbox:
    """Every letter so far, by its recipient."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._news = threading.Condition()
        self._subjects: dict[str, list[str]] = {}

    def code(self, address: str) -> str:
        """The six digits of the next letter to `address`, each letter once; waits for it."""
        with self._news:
            assert self._news.wait_for(lambda: self._subjects.get(address), LIMIT), f"no letter to {address}"
            found = CODE.search(self._subjects[address].pop(0))
        assert found is not None, "a letter without a code"
        return found[0]

    def take(self, line: str) -> None:
        """What the mail server tells."""
        told = json.loads(line)
        if told["kind"] != "letter":
            return
        subject = str(make_header(decode_header(message_from_string(told["content"])["Subject"])))
        with self._news:
            for recipient in told["to"]:
                self._subjects.setdefault(recipient, []).append(subject)
            self._news.notify_all()


@contextlib.contextmanager
def running_letterbox() -> Iterator[Letterbox]:
    """An SMTP server process, until the end of the block."""
    port = free_port()
    command = (sys.executable, "-m", "tests.support.mailserver", json.dumps({"port": port, "auth": False}))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert json.loads(process.stdout.readline())["kind"] == "ready"
        box = Letterbox(port)
        reader = threading.Thread(target=_read, args=(process.stdout, box), daemon=True)
        reader.start()
        yield box
        process.stdin.close()
        process.wait(LIMIT)
        reader.join(LIMIT)


def _read(lines: Iterator[str], box: Letterbox) -> None:
    for line in lines:
        box.take(line)
