"""Objects below an s3:// URL, as objects to land. Credentials are found as AWS' tools do."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from raw_loaders.errors import ObjectError, RetriableError
from raw_loaders.stored_objects import READ_BYTES, UNFINISHED_SUFFIXES, identify, read_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from raw_loaders.carriers import Content
    from raw_loaders.lines import Block, LongLine, Tail


class S3Object:
    """An object; `name` is its key below the landing URL."""

    def __init__(self, name: str, files: Any, details: dict[str, Any]) -> None:
        self.name = name
        self.bytes = int(details["size"])
        # An object is replaced, never changed: its tag stands for its content.
        self.signature = f"{details['ETag']}:{details['size']}"
        self._files = files
        self._path = details["name"]
        self._modified: datetime = details["LastModified"]

    @property
    def age_seconds(self) -> float:
        """See `Delivery`; by this machine's clock."""
        if self.name.endswith(UNFINISHED_SUFFIXES):
            return -1.0
        return max(0.0, (datetime.now(UTC) - self._modified).total_seconds())

    def identify(self, prefix_bytes: int | None) -> Content:
        """See `Delivery`."""
        with self._open() as stored:
            return identify(stored, self.name, self.bytes, prefix_bytes)

    def read(
        self, offset: int, max_line_bytes: int | None = None
    ) -> Iterator[Block | LongLine | Tail]:
        """See `Delivery`."""
        with self._open() as stored:
            yield from read_from(stored, self.name, self.bytes, offset, max_line_bytes)

    def acknowledge(self) -> None:
        """Return an object stays where it is."""

    @contextmanager
    def _open(self) -> Iterator[Any]:
        with (
            _named_errors(self.name),
            self._files.open(
                self._path, "rb", block_size=4 * READ_BYTES, cache_type="readahead"
            ) as stored,
        ):
            yield stored


class Bucket:
    """The objects of one source below an s3:// URL, in order of their keys."""

    def __init__(self, url: str, source: str) -> None:
        self._root = url.removeprefix("s3://").rstrip("/")
        self._folder = f"{self._root}/{source}"

    def find(self) -> Iterator[S3Object | ObjectError]:
        """See `Carrier`. Raises `RetriableError` when the bucket cannot be listed."""
        # A second to import, and only for this carrier.
        import s3fs  # type: ignore[import-untyped]  # noqa: PLC0415
        from botocore.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415
            BotoCoreError,
        )

        files = s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
        try:
            listed = files.find(self._folder, detail=True)
        except FileNotFoundError:
            return
        except (OSError, BotoCoreError) as error:
            raise RetriableError(f"s3://{self._folder} cannot be listed: {error}.") from error
        for path in sorted(listed):
            name = path.removeprefix(f"{self._root}/")
            if listed[path]["type"] == "file" and not any(
                part.startswith(".") for part in name.split("/")
            ):
                yield S3Object(name, files, listed[path])


@contextmanager
def _named_errors(name: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - as s3fs

    try:
        yield
    except (OSError, BotoCoreError) as error:
        raise ObjectError(f"{name} cannot be read: {error}.") from error
