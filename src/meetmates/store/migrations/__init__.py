"""The way from each earlier form of the database to today's, forwards only; Alembic walks it.

A new one: a file in `versions`, its revision at the end of `VERSIONS`, and the new form in `meetmates.store.schema`.
"""

VERSIONS = ("0001_accounts", "0002_safety", "0003_block_names")
VERSION_TABLE = "meetmates_version"  # its own name: other programs that use Alembic may share a PostgreSQL database
