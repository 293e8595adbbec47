"""One name for one thing, whichever version of the client wrote it."""

from __future__ import annotations

from collections.abc import Mapping

PREFIX = "qwen-code."
# What every record carries; columns of their own, not fields of the event.
COMMON_FIELDS = frozenset({"session.id", "event.name", "event.timestamp"})
# Names of client versions up to 0.8, and copies that semantic conventions demand beside the
# client's own: today's name by the older one, for every event.
OLDER_FIELDS = {
    "debug_enabled": "debug_mode",
    "original_token_count": "tokens_before",
    "new_token_count": "tokens_after",
    "http.status_code": "status_code",
    "error.message": "error",
    "error.type": "error_type",
}
# The same, of single events.
OLDER_FIELDS_OF = {
    "api_error": {
        "duration": "duration_ms",
        "error": "error_message",
        "error.message": "error_message",
        "model_name": "model",
    },
}


# Names that events have in the client's code, where they differ from those it sends.
CODE_NAMES = {
    "cli_config": "config",
    "content_retry": "chat.content_retry",
    "content_retry_failure": "chat.content_retry_failure",
    "invalid_chunk": "chat.invalid_chunk",
    "model_slash_command": "slash_command.model",
    "protocol_tag_sanitized": "chat.protocol_tag_sanitized",
}


def event_name(wire_name: str) -> str:
    """Return the name without the client's prefix: `qwen-code.tool_call` → `tool_call`."""
    name = wire_name.removeprefix(PREFIX)
    return CODE_NAMES.get(name, name)


def older_names(event: str) -> Mapping[str, str]:
    """Return today's name by the older one, of an event's fields."""
    return {**OLDER_FIELDS, **OLDER_FIELDS_OF.get(event, {})}


def status_code(value: object) -> object:
    """Return a status code given as a text as the number it is."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value
