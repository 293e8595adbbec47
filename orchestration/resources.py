"""What assets and checks work with: the settings, the warehouse, and who hears of progress."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from orchestration.database import Database, open_database
from orchestration.hash_keys import find_hash_keys
from orchestration.samples.back_office import find_sample_office
from orchestration.samples.guards import check_landing
from orchestration.warehouse_builds import BuildOutcome, build_warehouse
from raw_loaders.loading import LoadOptions, LoadReport, load_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from orchestration.dbt_runs import Progress as NodeProgress
    from orchestration.listeners import Listener
    from orchestration.rebuilt_days import Days
    from orchestration.reports.publishing import Page
    from orchestration.settings import Settings
    from raw_loaders.loading import Progress as LoadProgress


@dataclass(frozen=True)
class Workplace:
    """One home and its warehouse, opened when first used; keeps what was done there."""

    settings: Settings
    listener: Listener
    loads: list[LoadReport] = field(default_factory=list)
    builds: list[BuildOutcome] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    @cached_property
    def database(self) -> Database:
        """The warehouse, started if need be and migrated."""
        return open_database(self.settings)

    def land(self, source: str) -> LoadReport:
        """Land what is new of a source; the report says what could not be read.

        Raises a `CasebookError` when the database fails or a sample meets real events.
        """
        with self.database.connect(role="loader") as connection:
            check_landing(self.settings, connection)
        options = LoadOptions(
            landing=self.settings.landing,
            timezone=self.settings.timezone,
            keys=find_hash_keys(self.settings, self.database, self.listener.say),
            settle_seconds=self.settings.settle_seconds,
            redis_url=self.settings.redis_url,
            ai_admin_url=self.settings.ai_admin_url or find_sample_office(self.database),
        )

        def hear(load: LoadProgress) -> None:
            self.listener.step(f"Landing {source}", load.object, load.bytes_done, load.bytes_total)

        report = load_source(source, partial(self.database.connect, role="loader"), options, hear)
        self.loads.append(report)
        return report

    def build(
        self,
        on_node: Callable[[NodeProgress], None],
        *,
        full_refresh: bool = False,
        days: Days | None = None,
    ) -> BuildOutcome:
        """Build facts and marts; `on_node` hears of each dbt node that ended."""

        def hear(node: NodeProgress) -> None:
            self.listener.step("Building", node.name, node.done, node.total)
            on_node(node)

        outcome = build_warehouse(
            self.settings,
            self.database,
            full_refresh=full_refresh,
            days=days,
            say=self.listener.say,
            on_progress=hear,
        )
        self.builds.append(outcome)
        return outcome

    def publish(self, month: date | None = None) -> Page | None:
        """Write a month's page, by default that of the last complete month; None without events."""
        # A second of imports, which no other command needs.
        from orchestration.reports.publishing import publish_page  # noqa: PLC0415

        page = publish_page(self.settings, self.database, month, say=self.listener.say)
        if page is not None:
            self.pages.append(page)
        return page
