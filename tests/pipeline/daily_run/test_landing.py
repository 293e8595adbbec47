"""What a run lands, what it says of it, and what of a file it cannot read.

The last test runs once more, which the ones before it would see.
"""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import dagster as dg

from orchestration.resources import Workplace
from orchestration.runs import run_daily
from tests.pipeline.daily_run.stories import Listening, Story, contents, instance_of


def test_run_lands_what_the_sample_says(story: Story) -> None:
    assert story.load.read == story.truth.lines
    assert story.load.landed == story.truth.delivered
    assert story.load.duplicate == story.truth.duplicates
    assert story.load.quarantined == story.truth.quarantined
    with story.warehouse.database.connect() as connection:
        landed = connection.execute(
            "select event_name, count(*) from staging.raw_support_events group by 1"
        ).fetchall()
        unknown = connection.execute(
            "select reason, sum(line_count)::int from staging.load_counts"
            " where outcome = 'unknown_field' group by 1"
        ).fetchall()
        rejected = connection.execute(
            "select producer, count(*) from staging.rejected_sequences group by 1"
        ).fetchall()
    assert dict(landed) == story.truth.delivered_by_name
    assert dict(unknown) == story.truth.unknown_fields
    assert sum(count for _, count in rejected) >= story.truth.rejected_by_producer.total()


def test_landing_says_what_it_did(story: Story) -> None:
    key = dg.AssetKey(["staging", "raw_support_events"])
    with instance_of(story.warehouse) as instance:
        records = instance.fetch_materializations(key, limit=10, ascending=True).records
    first, second = (record.asset_materialization for record in records)
    assert first is not None
    assert second is not None
    metadata = {name: value.value for name, value in first.metadata.items()}
    assert metadata["rows"] == story.truth.delivered
    assert metadata["duplicates"] == story.truth.duplicates
    assert metadata["quarantined/malformed"] == story.truth.quarantined["malformed"]
    assert metadata["bytes"] == sum(
        path.stat().st_size for path in Path(story.warehouse.settings.landing).glob("*/*")
    )
    assert second.metadata["rows"].value == 0


def test_half_a_file_fails_its_check_and_changes_nothing(story: Story) -> None:
    """The run goes on to the other files and to the build, and says which could not be read."""
    folder = Path(story.warehouse.settings.landing) / "support"
    whole = gzip.compress(b'{"id": "1"}\n' * 9999)
    broken = folder / "events-broken.ndjson.gz"
    broken.write_bytes(whole[: len(whole) // 2])
    os.utime(broken, (0, 0))
    workplace = Workplace(story.warehouse.settings, Listening())
    run_id = run_daily(workplace)
    failures = [failure for load in workplace.loads for failure in load.failed]
    assert len(failures) == 1
    assert "support/events-broken.ndjson.gz" in failures[0]
    assert contents(story.warehouse) == story.before
    with instance_of(story.warehouse) as instance:
        evaluations = [
            entry.dagster_event.asset_check_evaluation_data
            for entry in instance.all_logs(run_id)
            if entry.dagster_event
            and entry.dagster_event.event_type_value == "ASSET_CHECK_EVALUATION"
        ]
    failed = [
        (check.asset_key.path[-1], check.check_name) for check in evaluations if not check.passed
    ]
    assert failed == [("raw_support_events", "reads_every_object")]
