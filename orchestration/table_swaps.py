"""A table built anew takes the old one's name, between its readers.

As the macro `rename_relation` does for dbt's tables; docs/reliability.md has the figures.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from raw_loaders.errors import RetriableError

if TYPE_CHECKING:
    from collections.abc import Callable

# Readers that come meanwhile wait as long.
LOCK_TIMEOUT = "300ms"
RETRY_SECONDS = 0.7
# Ten minutes: readers of BI logins end after one.
TRIES = 600


def swap_table(
    connection: psycopg.Connection,
    schema: str,
    fresh: str,
    name: str,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Drop `name` and give `fresh` its name, as part of the open transaction.

    Raises `RetriableError` when readers leave no gap for ten minutes.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            with connection.transaction():
                connection.execute(
                    sql.SQL("set local lock_timeout to {}").format(sql.Literal(LOCK_TIMEOUT))
                )
                connection.execute(
                    sql.SQL("drop table if exists {} cascade").format(sql.Identifier(schema, name))
                )
                connection.execute(
                    sql.SQL("alter table {} rename to {}").format(
                        sql.Identifier(schema, fresh), sql.Identifier(name)
                    )
                )
                connection.execute("set local lock_timeout to default")
        except psycopg.errors.LockNotAvailable as error:
            if not tries_left:
                raise RetriableError(
                    f"{schema}.{name} is read all the time, so that it could not be replaced: end "
                    "the long statements that read it, and run the same again."
                ) from error
            sleep(RETRY_SECONDS)
        else:
            return
