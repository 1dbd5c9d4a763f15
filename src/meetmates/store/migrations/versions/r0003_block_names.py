"""A block remembers by which name the blocked one was known: nobody recognises anything else in a list."""

import sqlalchemy as sa
from alembic import op

revision = "0003_block_names"
down_revision = "0002_safety"


def upgrade() -> None:
    """Adds the column; of older blocks no name is known."""
    op.add_column("blocks", sa.Column("name", sa.Text))
