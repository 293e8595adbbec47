"""The Redis end: one entry a line in a stream. Needs `casebook-tracking[redis]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_STREAM = "casebook:support"
# The one field of an entry; its value is the event as a line of JSON.
FIELD = "event"
# Seconds. A Redis that does not answer costs the writer thread this much, not the caller.
CONNECT_TIMEOUT_SECONDS = 0.5
ANSWER_TIMEOUT_SECONDS = 1.0


class RedisAwayError(ConnectionError):
    """Redis did not take the entries; some of them may have arrived."""


class Stream(Protocol):
    """Where the writer sends lines first when it has one."""

    def send(self, lines: Sequence[bytes]) -> None:
        """Hand over lines. Raises `RedisAwayError`."""

    def close(self) -> None:
        """Give the connection back."""


class RedisStream:
    """Appends lines to a stream, and never trims it: what is not read yet is not ours to drop.

    A stream as long as `max_length` counts as away, so that a consumer that is down
    fills the spool and not Redis's memory.
    """

    def __init__(self, url: str, stream: str, max_length: int) -> None:
        # Imported by the constructor: the first event must not wait for it.
        import redis  # noqa: PLC0415 - an extra, needed only here
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        self._stream = stream
        self._max_length = max_length
        self._errors = (redis.RedisError, OSError)
        self._client = redis.Redis.from_url(
            url,
            socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
            socket_timeout=ANSWER_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        # Made, not connected: a wrong option of the URL shows here.
        self._client.connection_pool.make_connection()

    def send(self, lines: Sequence[bytes]) -> None:
        """Append lines in one round trip. Raises `RedisAwayError`."""
        try:
            length = int(self._client.xlen(self._stream))
            if length + len(lines) > self._max_length:
                raise RedisAwayError(f"stream {self._stream} holds {length} unread entries")
            pipeline = self._client.pipeline(transaction=False)
            for line in lines:
                pipeline.xadd(self._stream, {FIELD: line.rstrip(b"\n")})
            pipeline.execute()
        except self._errors as error:
            if isinstance(error, RedisAwayError):
                raise
            raise RedisAwayError(str(error)) from error

    def close(self) -> None:
        """Close the connections of this process."""
        self._client.close()
