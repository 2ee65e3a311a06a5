"""When a token was used last"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this schema."""
    op.add_column("tokens", sa.Column("used", sa.DateTime(), nullable=True))
