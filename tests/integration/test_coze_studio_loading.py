"""Posted bodies into a real warehouse: conserved, exactly once, whatever the order."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import sql

from orchestration.database import Database
from raw_loaders.coze_studio.bodies import PostedEvent, read_line
from raw_loaders.load_reports import raise_failures
from raw_loaders.loading import LoadOptions, LoadReport, load_source
from raw_loaders.redaction import HashKeys
from tests.unit.coze_studio.posts import VISIT, body, capture, event, post

Load = Callable[..., LoadReport]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The source's folder of a landing directory."""
    folder = tmp_path / "landing" / "coze_studio"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def load(warehouse: Database, folder: Path) -> Load:
    """Load what is in the folder; a `key` other than the default is a rotated one."""

    def load(key: str = "k1") -> LoadReport:
        keys = HashKeys(key=key.encode(), key_id=key, identity_key=b"identity")
        options = LoadOptions(
            landing=str(folder.parent),
            timezone=ZoneInfo("Asia/Shanghai"),
            keys=keys,
            settle_seconds=0,
        )
        report = load_source("coze_studio", warehouse.connect, options)
        raise_failures([report])
        quarantined = report.quarantined.total()
        assert report.read == report.landed + report.duplicate + quarantined
        return report

    return load


def write(path: Path, *lines: bytes) -> None:
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def rows(warehouse: Database, query: str) -> list[Any]:
    with warehouse.connect() as connection:
        return connection.execute(query.encode()).fetchall()


def test_events_land_with_their_keys_and_redacted(
    warehouse: Database, folder: Path, load: Load
) -> None:
    bot = event("create_bot_result", 2, result="success", bot_name="Ann's", source="menu_bar")
    write(folder / "a.ndjson", post(body(event("page_view", 1), bot)))
    assert load().landed == 2
    ((name, index, producer, visit, is_user, payload, violations),) = rows(
        warehouse,
        "select event_name, sequence, producer, visit_id, entity_id = user_key, payload,"
        " violations from staging.raw_coze_studio_events where sequence = 2",
    )
    assert (name, index, producer, visit, is_user) == ("create_bot_result", 2, "7", VISIT, True)
    assert payload["params"] == {"result": "success", "bot_name_length": 5, "source": "menu_bar"}
    assert violations == ["workspace_type", "bot_desc"]


def test_reads_count_events_and_a_broken_line_as_one(
    warehouse: Database, folder: Path, load: Load
) -> None:
    write(
        folder / "a.ndjson",
        capture(body(), url="/webid"),
        post(body(event("a", 1), event("b", 2), 7)),
        b"{",
        b"",
        capture(body(event("c", 3)), code=500),
    )
    report = load()
    assert (report.read, report.landed, dict(report.quarantined)) == (5, 3, {"malformed": 2})
    assert rows(
        warehouse, "select line_number, byte_offset > 0 from staging.quarantine order by 1"
    ) == [(2, True), (3, True)]
    assert rows(
        warehouse,
        "select convert_from(raw_bytes, 'UTF8') from staging.quarantine_raw order by 1",
    ) == [("7",), ("{",)]


def test_rejected_events_say_which_counter_they_held(
    warehouse: Database, folder: Path, load: Load
) -> None:
    write(folder / "a.ndjson", post(body({**event("a", 4), "local_time_ms": 1})))
    assert load().quarantined == {"time_too_old": 1}
    assert rows(
        warehouse,
        "select producer, boot is not null, sequence from staging.rejected_sequences",
    ) == [("7", True, 4)]


def test_what_a_quarantine_keeps_of_an_event_can_be_replayed(
    warehouse: Database, folder: Path, load: Load
) -> None:
    write(folder / "a.ndjson", post(body(event("a", 1), {**event("b", 2), "event": ""})))
    assert load().quarantined == {"invalid_envelope": 1}
    ((raw,),) = rows(warehouse, "select raw_bytes from staging.quarantine_raw")
    (part,) = read_line(bytes(raw))
    assert isinstance(part, PostedEvent)
    assert (part.user, part.header["app_id"]) == (body()["user"], 7)


def test_events_redelivered_in_another_file_are_duplicates(
    warehouse: Database, folder: Path, load: Load
) -> None:
    first, retry = body(event("a", 1), event("b")), body(event("b"), event("c", 2))
    write(folder / "a.ndjson", capture(first, code=500))
    write(folder / "b.ndjson", capture(first), post(retry))
    report = load()
    # The third "b" is the second in its file: another event that says the same.
    assert (report.landed, report.duplicate) == (4, 2)
    assert load().read == 0
    assert rows(warehouse, "select count(*) from staging.raw_coze_studio_events") == [(4,)]


def test_the_same_index_with_other_content_is_a_conflict(folder: Path, load: Load) -> None:
    write(folder / "a.ndjson", post(body(event("view_bot", 1, tab="my_bots"))))
    write(folder / "b.ndjson", post(body(event("view_bot", 1, tab="starred_bots"))))
    report = load()
    assert (report.landed, dict(report.quarantined)) == (1, {"id_conflict": 1})


def test_a_grown_file_adds_only_what_is_new(warehouse: Database, folder: Path, load: Load) -> None:
    twin = post(body(event("heartbeat")))
    write(folder / "a.ndjson", twin, twin)
    assert load().landed == 2
    # Without memory of the first part the third twin would pass for the first.
    write(folder / "a.ndjson", twin, twin, twin, post(body(event("a", 1))))
    report = load()
    assert (report.read, report.landed, report.duplicate) == (2, 2, 0)
    # Not one that begins like it, which goes on where the other ends.
    new = post(body(event("z", 9))) + b"\n"
    (folder / "copy.ndjson").write_bytes(new + (folder / "a.ndjson").read_bytes())
    report = load()
    assert (report.landed, report.duplicate) == (1, 4)
    assert rows(warehouse, "select count(*) from staging.raw_coze_studio_events") == [(5,)]


def test_copies_are_known_after_the_key_was_rotated(folder: Path, load: Load) -> None:
    line = post(body(event("playground_set_front", 1, user_id="ann", action="run")))
    write(folder / "a.ndjson", line)
    assert load("k1").landed == 1
    write(folder / "b.ndjson", post(body(event("a", 2))), line)
    report = load("k2")
    assert (report.landed, report.duplicate, report.quarantined.total()) == (1, 1, 0)


def test_violations_and_unknown_parameters_are_counted(
    warehouse: Database, folder: Path, load: Load
) -> None:
    broken = event("page_view", 1, need_login="yes", secret_plan="x")
    write(folder / "a.ndjson", post(body(broken)))
    load()
    counts = rows(
        warehouse,
        "select outcome, reason, line_count from staging.load_counts"
        " where outcome <> 'landed' order by outcome, reason",
    )
    assert ("unknown_field", "secret_plan", 1) in counts
    assert ("violation", "need_login", 1) in counts
    assert ("violation", "full_url", 1) in counts


def test_no_secret_reaches_the_warehouse(
    warehouse: Database, folder: Path, load: Load, connection: psycopg.Connection
) -> None:
    secret = "Tr0ub4dor"
    write(
        folder / "a.ndjson",
        post(
            body(
                event("create_bot_result", 1, bot_name=secret, error_message=secret),
                event("search_front", 2, search_word=secret, full_url=f"https://h/x?q={secret}"),
                event("heard_of_by_nobody", 3, anything=secret),
                user={"user_unique_id": secret, "web_id": secret},
            )
        ),
    )
    assert load().landed == 3
    tables = connection.execute(
        "select tablename from pg_tables where schemaname = 'staging'"
    ).fetchall()
    for (table,) in tables:
        dump = json.dumps(
            connection.execute(
                sql.SQL("select t::text from staging.{} as t").format(sql.Identifier(table))
            ).fetchall()
        )
        assert secret not in dump, table
