"""What Alembic does for us: it walks the steps, and compares tables. Imported when it is needed: that takes 0.1 s."""

import importlib.resources
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from meetmates.store import migrations
from meetmates.store.schema import metadata

FOUND_GUARDS = {  # the triggers that keep the audit log from being changed
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND tgenabled IN ('O', 'A')",
}
GUARDS = {"sqlite": {"audit_no_update", "audit_no_delete", "audit_no_replace"}, "postgresql": {"audit_only_grows"}}


def configuration() -> Config:
    """Alembic's, for the steps inside this package; no file of its own is needed."""
    config = Config()
    config.set_main_option("script_location", str(importlib.resources.files(migrations)).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def walk(connection: Connection, to: str) -> None:
    """Takes every step from the version that the database has to the version `to`."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def differences(connection: Connection) -> list[str]:
    """One line for each difference between the database and the schema. Tables of other programs are left alone."""
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": migrations.VERSION_TABLE,
            "compare_type": True,
            "compare_server_default": True,
            "target_metadata": metadata,
            "include_name": _is_ours,
        },
    )
    lines = [_line(difference) for difference in compare_metadata(context, metadata)]
    missing = [line for line in lines if line.startswith("the table") and line.endswith("missing")]
    return missing or lines + _lost_guards(connection)


def _lost_guards(connection: Connection) -> list[str]:
    dialect = connection.dialect.name
    found = set(connection.execute(text(FOUND_GUARDS[dialect])).scalars())
    return [f"the trigger {name} of the audit log is missing" for name in sorted(GUARDS[dialect] - found)]


def _is_ours(name: str | None, kind: str, _: Any) -> bool:
    return kind != "table" or name in metadata.tables


def _line(difference: Any) -> str:
    """Alembic says `("add_column", schema, table, column)`, `("remove_index", index)`; in a list, what it modifies."""
    kind, *rest = difference[0] if isinstance(difference, list) else difference
    if kind.startswith("modify"):
        return f"the {kind.partition('_')[2].replace('_', ' ')} of the column {rest[1]}.{rest[2]} is another one"
    verb = "is missing" if kind.startswith("add") else "is too many"
    what = {"fk": "foreign key"}.get(kind.partition("_")[2], kind.partition("_")[2])
    name = f"{rest[1]}.{rest[2].name}" if what == "column" else rest[-1].name
    return f"the {what} {name} {verb}"
