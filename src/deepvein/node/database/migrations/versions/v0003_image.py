"""What the images of a result's study are like"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this schema."""
    op.add_column("results", sa.Column("image", sa.JSON(), nullable=True))
