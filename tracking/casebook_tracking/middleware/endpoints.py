"""Names for endpoints: few, and without what identifies a person."""

from __future__ import annotations

import re

# A path segment that is a number, a UUID, or another long token with digits in it.
_IDENTIFIER = re.compile(r"(?:\d+|[0-9a-fA-F-]{16,}|(?=[^/]*\d)[A-Za-z0-9_-]{12,})")


def endpoint_of(method: str, path: str) -> str:
    """`GET`, `/orders/4711` → `GET /orders/{id}`."""
    segments = (
        "{id}" if _IDENTIFIER.fullmatch(segment) else segment for segment in path.split("/")
    )
    return f"{method} {'/'.join(segments)}"
