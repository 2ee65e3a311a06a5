"""Run by Alembic: applies the steps on the connection that `deepvein.node.database.migration` opened."""

from alembic import context

from deepvein.node.database.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
