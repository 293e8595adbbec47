"""From `track()` to the marts: sessions are facts, and declared drops stand beside losses."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from raw_loaders.stream_ledger import WarehouseStreamLedger
from tests.landing_parts.events import make_line
from tests.pipeline.conftest import WarehouseFactory
from tests.tracking.conftest import run_child, sealed_events

# A queue that is too small, a wait for the first events to be out, a flood, an end.
SERVICE = """
    import sys, time
    from casebook_tracking import Tracker

    tracker = Tracker("/bot/a", sys.argv[1], queue_size=200)
    tracker.session_start(session_id="s-1", channel="web", site="de", customer_id="c-1")
    tracker.session_message(session_id="s-1", role="user", message_length=12)
    with tracker.coze_call("s-1", "w") as call:
        call.input_tokens, call.output_tokens = 20, 30
    tracker.session_message(session_id="s-1", role="ai", message_length=80, response_time_ms=5)
    tracker.session_end(session_id="s-1", message_count=2)
    tracker.flush()
    for _ in range(5000):
        tracker.agent_heartbeat(agent_id="a")
    tracker.flush()
    tracker.agent_heartbeat(agent_id="a")
"""


def test_entries_trimmed_unread_are_counted_on_the_day_they_were_missed(
    new_warehouse: WarehouseFactory,
) -> None:
    warehouse = new_warehouse("trimmed")
    warehouse.land("one", [make_line(1).decode()])
    with warehouse.database.connect(autocommit=True) as connection:
        ledger = WarehouseStreamLedger(connection, "support")
        ledger.record_losses("casebook:support", {"1-0": 40, "9-0": 2})
        ledger.record_losses("casebook:support", {"1-0": 40})
        connection.execute("update staging.stream_losses set noticed_at = '2025-06-30 20:00+00'")
    warehouse.build(only=("+data_quality_monthly",))
    counted = {
        (row["source"], row["producer"], row["event_date"]): row["trimmed_events"]
        for row in warehouse.rows("marts", "data_quality_daily")
        if row["trimmed_events"]
    }
    # In the business time zone, Shanghai, the first of July has begun.
    assert counted == {("support", "unknown", date(2025, 7, 1)): 42}
    months = warehouse.rows("marts", "data_quality_monthly")
    assert [row["trimmed_events"] for row in months if row["trimmed_events"]] == [42]


def test_tracked_sessions_and_drops_reach_facts_and_marts(
    new_warehouse: WarehouseFactory, tmp_path: Path
) -> None:
    child = run_child(SERVICE, tmp_path)
    assert child.returncode == 0, child.stderr
    events = sealed_events(tmp_path)
    declared = events[-1]["data"]["dropped"]
    assert isinstance(declared, int)
    assert declared > 0
    warehouse = new_warehouse("tracked")
    lines = [
        line for path in sorted(tmp_path.glob("*.ndjson")) for line in path.read_text().splitlines()
    ]
    warehouse.land("tracked", lines)
    warehouse.build(only=("+fct_sessions", "+fct_ai_calls", "+data_quality_daily"))
    (session,) = warehouse.rows("facts", "fct_sessions")
    assert (session["site"], session["outcome"], session["end_type"]) == (
        "de",
        "ai_resolved",
        "explicit",
    )
    (call,) = warehouse.rows("facts", "fct_ai_calls")
    assert (call["workflow_id"], call["success"], call["input_tokens"]) == ("w", True, 20)
    (quality,) = warehouse.rows("marts", "data_quality_daily")
    assert quality["producer"] == "/bot/a"
    assert quality["lost_events"] == quality["declared_dropped_events"] == declared
