"""Alembic's entry: runs the steps on the database that `apply_migrations` names."""

import sqlalchemy
from alembic import context
from psycopg import connect

engine = sqlalchemy.create_engine(
    "postgresql+psycopg://",
    creator=lambda: connect(context.config.attributes["url"]),
    poolclass=sqlalchemy.NullPool,
)
with engine.begin() as connection:
    # The steps' own record lives with what they make; `public` may be closed to the user.
    connection.execute(sqlalchemy.text("create schema if not exists staging"))
    context.configure(
        connection=connection,
        version_table_schema="staging",
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
