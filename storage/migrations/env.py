"""Alembic's environment: runs the migrations on the connection that it is handed; opens none itself."""

from __future__ import annotations

from alembic import context

HANDED = context.config.attributes

# Everything happens in the caller's transaction: a killed migration leaves nothing or a whole schema. Alembic takes
# SQLite for a database whose DDL is not transactional; it is, once BEGIN has been said by hand.
context.configure(
    connection=HANDED["connection"],
    target_metadata=HANDED["metadata"],
    version_table=HANDED["version_table"],
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
