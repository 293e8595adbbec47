"""The coding agent's tables: equal to the client's own stats, and to a full refresh."""

from __future__ import annotations

import json
from collections import Counter
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.property.warehouses import keyed
from tests.unit.qwen_code.captures import METRICS, SPAN, counters, pretty

if TYPE_CHECKING:
    from tests.oracle.rows import Row
    from tests.pipeline.conftest import WarehouseFactory
    from tests.property.warehouses import Warehouse

LAYERS = ("seeds", "models/staging", "models/intermediate", "models/facts", "models/marts")
MODELS = ("stg_casebook__builds", *(f"path:dbt_project/{layer}/qwen_code" for layer in LAYERS))
OLD, NEW, BOTH = "old-session", "new-session", "both-session"
# Sessions that come by three ways, one for each order of them.
WAYS = ("log", "ndjson", "jsonl")
THRICE = {f"thrice-{'-'.join(order)}": order for order in permutations(WAYS)}


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
    if not is_new:
        # Version 0.24 tells its own counters without a session.
        documents.append(pretty(counters(session, **COUNTED)))
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


def posted(documents: list[bytes]) -> bytes:
    """Write the log records of an outfile as one OTLP body."""
    records = [
        {"attributes": [{"key": key, "value": otlp(each)} for key, each in log.items()]}
        for document in documents
        if (log := json.loads(document).get("attributes"))
    ]
    version = {"key": "service.version", "value": {"stringValue": "v20.20.2"}}
    scope = {"resource": {"attributes": [version]}, "scopeLogs": [{"logRecords": records}]}
    return json.dumps({"resourceLogs": [scope]}).encode() + b"\n"


def otlp(value: Any) -> dict[str, Any]:
    """Give a value its OTLP type."""
    if isinstance(value, dict):
        pairs = [{"key": key, "value": otlp(each)} for key, each in value.items()]
        return {"kvlistValue": {"values": pairs}}
    kinds = {bool: "boolValue", int: "intValue", str: "stringValue"}
    return {kinds[type(value)]: value}


def recorded(documents: list[bytes]) -> bytes:
    """Write the calls of an outfile as the recording of the same session."""
    lines = []
    for number, document in enumerate(documents):
        fields = json.loads(document).get("attributes") or {}
        session, name = fields.pop("session.id", ""), fields.pop("event.name", "")
        fields.pop("event.timestamp", None)
        if name.removeprefix("qwen-code.") in ("api_response", "api_error", "tool_call"):
            uuid = f"{session}-{number}"
            lines.append(
                recording(session, uuid, number, name.removeprefix("qwen-code."), **fields)
            )
    return b"".join(lines)


# What the client's own metrics would tell of a session of `outfile`.
COUNTED = {
    "api_calls": 4,
    "tool_calls": 3,
    "input_tokens": 1500,
    "output_tokens": 100,
    "cached_tokens": 400,
    "thoughts_tokens": 3,
}
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
    """Write a file, or what it has grown to, and load it with what else was written."""
    write(warehouse, name, content)
    warehouse.load("qwen_code")


def write(warehouse: Warehouse, name: str, content: bytes) -> None:
    """Write a file, or what it has grown to."""
    folder = Path(warehouse.settings.landing) / "qwen_code"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def write_thrice(warehouse: Warehouse, way: int) -> None:
    """Write what comes first, second or third of the sessions that come by three ways."""
    for session, order in THRICE.items():
        documents = outfile(session, is_new=False)
        content = {
            "log": b"".join(documents),
            "ndjson": posted(documents),
            "jsonl": recorded(documents),
        }
        write(warehouse, f"{session}.{order[way]}", content[order[way]])


def test_qwen_code_sessions_equal_the_clients_own_stats_however_they_arrive(
    new_warehouse: WarehouseFactory,
) -> None:
    warehouse = new_warehouse("coding")
    old, new = outfile(OLD, is_new=False), outfile(NEW, is_new=True)
    both = outfile(BOTH, is_new=False)
    talk = b"".join(
        recording(BOTH, f"uuid-{second}", second, "api_response", **usage(1000, 50, 400))
        for second in range(2, 4)
    )
    write_thrice(warehouse, 0)
    land(warehouse, "old.log", b"".join(old[:5]))
    write_thrice(warehouse, 1)
    land(warehouse, "both.jsonl", talk)
    warehouse.build(only=MODELS)
    first = keyed(warehouse.rows("facts", "fct_coding_sessions"), "session_id")
    assert (first[BOTH,]["carrier"], first[BOTH,]["api_call_count"]) == ("recording", 2)
    assert first[BOTH,]["turn_count"] is None
    assert first[OLD,]["api_call_count"] == 1
    for session in THRICE:
        assert stats_of(first[session,]) == STATS

    write_thrice(warehouse, 2)
    land(warehouse, "old.log", b"".join(old))
    land(warehouse, "both.log", b"".join(both[:3]))
    # Killed after its first models: the next build makes up for it.
    warehouse.build(only=(*MODELS[:4], "fct_coding_events", "fct_coding_api_calls"), is_killed=True)
    land(warehouse, "both.log", b"".join(both))
    land(warehouse, "new.log", b"".join(new))
    warehouse.build(only=MODELS)
    sessions = keyed(warehouse.rows("facts", "fct_coding_sessions"), "session_id")
    assert {key: stats_of(row) for key, row in sessions.items()} == {
        (key,): STATS for key in (OLD, NEW, BOTH, *THRICE)
    }
    for session in THRICE:
        row = sessions[session,]
        assert (row["telemetry_call_count"], row["recording_call_count"]) == (7, 7)
        assert (row["telemetry_total_tokens"], row["recording_total_tokens"]) == (1600, 1600)
        assert not row["is_carrier_disagreement"]
    events = Counter(row["session_id"] for row in warehouse.rows("staging", "raw_qwen_code_events"))
    # Eleven records of telemetry, whichever two ways, and seven of the recording.
    assert {events[session] for session in THRICE} == {18}
    kinds = ("main_call_count", "subagent_call_count", "internal_call_count")
    for row in sessions.values():
        assert (row["carrier"], *(row[kind] for kind in kinds)) == ("telemetry", 2, 1, 1)
        assert (row["cost_amount"], row["cost_status"]) == (None, "unpriced")
        assert (row["turn_count"], row["loop_count"], row["api_retry_count"]) == (1, 1, None)
        is_told = row["session_id"] != NEW
        assert row["is_reported_disagreement"] is (False if is_told else None)
        assert row["reported_input_tokens"] == (1500 if is_told else None)
    assert sessions[BOTH,]["is_carrier_disagreement"]
    assert [sessions[key,]["is_end_observed"] for key in (OLD, NEW)] == [False, True]

    tables = [table for table in warehouse.tables() if "coding_" in table[1]]
    assert len(tables) == 12
    before = {table: warehouse.row_texts(*table) for table in tables}
    warehouse.build(full_refresh=True, only=MODELS)
    for table in tables:
        assert before[table] or table[1] == "coding_command_usage_daily", table
        assert warehouse.row_texts(*table) == before[table], table
