"""Alembic runs this file. The connection comes from `meetmates.store.migrate`, in a transaction that it ends."""

from alembic import context

from meetmates.store.migrations import VERSION_TABLE
from meetmates.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
