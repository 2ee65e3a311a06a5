"""Reviews of results"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """To this schema."""
    op.add_column("results", sa.Column("extent_mm", sa.Double(), nullable=True))
    op.create_table(
        "reviews",
        sa.Column("id", KEY, nullable=False),
        sa.Column("result_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decisions", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("labels", sa.String(length=512), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed", sa.DateTime(), nullable=False),
        sa.Column("signed_by", sa.String(length=64), nullable=False),
        sa.Column("signed", sa.DateTime(), nullable=True),
        sa.Column("signed_result_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name="fk_reviews_result_id"),
        sa.ForeignKeyConstraint(
            ["signed_result_id"], ["results.id"], name="fk_reviews_signed_result_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.UniqueConstraint("uid", name="uq_reviews_uid"),
        sa.UniqueConstraint("result_id", "number", name="uq_reviews_result_id_number"),
    )
