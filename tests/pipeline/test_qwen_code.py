"""The coding agent's tables: equal to the client's own stats, and to a full refresh."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raw_loaders.loading import LoadOptions, load_source
from tests.property.warehouses import KEYS, keyed
from tests.unit.qwen_code.captures import METRICS, SPAN, pretty

if TYPE_CHECKING:
    from tests.oracle.rows import Row
    from tests.pipeline.conftest import WarehouseFactory
    from tests.property.warehouses import Warehouse

LAYERS = ("seeds", "models/staging", "models/intermediate", "models/facts", "models/marts")
MODELS = ("stg_casebook__builds", *(f"path:dbt_project/{layer}/qwen_code" for layer in LAYERS))
OLD, NEW, BOTH = "old-session", "new-session", "both-session"


def log(session: str, second: int, name: str, *, is_new: bool, **fields: Any) -> bytes:
    """Write a log record in the shape of version 0.24 or of an older one."""
    stamp = f"2025-12-01T04:00:{second:02d}.250Z"
    attributes = {"session.id": session, "event.name": name, "event.timestamp": stamp, **fields}
    version = "0.24.4" if is_new else "v20.20.2"
    resource = {"_rawAttributes": [["service.version", version], ["session.id", session]]}
    time = {"_hrTime" if is_new else "hrTime": [1_764_561_600 + second, 250_000_000]}
    return pretty({**time, "resource": resource, "attributes": attributes, "_body": ""})


def usage(tokens: int, output: int, cached: int, **fields: Any) -> dict[str, Any]:
    """Give the fields of an answer."""
    return {
        "model": "coder",
        "status_code": 200,
        "duration_ms": 100,
        "input_token_count": tokens,
        "output_token_count": output,
        "cached_content_token_count": cached,
        "thoughts_token_count": 1,
        "total_token_count": tokens + output,
        **fields,
    }


def tool(name: str, status: str, decision: str | None, **fields: Any) -> dict[str, Any]:
    """Give the fields of a call of a tool."""
    made = {"function_name": name, "status": status, "success": status == "success"}
    decided = {} if decision is None else {"decision": decision}
    return {**made, **decided, "duration_ms": 7, **fields}


def outfile(session: str, *, is_new: bool) -> list[bytes]:
    """Write a session with every kind of call, tool decisions and lines."""

    def event(second: int, name: str, **fields: Any) -> bytes:
        wire_name = name if name.startswith("session.") else f"qwen-code.{name}"
        return log(session, second, wire_name, is_new=is_new, **fields)

    lines = {"model_added_lines": 5, "model_removed_lines": 2, "user_added_lines": 9}
    helper = f"{session}#general-purpose-a1b2#0"
    own = f"{session}#managed-auto-memory-extractor-c3#0"
    named = {"subagent_name": "managed-auto-memory-extractor"} if is_new else {}
    documents = [
        event(0, "config", approval_mode="default", model="coder"),
        event(1, "user_prompt", prompt_id=f"{session}########0", prompt_length=11),
        event(2, "api_response", **usage(1000, 50, 400, prompt_id=f"{session}########0")),
        event(3, "tool_call", **tool("edit", "success", "modify", metadata=lines)),
        event(4, "tool_call", **tool("edit", "cancelled", "reject")),
        event(5, "tool_call", **tool("edit", "error", None)),
        event(6, "api_response", **usage(300, 30, 0, prompt_id=helper)),
        event(7, "api_response", **usage(200, 20, 0, prompt_id=own, **named)),
        event(8, "api_error", model="coder", duration_ms=40, status_code="429", prompt_id="x"),
        event(9, "loop_detected", loop_type="consecutive_identical_tool_calls"),
        event(10, "file_operation", operation="update", programming_language="Python", lines=5),
        pretty(SPAN),
        pretty(METRICS),
    ]
    return [*documents, event(11, "session.end")] if is_new else documents


def recording(session: str, uuid: str, second: int, name: str, **fields: Any) -> bytes:
    """Write a line of a chat recording: its time is its own, some milliseconds later."""
    stamp = f"2025-12-01T04:00:{second:02d}.253Z"
    event = {"event.name": f"qwen-code.{name}", "event.timestamp": stamp, **fields}
    line = {
        "uuid": uuid,
        "sessionId": session,
        "type": "system",
        "subtype": "ui_telemetry",
        "version": "0.15.10",
        "timestamp": stamp,
        "systemPayload": {"uiEvent": event},
    }
    return json.dumps(line).encode() + b"\n"


# What the client would print itself for a session of `outfile`.
NO_DECISIONS = {"accept": 0, "reject": 0, "modify": 0, "auto_accept": 0}
STATS = {
    "models": {
        "coder": {
            "api": {"totalRequests": 4, "totalErrors": 1, "totalLatencyMs": 340},
            "tokens": {
                "prompt": 1500,
                "candidates": 100,
                "total": 1600,
                "cached": 400,
                "thoughts": 3,
                "tool": 0,
            },
        }
    },
    "tools": {
        "edit": {
            "count": 3,
            "success": 1,
            "fail": 2,
            "durationMs": 21,
            "decisions": {**NO_DECISIONS, "reject": 1, "modify": 1},
        }
    },
    "files": {"totalLinesAdded": 5, "totalLinesRemoved": 2},
}


def stats_of(session: Row) -> dict[str, Any]:
    """Give a session in the shape of the client's own stats."""
    lines = {
        "totalLinesAdded": session["lines_added"],
        "totalLinesRemoved": session["lines_removed"],
    }
    return {"models": session["models"], "tools": session["tools"], "files": lines}


def land(warehouse: Warehouse, name: str, content: bytes) -> None:
    """Write a file, or what it has grown to, and load it."""
    folder = Path(warehouse.settings.landing) / "qwen_code"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    options = LoadOptions(
        landing=warehouse.settings.landing,
        timezone=warehouse.settings.timezone,
        keys=KEYS,
        settle_seconds=0,
    )
    load_source("qwen_code", warehouse.database.connect, options).raise_failures()


def test_qwen_code_sessions_equal_the_clients_own_stats_however_they_arrive(
    new_warehouse: WarehouseFactory,
) -> None:
    warehouse = new_warehouse("coding")
    old, new = outfile(OLD, is_new=False), outfile(NEW, is_new=True)
    both = outfile(BOTH, is_new=False)
    recorded = b"".join(
        recording(BOTH, f"uuid-{second}", second, "api_response", **usage(1000, 50, 400))
        for second in range(2, 4)
    )
    land(warehouse, "old.log", b"".join(old[:5]))
    land(warehouse, "both.jsonl", recorded)
    warehouse.build(only=MODELS)
    first = keyed(warehouse.rows("facts", "fct_coding_sessions"), "session_id")
    assert (first[BOTH,]["carrier"], first[BOTH,]["api_call_count"]) == ("recording", 2)
    assert first[BOTH,]["turn_count"] is None
    assert first[OLD,]["api_call_count"] == 1

    land(warehouse, "old.log", b"".join(old))
    land(warehouse, "both.log", b"".join(both[:3]))
    # Killed after its first models: the next build makes up for it.
    warehouse.build(only=(*MODELS[:4], "fct_coding_events", "fct_coding_api_calls"), is_killed=True)
    land(warehouse, "both.log", b"".join(both))
    land(warehouse, "new.log", b"".join(new))
    warehouse.build(only=MODELS)
    sessions = keyed(warehouse.rows("facts", "fct_coding_sessions"), "session_id")
    assert {key: stats_of(row) for key, row in sessions.items()} == {
        (OLD,): STATS,
        (NEW,): STATS,
        (BOTH,): STATS,
    }
    kinds = ("main_call_count", "subagent_call_count", "internal_call_count")
    for row in sessions.values():
        assert (row["carrier"], *(row[kind] for kind in kinds)) == ("telemetry", 2, 1, 1)
        assert (row["cost_amount"], row["cost_status"]) == (None, "unpriced")
        assert (row["turn_count"], row["loop_count"], row["api_retry_count"]) == (1, 1, None)
    assert sessions[BOTH,]["is_carrier_disagreement"]
    assert [sessions[key,]["is_end_observed"] for key in (OLD, NEW)] == [False, True]

    tables = [table for table in warehouse.tables() if "coding_" in table[1]]
    assert len(tables) == 10
    before = {table: warehouse.row_texts(*table) for table in tables}
    warehouse.build(full_refresh=True, only=MODELS)
    for table in tables:
        assert before[table], table
        assert warehouse.row_texts(*table) == before[table], table
