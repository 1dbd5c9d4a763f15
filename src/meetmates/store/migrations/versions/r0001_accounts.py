"""Campuses, accounts, and how people come in."""

import sqlalchemy as sa
from alembic import op

revision = "0001_accounts"
down_revision = None

NO = sa.text("false")
COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    _campuses()
    _accounts()
    _coming_in()
    _sessions()
    op.create_table(
        "changes",
        sa.Column("number", COUNTER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_changes"),
        sqlite_autoincrement=True,
    )


def _campuses() -> None:
    op.create_table(
        "campuses",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_campuses"),
        sa.UniqueConstraint("name", name="uq_campuses_name"),
    )
    op.create_table(
        "campus_domains",
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("campus_id", sa.Text, nullable=False),
        sa.Column("subdomains", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("domain", name="pk_campus_domains"),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["campuses.id"], ondelete="CASCADE", name="fk_campus_domains_campus_id_campuses"
        ),
    )
    op.create_index("ix_campus_domains_campus_id", "campus_domains", ["campus_id"])


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("mailbox", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("campus_id", sa.Text),
        sa.Column("role", sa.Text, nullable=False, server_default="member"),
        sa.Column("is_google", sa.Boolean, nullable=False, server_default=NO),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("mailbox", name="uq_accounts_mailbox"),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["campuses.id"], ondelete="SET NULL", name="fk_accounts_campus_id_campuses"
        ),
        sa.CheckConstraint("role IN ('member', 'moderator', 'administrator')", name=op.f("ck_accounts_role")),
    )
    op.create_index("ix_accounts_campus_id", "accounts", ["campus_id"])
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        _of_an_account("identities"),
    )
    op.create_index("ix_identities_account_id", "identities", ["account_id"])


def _coming_in() -> None:
    op.create_table(
        "signups",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("mailbox", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("tries_left", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signups"),
    )
    op.create_index("ix_signups_mailbox", "signups", ["mailbox"])
    op.create_table(
        "password_resets",
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("tries_left", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_password_resets"),
        _of_an_account("password_resets"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("used_at", sa.Double, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.Column("second_factor", sa.Boolean, nullable=False, server_default=NO),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        _of_an_account("sessions"),
    )
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("rotated_at", sa.Double),
        sa.PrimaryKeyConstraint("token_hash", name="pk_refresh_tokens"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], ondelete="CASCADE", name="fk_refresh_tokens_session_id_sessions"
        ),
    )
    op.create_index("ix_refresh_tokens_session_id", "refresh_tokens", ["session_id"])


def _of_an_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["accounts.id"], ondelete="CASCADE", name=f"fk_{table}_account_id_accounts"
    )
