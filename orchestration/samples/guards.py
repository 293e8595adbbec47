"""A sample never enters a real warehouse, and real events never enter a sample's.

Files of a sample are known by their names, on disk and in the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from raw_loaders.errors import CasebookError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from orchestration.settings import Settings

SAMPLE_PREFIX = "sample-"


@dataclass(frozen=True, kw_only=True)
class Contents:
    """Whether a place holds files of a sample, and others."""

    has_sample: bool
    has_real: bool

    @property
    def is_empty(self) -> bool:
        """Whether it holds neither."""
        return not (self.has_sample or self.has_real)


def sort_out(names: Iterable[str]) -> Contents:
    """Tell a sample's object names from others, such as `support/sample-….ndjson.gz`."""
    is_sample = {name.rpartition("/")[2].startswith(SAMPLE_PREFIX) for name in names}
    return Contents(has_sample=True in is_sample, has_real=False in is_sample)


def read_places(settings: Settings) -> Contents:
    """Look at where events come from; a bucket, stream or database of others is no sample."""
    is_in_s3 = settings.landing.startswith("s3://")
    others = (is_in_s3, settings.redis_url is not None, settings.ai_admin_url is not None)
    paths = () if is_in_s3 else Path(settings.landing).glob("*/**/*")
    files = sort_out(
        path.as_posix() for path in paths if not path.name.startswith(".") and path.is_file()
    )
    return Contents(has_sample=files.has_sample, has_real=files.has_real or any(others))


def read_ledger(connection: psycopg.Connection) -> Contents:
    """Look at what has ever been landed."""
    query = "select distinct object like %s from staging.objects"
    kinds = {row[0] for row in connection.execute(query, (f"%/{SAMPLE_PREFIX}%",))}
    return Contents(has_sample=True in kinds, has_real=False in kinds)


def wants_sample(settings: Settings, landing: Contents, landed: Contents) -> bool:
    """Whether there is nothing to show and nothing to spoil: a new home, all its own."""
    is_own_landing = settings.landing == str(settings.home / "landing")
    return settings.is_embedded and is_own_landing and landing.is_empty and landed.is_empty


def check_landing(settings: Settings, connection: psycopg.Connection) -> None:
    """Raise a `CasebookError` when landing would mix a sample with real events."""
    refuse_mixture(read_places(settings), read_ledger(connection), is_embedded=settings.is_embedded)


def refuse_mixture(landing: Contents, landed: Contents, *, is_embedded: bool) -> None:
    """Raise a `CasebookError` when these files must not enter that warehouse."""
    if landing.has_sample and not is_embedded:
        raise CasebookError(
            f"The landing place holds a made-up sample ({SAMPLE_PREFIX}* files), which enters the "
            "embedded database only: remove it, or unset CASEBOOK_DATABASE_URL."
        )
    if landing.has_sample and landed.has_real:
        raise CasebookError(
            f"The landing place holds a made-up sample ({SAMPLE_PREFIX}* files) and this "
            "warehouse real events: remove the sample."
        )
    if landing.has_real and landed.has_sample:
        raise CasebookError(
            "This warehouse holds a made-up sample: land your own events under another "
            "CASEBOOK_HOME, or remove this one first (`casebook db stop`, then delete it)."
        )
    if landing.has_real and landing.has_sample:
        raise CasebookError(
            f"The landing place holds a made-up sample ({SAMPLE_PREFIX}* files) beside other "
            "files, a CASEBOOK_REDIS_URL or a CASEBOOK_AI_ADMIN_URL: remove the sample, or "
            "what is beside it."
        )
