"""Every table, for SQLite and PostgreSQL alike.

Times are seconds since the epoch (UTC, floats), as everywhere in the rules. Ids are random texts, so that none tells
how many there are; but an account's is a keyed hash of its mailbox, so that somebody who deletes an account and comes
back is the same person to blocks and sanctions, which point to nobody else's row. Whatever opens a door is kept hashed.
Long because it is the one page of what is stored.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)

Counter = BigInteger().with_variant(Integer, "sqlite")  # counts up by itself on both; SQLite wants its own word for it


def _account(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, ForeignKey("accounts.id", ondelete="CASCADE"), **options)


# --- who belongs here

campuses = Table(
    "campuses",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", Double, nullable=False),
)

campus_domains = Table(
    "campus_domains",
    metadata,
    Column("domain", Text, primary_key=True),  # small letters, IDNA in ASCII form
    Column("campus_id", Text, ForeignKey("campuses.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("subdomains", Boolean, nullable=False),  # whether addresses below the domain count too
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),  # keyed hash of the mailbox
    Column("email", Text, nullable=False),  # as it is shown to its owner
    Column("mailbox", Text, nullable=False, unique=True),  # the one form of all spellings of one mailbox
    Column("password_hash", Text),  # argon2id; none for those who only sign in elsewhere
    Column("campus_id", Text, ForeignKey("campuses.id", ondelete="SET NULL"), index=True),
    Column("role", Text, nullable=False, server_default="member"),
    Column("is_google", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Double, nullable=False),
    Column("totp_secret", LargeBinary),  # sealed; the second factor of moderators and administrators
    Column("totp_step", BigInteger),  # the last time step whose code was used: none works twice
    CheckConstraint("role IN ('member', 'moderator', 'administrator')", name="role"),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    _account("account_id", nullable=False, index=True),
    Column("created_at", Double, nullable=False),
)

# --- how they come in

signups = Table(  # who has not shown yet that the mailbox is theirs
    "signups",
    metadata,
    Column("id", Text, primary_key=True),
    Column("mailbox", Text, nullable=False, index=True),
    Column("email", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("code_hash", LargeBinary, nullable=False),
    Column("tries_left", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),  # of the code
)

password_resets = Table(
    "password_resets",
    metadata,
    _account("account_id", primary_key=True),
    Column("code_hash", LargeBinary, nullable=False),
    Column("tries_left", Integer, nullable=False),
    Column("expires_at", Double, nullable=False),
)

sessions = Table(  # one sign-in on one device: a family of refresh tokens
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    _account("account_id", nullable=False, index=True),
    Column("device", Text, nullable=False),  # browser and system in a few words
    Column("created_at", Double, nullable=False),
    Column("used_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("second_factor", Boolean, nullable=False, server_default=text("false")),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("session_id", Text, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("rotated_at", Double),  # when its successor was made; none for the newest
)

changes = Table(  # what running servers must hear of: each reads on from where it was
    "changes",
    metadata,
    Column("number", Counter, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),  # see meetmates.store.changes
    Column("subject", Text, nullable=False),
    Column("at", Double, nullable=False),
    sqlite_autoincrement=True,  # or numbers would start anew once every row has been pruned, and be overlooked
)

# --- safety

blocks = Table(
    "blocks",
    metadata,
    Column("blocker", Text, primary_key=True),
    Column("blocked", Text, primary_key=True),
    Column("at", Double, nullable=False),
    Column("name", Text),  # which the blocked one had in that chat
)

reports = Table(
    "reports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("chat_id", Text, nullable=False),
    Column("reporter", Text, nullable=False, index=True),  # an account, or the socket id of a guest
    Column("reported", Text, nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("note", LargeBinary),  # sealed, like the evidence
    Column("evidence", LargeBinary),
    Column("evidence_until", Double),
    Column("weight", Double, nullable=False),  # by the reporter's record
    Column("at", Double, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("decided_by", Text),
    Column("decided_at", Double),
    CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name="state"),
    UniqueConstraint("chat_id", "reporter", name="uq_reports_chat_id_reporter"),
    Index("ix_reports_state_at", "state", "at"),
)

sanctions = Table(
    "sanctions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False, index=True),  # it may be deleted while the sanction runs
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),  # told to the person
    Column("at", Double, nullable=False),
    Column("until", Double),  # none: for good
    Column("by", Text, nullable=False),  # an account, `automatic` or `command line`
    Column("report_id", Text, ForeignKey("reports.id", ondelete="SET NULL")),
    Column("lifted_at", Double),
    CheckConstraint("kind IN ('warning', 'mute', 'suspension', 'ban')", name="kind"),
)

appeals = Table(  # one for each sanction
    "appeals",
    metadata,
    Column("sanction_id", Text, ForeignKey("sanctions.id", ondelete="CASCADE"), primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("text", LargeBinary),  # sealed; none until it is used
    Column("at", Double),
    Column("state", Text, nullable=False, server_default="unused"),
    Column("decided_by", Text),
    Column("decided_at", Double),
    CheckConstraint("state IN ('unused', 'open', 'granted', 'refused')", name="state"),
)

audit = Table(  # only grows: no id of an account is a foreign key here
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON
    Column("hash", LargeBinary, nullable=False),  # of this row and of the hash before
)
