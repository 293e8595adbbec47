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
    # From step 0007 on the schemas are the owner's, and so is what later steps make.
    owner = connection.execute(
        sqlalchemy.text(
            "select nspowner::regrole::text from pg_namespace"
            " where nspname = 'staging' and nspowner = to_regrole('casebook_owner')"
        )
    ).scalar()
    if owner is not None:
        connection.execute(sqlalchemy.text(f"set role {owner}"))
    context.configure(
        connection=connection,
        version_table_schema="staging",
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
