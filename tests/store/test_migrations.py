"""The steps lead to the schema, and carry every row with them."""

import re
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect, select, text

from meetmates.store.migrate import NEWEST, check, upgrade
from meetmates.store.migrations import VERSIONS
from meetmates.store.opening import in_transaction
from meetmates.store.schema import metadata
from meetmates.store.walking import configuration, differences

Row = dict[str, Any]

FIRST: dict[str, Row] = {  # a row for each table of 0001, in an order that links allow
    "campuses": {"id": "c1", "name": "Example College", "created_at": 1.5},
    "campus_domains": {"domain": "college.edu", "campus_id": "c1", "subdomains": True},
    "accounts": {
        **{"id": "u1", "email": "Ana@college.edu", "mailbox": "ana@college.edu", "password_hash": "$argon2id$"},
        **{"campus_id": "c1", "role": "administrator", "is_google": True, "created_at": 1_800_000_000.123456},
    },
    "identities": {"issuer": "https://login", "subject": "s1", "account_id": "u1", "created_at": 2.0},
    "signups": {
        **{"id": "p1", "mailbox": "ben@college.edu", "email": "ben@college.edu", "password_hash": "$argon2id$"},
        **{"code_hash": b"\x00\xff", "tries_left": 5, "created_at": 3.0, "expires_at": 4.0},
    },
    "password_resets": {"account_id": "u1", "code_hash": b"\x01", "tries_left": 4, "expires_at": 5.0},
    "sessions": {
        **{"id": "s1", "account_id": "u1", "device": "Firefox on Linux", "created_at": 6.0},
        **{"used_at": 7.0, "expires_at": 8.0, "second_factor": True},
    },
    "refresh_tokens": {"token_hash": b"\x02", "session_id": "s1", "rotated_at": None},
    "changes": {"number": 41, "kind": "account", "subject": "u1", "at": 9.0},
}
SECOND: dict[str, Row] = {  # and for each that 0002 adds
    "blocks": {"blocker": "u1", "blocked": "u2", "at": 10.0},
    "reports": {
        **{"id": "r1", "chat_id": "k1", "reporter": "u1", "reported": "u2", "reason": "spam", "note": b"\x03"},
        **{"evidence": b"\x04", "evidence_until": 11.0, "weight": 0.5, "at": 12.0, "state": "upheld"},
        **{"decided_by": "u3", "decided_at": 13.0},
    },
    "sanctions": {
        **{"id": "h1", "account": "u2", "kind": "ban", "reason": "spam", "at": 14.0, "until": None, "by": "u3"},
        **{"report_id": "r1", "lifted_at": None},
    },
    "appeals": {
        **{"sanction_id": "h1", "token_hash": b"\x05", "text": b"\x06", "at": 15.0, "state": "open"},
        **{"decided_by": None, "decided_at": None},
    },
    "audit": {
        **{"number": 1, "at": 16.0, "actor": "u3", "action": "ban", "subject": "u2"},
        **{"detail": '{"kind":"ban"}', "hash": b"\x07"},
    },
}
THIRD: dict[str, Row] = {"blocks": SECOND["blocks"] | {"name": "Otter"}}
ROWS = {
    "0001_accounts": FIRST,
    "0002_safety": FIRST | SECOND,
    "0003_block_names": FIRST | SECOND | THIRD,
}


def fill(connection: Connection, rows: dict[str, Row]) -> None:
    """By the tables as they are there, not as today's schema has them."""
    found = MetaData()
    found.reflect(connection)
    for name, row in rows.items():
        connection.execute(found.tables[name].insert().values(**row))


def run(url: str, *statements: str) -> None:
    def go(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    in_transaction(url, go)


def held(connection: Connection) -> dict[str, list[Row]]:
    tables = {table.name: connection.execute(select(table)).mappings() for table in metadata.sorted_tables}
    return {name: [dict(row) for row in rows] for name, rows in tables.items()}


def form(connection: Connection) -> dict[str, Any]:
    """Everything that the database itself says of its tables, whatever the order of their columns."""
    tables = inspect(connection)
    return {
        name: {
            "columns": {
                column["name"]: str(column | {"type": repr(column["type"])}) for column in tables.get_columns(name)
            },
            "primary key": tables.get_pk_constraint(name),
            "links": sorted(map(str, tables.get_foreign_keys(name))),
            "uniques": sorted(map(str, tables.get_unique_constraints(name))),
            "checks": sorted(map(str, tables.get_check_constraints(name))),
            "indexes": sorted(map(str, tables.get_indexes(name))),
        }
        for name in metadata.tables
    }


def test_the_steps_are_one_line_that_ends_at_the_newest() -> None:
    steps = ScriptDirectory.from_config(configuration())
    assert tuple(step.revision for step in reversed(list(steps.walk_revisions()))) == VERSIONS
    assert steps.get_heads() == [NEWEST]


def test_the_migrated_tables_are_those_of_the_schema(empty_address: str) -> None:
    upgrade(empty_address)
    assert in_transaction(empty_address, differences) == []


def test_the_database_itself_sees_no_difference_either(empty_address: str) -> None:
    """Alembic does not compare checks and names."""
    upgrade(empty_address)
    migrated = in_transaction(empty_address, form)
    in_transaction(empty_address, _drop_all)
    in_transaction(empty_address, metadata.create_all)
    assert migrated == in_transaction(empty_address, form)
    assert migrated["accounts"]["checks"]


def _drop_all(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":  # whose foreign keys are off here
        for name in inspect(connection).get_table_names():
            connection.execute(text(f"DROP TABLE {name}"))
    else:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgrade_keeps_every_row(empty_address: str, version: str) -> None:
    upgrade(empty_address, version)
    in_transaction(empty_address, lambda connection: fill(connection, ROWS[version]))
    assert upgrade(empty_address) == version
    found = in_transaction(empty_address, held)
    for name, row in ROWS[version].items():
        assert [{column: kept[column] for column in row} for kept in found.pop(name)] == [row]
    assert not any(found.values())
    assert check(empty_address).problems == ()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_table_of_a_version_has_its_row_above(empty_address: str, version: str) -> None:
    upgrade(empty_address, version)
    there = in_transaction(empty_address, lambda connection: set(inspect(connection).get_table_names()))
    assert set(ROWS[version]) == there - {"meetmates_version"}


def test_what_the_first_version_did_not_know_is_empty_after_the_upgrade(empty_address: str) -> None:
    upgrade(empty_address, "0001_accounts")
    in_transaction(empty_address, lambda connection: fill(connection, FIRST))
    upgrade(empty_address)
    (account,) = in_transaction(empty_address, held)["accounts"]
    assert (account["totp_secret"], account["totp_step"]) == (None, None)


def test_numbers_of_changes_go_on_where_they_were_and_never_come_back(empty_address: str) -> None:
    upgrade(empty_address)

    def announce(connection: Connection) -> int:
        row = "INSERT INTO changes (kind, subject, at) VALUES ('account', 'u1', 1.0) RETURNING number"
        return int(connection.execute(text(row)).scalar_one())

    numbers = []
    for _ in range(3):
        numbers.append(in_transaction(empty_address, announce))
        run(empty_address, "DELETE FROM changes")
    assert numbers == sorted(set(numbers))


DAMAGE = {
    "a column too many": (["ALTER TABLE accounts ADD COLUMN nix TEXT"], "the column accounts.nix is too many"),
    "a column missing": (["ALTER TABLE accounts DROP COLUMN totp_step"], "the column accounts.totp_step is missing"),
    "a table missing": (["DROP TABLE blocks"], "the table blocks is missing"),
    "an index missing": (["DROP INDEX ix_signups_mailbox"], "the index ix_signups_mailbox is missing"),
    "two tables missing": (["DROP TABLE blocks", "DROP TABLE changes"], "the table changes is missing"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_table_that_was_changed_by_hand_is_told(own_address: str, case: str) -> None:
    statements, line = DAMAGE[case]
    run(own_address, *statements)
    assert line in check(own_address).problems


def test_a_lost_guard_of_the_audit_log_is_told(own_address: str) -> None:
    def lose(connection: Connection) -> str:
        on = " ON audit" if connection.dialect.name == "postgresql" else ""
        names = ["audit_only_grows"] if on else ["audit_no_delete"]
        connection.execute(text(f"DROP TRIGGER {names[0]}{on}"))
        return names[0]

    name = in_transaction(own_address, lose)
    assert check(own_address).problems == (f"the trigger {name} of the audit log is missing",)


def test_tables_of_others_are_left_alone(own_address: str) -> None:
    run(own_address, "CREATE TABLE theirs (id INTEGER)")
    assert check(own_address).problems == ()


def test_a_step_that_fails_leaves_the_version_before_whole(empty_address: str) -> None:
    """Its last table is taken already; so the tables made before it must be gone again."""
    upgrade(empty_address, "0001_accounts")
    in_transaction(empty_address, lambda connection: fill(connection, FIRST))
    run(empty_address, "CREATE TABLE audit (id INTEGER)")
    with pytest.raises(Exception, match=re.compile("audit|error", re.IGNORECASE)):
        upgrade(empty_address)
    there = in_transaction(empty_address, lambda connection: set(inspect(connection).get_table_names()))
    assert there == {*FIRST, "meetmates_version", "audit"}
    run(empty_address, "DROP TABLE audit")
    assert upgrade(empty_address) == "0001_accounts"
    assert check(empty_address).problems == ()
