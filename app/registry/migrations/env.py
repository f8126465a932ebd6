"""Runs the steps inside the transaction that the caller has begun; Alembic loads this file by path."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
