"""Made-up telemetry in the shapes of the client's versions."""

from __future__ import annotations

import json
from typing import Any

SESSION = "3f0c1a52-0000-4000-8000-000000000001"
# 2025-12-01T04:00:00.250Z, in microseconds since 2000-01-01 UTC.
MICROS = 817_876_800_250_000
UNIX_SECONDS, NANOS = 1_764_561_600, 250_000_000
STAMP = "2025-12-01T04:00:00.250Z"


def pretty(document: object) -> bytes:
    """Write a document as the client does."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def attributes(name: str, **fields: object) -> dict[str, object]:
    return {"session.id": SESSION, "event.name": name, "event.timestamp": STAMP, **fields}


def old_log(name: str = "qwen-code.tool_call", **fields: object) -> dict[str, object]:
    """Return a log record of versions up to 0.15: hrTime, session in the resource too."""
    return {
        "hrTime": [UNIX_SECONDS, NANOS],
        "resource": {
            "_rawAttributes": [
                ["host.name", "workstation"],
                ["process.command_args", ["node", "cli.js", "-p", "secret"]],
                ["service.version", "v20.20.2"],
                ["session.id", SESSION],
            ]
        },
        "instrumentationScope": {"name": "qwen-code"},
        "attributes": attributes(name, **fields),
        "_body": "Tool call.",
    }


def new_log(name: str = "session.start", **fields: object) -> dict[str, object]:
    """Return a log record of 0.24: _hrTime, the client's own version."""
    return {
        "resource": {"_rawAttributes": [["service.version", "0.24.4"]]},
        "attributes": attributes(name, **fields),
        "_hrTime": [UNIX_SECONDS, NANOS],
        "_body": "Session started.",
    }


SPAN = {
    "resource": {"_rawAttributes": []},
    "kind": 0,
    "name": "tool",
    "startTime": [1, 2],
    "endTime": [1, 3],
    "attributes": {},
}
METRICS = {"resource": {"_rawAttributes": []}, "scopeMetrics": [{"metrics": [{"value": 1}]}]}


# Of a counter by what is kept of it: its name, and the type of its tokens.
COUNTERS = {
    "api_calls": ("qwen-code.api.request.count", {}),
    "tool_calls": ("qwen-code.tool.call.count", {}),
    "input_tokens": ("qwen-code.token.usage", {"type": "input"}),
    "output_tokens": ("qwen-code.token.usage", {"type": "output"}),
    "cached_tokens": ("qwen-code.token.usage", {"type": "cache"}),
    "thoughts_tokens": ("qwen-code.token.usage", {"type": "thought"}),
}


def counters(session: object, **counts: int) -> dict[str, Any]:
    """Return metrics of an outfile: what a session used since a second ago."""
    metrics = [
        {
            "descriptor": {"name": COUNTERS[kept][0], "type": "COUNTER"},
            "aggregationTemporality": 1,
            "dataPoints": [
                {
                    "attributes": {"session.id": session, "model": "m", **COUNTERS[kept][1]},
                    "startTime": [UNIX_SECONDS - 1, NANOS],
                    "endTime": [UNIX_SECONDS, NANOS],
                    "value": count,
                }
            ],
        }
        for kept, count in counts.items()
    ]
    return {**METRICS, "scopeMetrics": [{"scope": {"name": "qwen-code"}, "metrics": metrics}]}


def posted_counters(session: str, **counts: int) -> dict[str, Any]:
    """Return the same as an OTLP body."""
    start, end = ((UNIX_SECONDS - ago) * 10**9 + NANOS for ago in (1, 0))
    metrics = []
    for kept, count in counts.items():
        attributes = {"session.id": session, **COUNTERS[kept][1]}
        point = {
            "attributes": [
                {"key": key, "value": {"stringValue": text}} for key, text in attributes.items()
            ],
            "startTimeUnixNano": str(start),
            "timeUnixNano": end,
            "asInt": str(count),
        }
        total = {"aggregationTemporality": 2, "isMonotonic": True, "dataPoints": [point]}
        metrics.append({"name": COUNTERS[kept][0], "sum": total})
    return {"resourceMetrics": [{"resource": {}, "scopeMetrics": [{"metrics": metrics}]}]}


def otlp_body(*records: dict[str, object]) -> dict[str, object]:
    """Return an OTLP/HTTP body of log records."""
    resource = [{"key": "service.version", "value": {"stringValue": "0.15.10"}}]
    scope = {"scope": {"name": "qwen-code"}, "logRecords": list(records)}
    return {"resourceLogs": [{"resource": {"attributes": resource}, "scopeLogs": [scope]}]}


def otlp_record(**values: dict[str, object]) -> dict[str, object]:
    """Return a log record whose attributes are typed values."""
    own = {
        "session.id": {"stringValue": SESSION},
        "event.name": {"stringValue": "qwen-code.api_response"},
        **values,
    }
    return {
        "timeUnixNano": str(UNIX_SECONDS * 10**9 + NANOS),
        "attributes": [{"key": key, "value": value} for key, value in own.items()],
    }
