"""Objects below an s3:// URL, as objects to land. Credentials are found as AWS' tools do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from raw_loaders.errors import RetriableError
from raw_loaders.fingerprints import name_change
from raw_loaders.stored_objects import READ_BYTES, StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from raw_loaders.errors import ObjectError


class S3Object(StoredObject):
    """An object; `name` is its key below the landing URL."""

    def __init__(self, name: str, files: Any, details: dict[str, Any]) -> None:
        # An object is replaced, never changed: its tag stands for its content.
        self._tag = details["ETag"]
        signature = f"{self._tag}:{details['size']}"
        modified = details["LastModified"].timestamp()
        super().__init__(name, int(details["size"]), signature, modified)
        self._files = files
        self._path = details["name"]

    @contextmanager
    def _open(self) -> Iterator[Any]:
        from botocore.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415
            BotoCoreError,
        )

        try:
            with self._files.open(
                self._path, "rb", block_size=4 * READ_BYTES, cache_type="readahead"
            ) as stored:
                # The tag of another content would be noted as landed.
                if stored.details["ETag"] != self._tag:
                    raise name_change(self.name)
                yield stored
        except BotoCoreError as error:
            raise OSError(str(error)) from error


class Bucket:
    """The objects of one source below an s3:// URL, in order of their keys."""

    def __init__(self, url: str, source: str) -> None:
        self._root = url.removeprefix("s3://").rstrip("/")
        self._folder = f"{self._root}/{source}"

    def find(self) -> Iterator[S3Object | ObjectError]:
        """See `Carrier`. Raises `RetriableError` when the bucket cannot be listed."""
        # A second to import, and only for this carrier.
        import s3fs  # type: ignore[import-untyped]  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415

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
