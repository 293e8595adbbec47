"""The envelope as the producers write it: CloudEvents 1.0, structured JSON."""

from __future__ import annotations

import msgspec


class Line(msgspec.Struct, gc=False, omit_defaults=True, kw_only=True):
    """One event's line; a field that is None stays away."""

    specversion: str | None = None
    id: str | None
    source: str
    type: str
    time: str
    sequence: str | None = None
    boot: str | None = None
    datacontenttype: str | None = None
    data: object
