"""A made-up outfile of the AI coding agent: sessions with prompts, model and tool calls.

In the shape of version 0.24; its texts are placeholders, which do not land anyway.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from orchestration.samples.guards import SAMPLE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERSION = "0.24.4"
MODELS = ("qwen3-coder-plus", "qwen3-coder-flash")
TOOLS = ("read_file", "edit", "write_file", "run_shell_command", "grep_search")
LANGUAGES = (("Python", ".py"), ("TypeScript", ".ts"), ("SQL", ".sql"))
# Shares of calls of a model and of a tool that fail, and of edits that a person refuses.
MODEL_FAILS = 0.03
TOOL_FAILS = 0.06
REFUSED = 0.1


@dataclass(frozen=True, kw_only=True)
class Coding:
    """What to make up; `end` is the last day (UTC)."""

    end: date
    days: int = 14
    sessions_per_day: int = 6
    seed: int = 5


def write_coding_sample(coding: Coding, landing: Path) -> int:
    """Write one outfile a day under `landing/qwen_code/`; give how many events."""
    folder = landing / "qwen_code"
    folder.mkdir(parents=True, exist_ok=True)
    rng = Random(coding.seed)  # noqa: S311 - no secret
    events = 0
    for number in range(coding.days):
        day = coding.end - timedelta(days=coding.days - 1 - number)
        documents = [
            document
            for session in range(coding.sessions_per_day)
            for document in _session(f"{day:%Y%m%d}-{session:02d}", day, rng)
        ]
        path = folder / f"{SAMPLE_PREFIX}{day:%Y%m%d}.log"
        path.write_text("".join(json.dumps(each, indent=2) + "\n" for each in documents))
        events += len(documents)
    return events


def _session(session: str, day: date, rng: Random) -> Iterator[dict[str, Any]]:
    """Yield a session's log records in their order."""
    moment = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    moment += timedelta(minutes=rng.randrange(12 * 60))
    for name, seconds, fields in _events(session, rng):
        moment += timedelta(seconds=seconds)
        stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
        own = {"session.id": session, "event.name": name, "event.timestamp": stamp}
        yield {
            "resource": {"_rawAttributes": [["service.version", VERSION]]},
            "attributes": {**own, **fields},
            "_hrTime": [int(moment.timestamp()), moment.microsecond * 1000],
        }


def _events(session: str, rng: Random) -> Iterator[tuple[str, float, dict[str, Any]]]:
    """Yield name, seconds since the event before, and fields."""
    yield "session.start", 0, {}
    yield "qwen-code.config", 0.2, {"model": MODELS[0], "approval_mode": "default"}
    for turn in range(rng.randint(1, 4)):
        prompt = {"prompt_id": f"{session}########{turn}"}
        yield "qwen-code.user_prompt", rng.uniform(5, 90), {**prompt, "prompt_length": 80}
        for _ in range(rng.randint(1, 5)):
            yield from _model_call(prompt, rng)
            yield from _tool_call(prompt, rng)
        yield from _model_call(prompt, rng)
    if rng.random() < 0.1:
        before = {"tokens_before": 180_000, "tokens_after": 40_000}
        yield "qwen-code.chat_compression", 2, before
    if rng.random() < 0.05:
        yield "loop_detected", 1, {"loop_type": "consecutive_identical_tool_calls", **prompt}
    yield "session.end", 4, {}


def _model_call(prompt: dict[str, Any], rng: Random) -> Iterator[tuple[str, float, dict[str, Any]]]:
    took = round(rng.lognormvariate(8, 0.6))
    call = {**prompt, "model": rng.choice(MODELS), "duration_ms": took, "auth_type": "openai"}
    if rng.random() < MODEL_FAILS:
        failed = {"status_code": 429, "error_type": "RateLimitError", "error_message": "Slow down."}
        yield "qwen-code.api_error", took / 1000, {**call, **failed}
        return
    read, written = rng.randrange(8_000, 90_000), rng.randrange(20, 1_500)
    tokens = {
        "input_token_count": read,
        "cached_content_token_count": read * rng.randrange(0, 9) // 10,
        "output_token_count": written,
        "thoughts_token_count": written // 4,
        "total_token_count": read + written,
    }
    yield (
        "qwen-code.api_response",
        took / 1000,
        {**call, **tokens, "status_code": 200, "ttft_ms": took // 3},
    )


def _tool_call(prompt: dict[str, Any], rng: Random) -> Iterator[tuple[str, float, dict[str, Any]]]:
    name = rng.choice(TOOLS)
    is_edit = name in ("edit", "write_file")
    decision = "reject" if is_edit and rng.random() < REFUSED else "accept"
    status = "success" if rng.random() > TOOL_FAILS else "error"
    call: dict[str, Any] = {
        **prompt,
        "function_name": name,
        "duration_ms": rng.randrange(5, 4_000),
        "decision": decision if is_edit else "auto_accept",
        "status": "cancelled" if decision == "reject" else status,
        "tool_type": "native",
    }
    call["success"] = call["status"] == "success"
    if is_edit and call["success"]:
        lines = {"model_added_lines": rng.randrange(1, 60), "model_removed_lines": rng.randrange(9)}
        language, extension = rng.choice(LANGUAGES)
        operation = {
            "tool_name": name,
            "operation": "update" if name == "edit" else "create",
            "lines": lines["model_added_lines"],
            "programming_language": language,
            "extension": extension,
        }
        yield "qwen-code.file_operation", 0.1, operation
        call["metadata"] = lines
    yield "qwen-code.tool_call", 0.1, call
