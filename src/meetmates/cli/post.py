"""The letters of a command: it ends only when they are handed over, or says that they could not be."""

import contextlib
from collections.abc import AsyncIterator

from meetmates.accounts.mail import FolderMail, Mail, SmtpMail
from meetmates.cli.opening import say
from meetmates.settings import Settings

PATIENCE = 10.0  # seconds for the mail server to take them


@contextlib.asynccontextmanager
async def post(settings: Settings) -> AsyncIterator[Mail]:
    """By SMTP where that is set, else into the data folder, as the server does it. Never raises for a letter."""
    if settings.smtp_url is None:
        yield FolderMail(settings.data_dir / "mail", settings.mail_from, _keep_quiet)
        return
    mail = SmtpMail(settings.smtp_url, settings.mail_from, say)
    try:
        yield mail
    finally:
        await mail.close(PATIENCE)


def _keep_quiet(letter: str) -> None:
    """The person at the terminal knows what they wrote."""
