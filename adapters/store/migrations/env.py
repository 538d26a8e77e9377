"""Run by Alembic, on the connection that it is given."""

from alembic import context

from adapters.store.columns import SCHEMA_TABLES

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SCHEMA_TABLES,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
