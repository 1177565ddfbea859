"""Alembic's environment: the connection is handed in by ``migrate``; one head, numbered by hand."""

from alembic import context

import volunteer.models  # noqa: F401 - fills the metadata
from volunteer.models.columns import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=False,
)
context.run_migrations()
