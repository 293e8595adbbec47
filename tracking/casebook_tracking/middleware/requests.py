"""What a middleware tells of a request."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("casebook_tracking")

Request = TypeVar("Request")

# A path segment that is a number, a UUID, or another long token with digits in it.
_IDENTIFIER = re.compile(r"(?:\d+|[0-9a-fA-F-]{16,}|(?=[^/]*\d)[A-Za-z0-9_-]{12,})")


def endpoint_of(method: str, path: str) -> str:
    """`GET`, `/orders/4711` → `GET /orders/{id}`: few names, and none of a person."""
    segments = (
        "{id}" if _IDENTIFIER.fullmatch(segment) else segment for segment in path.split("/")
    )
    return f"{method} {'/'.join(segments)}"


def session_of(find: Callable[[Request], str | None] | None, request: Request) -> str | None:
    """Return what the service's own function finds; None when there is none or it fails."""
    if find is None:
        return None
    try:
        return find(request)
    except Exception as error:  # noqa: BLE001 - foreign code: tracking breaks no request
        logger.warning("session_id failed, the error has no session: %s", type(error).__name__)
        return None
