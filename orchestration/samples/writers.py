"""Arriving lines into files, as a collector rolls them: one per half day, plain or compressed."""

from __future__ import annotations

import gzip
import os
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Literal, Protocol, Self, get_args

import zstandard

from orchestration.samples.deliveries import Delivery
from orchestration.samples.guards import SAMPLE_PREFIX
from orchestration.samples.timelines import unfold_hours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from orchestration.samples.centres import Centre
    from orchestration.samples.truths import Truth

Compression = Literal["gz", "zst", "none"]
COMPRESSIONS: tuple[Compression, ...] = get_args(Compression)
FILE_HOURS = 12
# Speed before size: higher levels halve the rate and save a tenth.
GZIP_LEVEL = 1


class Sink(Protocol):
    """A file, compressed or not."""

    def write(self, data: bytes, /) -> object:
        """Append bytes."""


def write_sample(
    centre: Centre,
    landing: Path,
    compression: Compression = "gz",
    prefix: str = SAMPLE_PREFIX,
    on_lines: Callable[[int], None] = lambda _: None,
) -> Truth:
    """Write the centre's events under `landing/support/`; give what they contain.

    A file gets its name when it is whole, and the time at which its half day ended.
    `on_lines` hears how many lines were added. With another `prefix` the files are not known
    as a sample any more: for benchmarks.
    """
    folder = landing / "support"
    folder.mkdir(parents=True, exist_ok=True)
    delivery = Delivery(Random(centre.seed + 1))  # noqa: S311
    with _Files(folder, compression, prefix) as files:
        for hour, lines in delivery.deliver(unfold_hours(centre)):
            files.write(hour, lines)
            on_lines(len(lines))
    return delivery.truth


class _Files:
    """The one file being written; rolled when its half day is over, dropped on an error."""

    def __init__(self, folder: Path, compression: Compression, prefix: str) -> None:
        self._folder, self._prefix = folder, prefix
        self._suffix = "" if compression == "none" else f".{compression}"
        self._open = _OPENERS[compression]
        self._period: int | None = None
        self._path = folder
        self._file: Sink | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._finish()
        elif self._file is not None:
            self._stack.close()
            self._partial.unlink()

    def write(self, hour: int, lines: list[bytes]) -> None:
        """Append an hour's lines to the file of its half day; hours come in order."""
        period = hour // FILE_HOURS
        if period != self._period:
            self._finish()
            self._period = period
            begin = datetime.fromtimestamp(period * FILE_HOURS * 3600, UTC)
            self._path = self._folder / f"{self._prefix}{begin:%Y%m%dT%H%M}.ndjson{self._suffix}"
            self._file = self._stack.enter_context(self._open(self._partial))
        assert self._file is not None  # noqa: S101
        self._file.write(b"\n".join(lines) + b"\n")

    @property
    def _partial(self) -> Path:
        return self._path.with_name(f".{self._path.name}.partial")

    def _finish(self) -> None:
        if self._file is not None and self._period is not None:
            self._stack.close()
            ended = (self._period + 1) * FILE_HOURS * 3600
            os.utime(self._partial, (ended, ended))
            self._partial.rename(self._path)
            self._file = None


@contextmanager
def _open_plain(path: Path) -> Iterator[Sink]:
    with path.open("wb") as file:
        yield file


@contextmanager
def _open_gzip(path: Path) -> Iterator[Sink]:
    # Neither time nor name in the header: the same seed gives the same bytes.
    with path.open("wb") as file, gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as packed:
        yield packed


@contextmanager
def _open_zstd(path: Path) -> Iterator[Sink]:
    with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as packed:
        yield packed


_OPENERS = {"gz": _open_gzip, "zst": _open_zstd, "none": _open_plain}
