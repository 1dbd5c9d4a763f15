"""Blocks, reports, sanctions, appeals, an audit log that only grows, and the second factor of those who decide."""

import sqlalchemy as sa
from alembic import op

revision = "0002_safety"
down_revision = "0001_accounts"

ONLY_GROWS = "the audit log only grows"


def upgrade() -> None:
    """Makes the tables, and the triggers that guard the log."""
    op.add_column("accounts", sa.Column("totp_secret", sa.LargeBinary))
    op.add_column("accounts", sa.Column("totp_step", sa.BigInteger))
    _blocks_and_reports()
    _sanctions_and_appeals()
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_in_sqlite()
    else:
        _guard_in_postgresql()


def _blocks_and_reports() -> None:
    op.create_table(
        "blocks",
        sa.Column("blocker", sa.Text, nullable=False),
        sa.Column("blocked", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("blocker", "blocked", name="pk_blocks"),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("chat_id", sa.Text, nullable=False),
        sa.Column("reporter", sa.Text, nullable=False),
        sa.Column("reported", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("note", sa.LargeBinary),
        sa.Column("evidence", sa.LargeBinary),
        sa.Column("evidence_until", sa.Double),
        sa.Column("weight", sa.Double, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="open"),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("chat_id", "reporter", name="uq_reports_chat_id_reporter"),
        sa.CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name=op.f("ck_reports_state")),
    )
    op.create_index("ix_reports_reporter", "reports", ["reporter"])
    op.create_index("ix_reports_reported", "reports", ["reported"])
    op.create_index("ix_reports_state_at", "reports", ["state", "at"])


def _sanctions_and_appeals() -> None:
    op.create_table(
        "sanctions",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("until", sa.Double),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("report_id", sa.Text),
        sa.Column("lifted_at", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_sanctions"),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], ondelete="SET NULL", name="fk_sanctions_report_id_reports"
        ),
        sa.CheckConstraint("kind IN ('warning', 'mute', 'suspension', 'ban')", name=op.f("ck_sanctions_kind")),
    )
    op.create_index("ix_sanctions_account", "sanctions", ["account"])
    op.create_table(
        "appeals",
        sa.Column("sanction_id", sa.Text, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("text", sa.LargeBinary),
        sa.Column("at", sa.Double),
        sa.Column("state", sa.Text, nullable=False, server_default="unused"),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", sa.Double),
        sa.PrimaryKeyConstraint("sanction_id", name="pk_appeals"),
        sa.UniqueConstraint("token_hash", name="uq_appeals_token_hash"),
        sa.ForeignKeyConstraint(
            ["sanction_id"], ["sanctions.id"], ondelete="CASCADE", name="fk_appeals_sanction_id_sanctions"
        ),
        sa.CheckConstraint("state IN ('unused', 'open', 'granted', 'refused')", name=op.f("ck_appeals_state")),
    )


def _guard_in_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{ONLY_GROWS}'); END"
    op.execute(f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit {refuse}")
    op.execute(f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit {refuse}")
    # REPLACE would delete a row without asking the trigger for that.
    taken = "WHEN EXISTS (SELECT 1 FROM audit WHERE number = NEW.number)"
    op.execute(f"CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit {taken} {refuse}")


def _guard_in_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{ONLY_GROWS}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
    )
