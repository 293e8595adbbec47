"""Telemetry of the coding agent into a real warehouse: exactly once, and no content."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg import sql

from orchestration.database import Database
from raw_loaders.erasing import erase
from raw_loaders.load_reports import raise_failures
from raw_loaders.loading import LoadOptions, LoadReport, load_source
from raw_loaders.redaction import HashKeys
from raw_loaders.replays import replay_source
from tests.unit.qwen_code.captures import (
    METRICS,
    SESSION,
    SPAN,
    STAMP,
    attributes,
    counters,
    new_log,
    old_log,
    otlp_body,
    otlp_record,
    posted_counters,
    pretty,
)

Load = Callable[[], LoadReport]
SECRET = "canary-51c0"
KEYS = HashKeys(key=b"k", key_id="k", identity_key=b"identity")
OUTFILE = b"".join(
    map(
        pretty,
        (
            new_log(),
            old_log(function_name="edit", function_args=SECRET, metadata={"model_added_lines": 2}),
            SPAN,
            old_log("qwen-code.user_prompt", prompt=SECRET, prompt_length=11),
            METRICS,
            old_log("qwen-code.unheard_of", text=SECRET),
        ),
    )
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The source's folder of a landing directory."""
    folder = tmp_path / "landing" / "qwen_code"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def load(warehouse: Database, folder: Path) -> Load:
    """Load what is in the folder, and check that nothing is unaccounted for."""

    def load() -> LoadReport:
        options = LoadOptions(
            landing=str(folder.parent),
            timezone=ZoneInfo("Asia/Shanghai"),
            keys=KEYS,
            settle_seconds=0,
        )
        report = load_source("qwen_code", warehouse.connect, options)
        raise_failures([report])
        assert report.read == report.landed + report.duplicate + report.quarantined.total()
        return report

    return load


def rows(warehouse: Database, query: str) -> list[Any]:
    with warehouse.connect() as connection:
        return connection.execute(query.encode()).fetchall()


def test_outfile_lands_its_events_without_content(
    warehouse: Database, folder: Path, load: Load
) -> None:
    (folder / "a.log").write_bytes(OUTFILE)
    (folder / "empty.log").touch()
    assert load().landed == 4
    landed = rows(
        warehouse,
        "select event_name, session_id = entity_id, payload from staging.raw_qwen_code_events"
        " order by line_number",
    )
    assert [(name, is_same) for name, is_same, _ in landed] == [
        ("session.start", True),
        ("tool_call", True),
        ("user_prompt", True),
        ("unheard_of", True),
    ]
    assert landed[1][2]["fields"] == {
        "function_name": "edit",
        "function_args_length": len(SECRET),
        "metadata.model_added_lines": 2,
    }
    assert rows(
        warehouse,
        "select event_name, sum(line_count)::int from staging.load_counts"
        " where outcome = 'skipped' group by event_name order by event_name",
    ) == [("metrics", 1), ("span", 1)]
    assert [payload["is_catalogued"] for _, _, payload in landed] == [True, True, True, False]
    tables = rows(
        warehouse,
        "select table_name from information_schema.tables"
        " where table_schema = 'staging' and table_type = 'BASE TABLE'",
    )
    for (table,) in tables:
        query = sql.SQL("select count(*) from staging.{} as t where t::text ~ %s")
        with warehouse.connect() as connection:
            found = connection.execute(query.format(sql.Identifier(table)), (SECRET,)).fetchone()
        assert found == (0,), table


def test_growing_file_adds_only_what_is_new(warehouse: Database, folder: Path, load: Load) -> None:
    more = pretty(old_log("qwen-code.user_prompt", prompt=SECRET, prompt_length=11))
    file = folder / "a.log"
    counts = []
    # It grows in the middle of a document, then by an identical copy of an earlier record.
    for content in (OUTFILE[:700], OUTFILE, OUTFILE, OUTFILE + more[:200], OUTFILE + more):
        file.write_bytes(content)
        counts.append(load().landed)
    assert (sum(counts), counts[2], counts[3], counts[4]) == (5, 0, 0, 1)
    (folder / "redelivered.log").write_bytes(OUTFILE + more)
    again = load()
    assert again.landed == 0
    assert rows(warehouse, "select count(*) from staging.raw_qwen_code_events") == [(5,)]


def test_bodies_and_recordings_land_beside_outfiles(
    warehouse: Database, folder: Path, load: Load
) -> None:
    (folder / "otlp").mkdir()
    (folder / "otlp" / "posts.ndjson").write_text(
        json.dumps({"path": "/v1/logs", "body": otlp_body(otlp_record(), otlp_record())}) + "\n"
    )
    (folder / "chat_recordings").mkdir()
    line = {"uuid": "u", "sessionId": SESSION, "timestamp": STAMP, "type": "user"}
    said = {**line, "message": SECRET}
    event = {"uiEvent": attributes("qwen-code.api_response", response_text=SECRET)}
    told = {**line, "type": "system", "subtype": "ui_telemetry", "systemPayload": event}
    recording = folder / "chat_recordings" / "s.jsonl"
    recording.write_text(json.dumps(said) + "\n" + json.dumps(told) + "\n")
    assert load().landed == 3
    recording.write_text(recording.read_text() + json.dumps(told) + "\n")
    assert (load().duplicate, load().read) == (1, 0)
    assert rows(warehouse, "select event_id from staging.raw_qwen_code_events where event_id = 'u'")


def test_damaged_document_is_quarantined_between_its_neighbours(
    warehouse: Database, folder: Path, load: Load
) -> None:
    good = pretty(new_log())
    (folder / "a.log").write_bytes(good + pretty(old_log(prompt=SECRET))[:-30] + good)
    report = load()
    assert (report.landed, dict(report.quarantined)) == (2, {"malformed": 1})
    assert rows(warehouse, "select byte_offset, source from staging.quarantine") == [
        (len(good), "qwen_code")
    ]
    assert rows(warehouse, "select count(*) from staging.quarantine_raw") == [(0,)]


def test_counters_of_a_session_are_kept_once_and_go_with_it(
    warehouse: Database, folder: Path, load: Load
) -> None:
    (folder / "a.log").write_bytes(OUTFILE + pretty(counters(SESSION, api_calls=3)))
    (folder / "b.ndjson").write_text(json.dumps(posted_counters(SESSION, api_calls=3)) + "\n")
    report = load()
    assert (report.landed, report.read) == (4, 4)
    query = "select session_id, counts, measured_at - started_at from staging.raw_qwen_code_metrics"
    assert rows(warehouse, query) == [(SESSION, {"api_calls": 3}, timedelta(seconds=1))]
    with warehouse.connect(autocommit=True) as connection:
        erase(connection, "session", SESSION, (), ZoneInfo("UTC"))
    (folder / "c.log").write_bytes(pretty(counters(SESSION, api_calls=4)) + OUTFILE)
    load()
    assert rows(warehouse, query) == []


def test_replay_reads_a_document_again(warehouse: Database, folder: Path, load: Load) -> None:
    # Of a client whose clock is ahead; two alike are two events.
    ahead = old_log(n=1)
    ahead["attributes"]["event.timestamp"] = (datetime.now(UTC) + timedelta(hours=3)).isoformat()  # type: ignore[index]
    content = pretty(new_log()) + pretty(ahead) * 2 + pretty(new_log("auth"))
    (folder / "a.log").write_bytes(content)
    assert dict(load().quarantined) == {"time_in_future": 2}
    options = LoadOptions(
        landing=str(folder.parent),
        timezone=ZoneInfo("Asia/Shanghai"),
        keys=KEYS,
        settle_seconds=0,
        now=lambda: datetime.now(UTC) + timedelta(hours=4),
    )
    report = replay_source("qwen_code", warehouse.connect, options)
    assert (report.landed, report.duplicate, report.unreadable) == (2, 0, 0)
    # A later delivery of the same is known, also where it does not begin alike.
    (folder / "b.log").write_bytes(pretty(new_log("config")) + content)
    again = load_source("qwen_code", warehouse.connect, options)
    assert (again.landed, again.duplicate) == (1, 4)


def test_lines_longer_than_others_land(warehouse: Database, folder: Path, load: Load) -> None:
    text = "x" * (3 * 2**20)
    long = old_log("qwen-code.api_request", request_text=text, prompt_id="p")
    body = json.dumps(otlp_body(*[otlp_record(response_text={"stringValue": text})] * 2))
    (folder / "a.log").write_bytes(pretty(long) + pretty(new_log()))
    (folder / "b.ndjson").write_text(body + "\n")
    report = load()
    assert (report.landed, report.quarantined) == (4, {})
    lengths = rows(
        warehouse,
        "select coalesce(payload -> 'fields' -> 'request_text_length',"
        " payload -> 'fields' -> 'response_text_length')::int"
        " from staging.raw_qwen_code_events where event_name like 'api%'",
    )
    assert lengths == [(len(text),)] * 3
