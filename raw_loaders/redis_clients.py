"""Clients of Redis whose errors are Casebook's: each says what to do, none says a password."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from raw_loaders.errors import ObjectError, RetriableError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import redis

GROUP = "casebook"


def open_client(url: str, key: str, timeout_seconds: float) -> redis.Redis:
    """Return a client that was answered, to read the stream `key`.

    Raises `SettingsError` when the URL is none of a Redis, `RetriableError` when Redis is away.
    """
    import redis  # noqa: PLC0415 - only where there is a Redis

    try:
        client: redis.Redis = redis.Redis.from_url(url, socket_timeout=timeout_seconds)
        # Options of the URL win, and this one would make texts of bytes that may be none.
        client.connection_pool.connection_kwargs["decode_responses"] = False
        with named_errors(key):
            client.ping()
    # Parts of a wrong URL show at the first connection only. What is said of them may quote it.
    except (ValueError, TypeError, AttributeError):
        raise SettingsError(
            "CASEBOOK_REDIS_URL is no URL of a Redis: write redis://user:password@host:6379/0, "
            "with the special characters of a password percent-encoded."
        ) from None
    return client


@contextmanager
def named_errors(key: str) -> Iterator[None]:
    """Name what goes wrong with the stream `key`.

    Raises `RetriableError` when Redis is away or refuses, `ObjectError` when the group is gone.
    """
    import redis  # noqa: PLC0415 - only where there is a Redis

    try:
        yield
    except redis.ResponseError as error:
        if "NOGROUP" in str(error) or "no such key" in str(error):
            raise group_gone(key) from error
        raise RetriableError(f"Redis refuses to read {key}: {_reason(error)}.") from error
    except redis.RedisError as error:
        raise RetriableError(
            f"Redis does not answer ({_reason(error)}): start it, or correct CASEBOOK_REDIS_URL, "
            "and run it again."
        ) from error


def group_gone(key: str) -> ObjectError:
    """Say that the consumer group of a stream is not there any more."""
    return ObjectError(
        f"The consumer group {GROUP} of the Redis stream {key} is gone (FLUSHALL, or "
        "deleted): unread entries may be lost. To go on with what is there, run: "
        f"redis-cli XGROUP CREATE {key} {GROUP} 0 MKSTREAM"
    )


def _reason(error: redis.RedisError) -> str:
    return str(error).rstrip(".")
