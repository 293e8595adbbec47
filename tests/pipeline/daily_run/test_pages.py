"""The business case page: its numbers, its versions, how it looks and what it escapes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from orchestration.cli.run import newest_page
from orchestration.reports.marts import Marts
from orchestration.reports.pages import render_page
from orchestration.reports.publishing import publish_page
from orchestration.reports.snapshots import remember
from orchestration.reports.wording import Language, write_number
from raw_loaders.errors import SettingsError
from tests.pipeline.browsers import look_at
from tests.pipeline.daily_run.stories import Story


def test_page_of_the_last_complete_month_is_made_and_remembered_once(story: Story) -> None:
    """A run with nothing new leaves the page as it is; made by hand, it is no new version."""
    [first] = story.first.pages
    assert story.second.pages == []
    assert newest_page(story.warehouse.settings) == first.path, "which a run without news shows"
    settings, database = story.warehouse.settings, story.warehouse.database
    second = publish_page(settings, database, say=lambda _: None)
    assert second is not None
    # Other tests of this story build again: from another build, but the same page.
    assert replace(second, build_id=first.build_id) == first
    assert (first.month.isoformat(), first.is_complete) == ("2025-12-01", True)
    with story.warehouse.database.connect() as connection:
        versions = connection.execute(
            "select count(distinct snapshot_id), count(*) filter (where metric = 'sessions'),"
            " max(metric_value) filter (where metric = 'sessions') from marts.report_snapshots"
        ).fetchone()
        sessions = connection.execute(
            "select sessions from marts.support_kpis_monthly where period_start = '2025-12-01'"
        ).fetchone()
    assert sessions is not None
    assert versions == (1, 1, sessions[0])


def test_page_says_what_changed_since_it_was_published_and_why(story: Story) -> None:
    """An older version with other numbers, of a build before anything landed."""
    with story.warehouse.database.connect() as connection:
        connection.execute(
            "with earlier as (insert into staging.builds"
            " (is_full_refresh, after_load_id, max_load_id, business_timezone, as_of,"
            " previous_as_of, definition_sha256)"
            " select true, 0, 0, business_timezone, as_of, previous_as_of, definition_sha256"
            " from staging.builds order by build_id limit 1 returning build_id)"
            " insert into staging.report_snapshots"
            " (period_start, site, build_id, is_complete, assumptions, numbers)"
            " select period_start, 'old', earlier.build_id, true, assumptions, numbers ||"
            ' \'{"support_kpis_monthly.sessions": "1",'
            ' "support_kpis_monthly.tickets_created": "1"}\''
            " from earlier cross join staging.report_snapshots where site = ''"
        )
        marts = Marts(connection, "marts")
        month = replace(marts.read_month(date(2025, 12, 1), None), site="old")
        history = remember(connection, month)
        connection.rollback()
    changed = {change.figure.column: change for change in history.changes}
    assert set(changed) == {"sessions", "tickets_created"}
    assert changed["sessions"].before == 1
    reasons = [changed[name].reasons[0].en for name in ("sessions", "tickets_created")]
    late = [int(reason.split()[0].replace(",", "")) for reason in reasons]
    assert late[0] > late[1] > 0, reasons
    page = render_page(replace(month, site=None), history, "en")
    assert f">{reasons[1]}<" in page


def test_durations_read_the_same_in_sentence_and_tile(story: Story) -> None:
    with story.warehouse.database.connect() as connection:
        month = Marts(connection, "marts").read_month(date(2025, 12, 1), None)
    units = {"s": "秒", "min": "分钟", "h": "小时"}
    for column in ("queue_wait", "agent_first_response", "handle"):
        value = month.values[f"support_kpis_monthly.{column}_seconds_p50"]
        told = write_number(value, "seconds")
        number, unit = told.split()
        assert told in month.case["supervisor_sentence_en"]
        assert f"{number} {units[unit]}" in month.case["supervisor_sentence_zh"]


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_page_stands_alone_in_a_real_browser(story: Story, language: Language) -> None:
    """No request, no console error, nothing wider than a phone, no clipped label, A4."""
    page = publish_page(
        story.warehouse.settings,
        story.warehouse.database,
        language=language,
        say=lambda _: None,
    )
    assert page is not None
    assert page.path.stat().st_size < 500_000
    seen = look_at(page.path)
    assert seen.errors == []
    assert seen.requests == [page.path.as_uri()]
    assert seen.overflow == 0
    assert seen.clipped == []
    assert seen.dead_links == []
    assert 2 <= seen.printed_pages <= 12


def test_page_escapes_what_events_bring(story: Story) -> None:
    with story.warehouse.database.connect() as connection:
        marts = Marts(connection, "marts")
        month = marts.read_month(date(2025, 12, 1), None)
        history = remember(connection, month)
        connection.rollback()
    hostile = "<img src=x onerror=alert(1)></svg><script>alert(2)</script>\"'&"
    month.sites.loc[:, "site"] = hostile
    month.escalations.loc[:, "reason"] = hostile
    month.tickets.loc[:, "type"] = hostile
    page = render_page(replace(month, site=None), history, "both")
    assert "<img" not in page
    assert "<script" not in page
    assert page.count("&lt;img") > 2
    assert "<script" not in render_page(replace(month, site=hostile), history, "en")


def test_site_has_a_page_of_its_own_and_an_unknown_one_is_named(story: Story) -> None:
    with story.warehouse.database.connect() as connection:
        site = connection.execute(
            "select site from marts.support_kpis_monthly_by_site order by sessions desc limit 1"
        ).fetchone()
    assert site is not None
    settings, database = story.warehouse.settings, story.warehouse.database
    page = publish_page(settings, database, site=site[0], say=lambda _: None)
    assert page is not None
    assert "support_kpis_monthly_by_site.sessions" in page.path.read_text(encoding="utf-8")
    with pytest.raises(SettingsError, match="There is no site 'nowhere' in 2025-12"):
        publish_page(settings, database, site="nowhere", say=lambda _: None)
    with pytest.raises(SettingsError, match="no numbers of 1999-01: there are months from"):
        publish_page(settings, database, date(1999, 1, 1), say=lambda _: None)
