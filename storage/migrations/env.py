"""Alembic's environment: runs the migrations on the connection that it is handed; opens none itself."""

from __future__ import annotations

from alembic import context
from samskabt.storage.migrations import VERSION_TABLE
from samskabt.storage.tables import METADATA

# Everything happens in the caller's transaction: a killed migration leaves nothing or a whole schema. Alembic takes
# SQLite for a database whose DDL is not transactional; it is, once BEGIN has been said by hand.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
