"""The folder to which the database belongs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this schema."""
    op.create_table(
        "folder",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("place", sa.String(512), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_folder"),
    )
