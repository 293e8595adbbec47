"""URLs without what tells people apart: host and path template, never a query or fragment."""

from __future__ import annotations

import re

# Deeper paths are cut; the studio's own have at most eight segments.
MAX_SEGMENTS = 12
PLACEHOLDER = ":id"
# What follows these in a path is somebody's or something's name, however it looks.
NAMED_AFTER = frozenset(
    {
        "author",
        "member",
        "profile",
        "search",
        "space",
        "tag",
        "team",
        "topic",
        "u",
        "user",
        "users",
    }
)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
# A word of a route: letters with - or _ between them, or a version such as v1.
_ROUTE_WORD = re.compile(r"[A-Za-z]{1,24}(?:[-_][A-Za-z]{1,24}){0,3}|v\d{1,2}")


def reduce_url(text: str) -> str:
    """Reduce a URL, a path or a host to host and path template.

    Port, user, query and fragment go; a segment that is no word of a route becomes `:id`. Of
    a URL that is not http only the scheme is left.
    """
    rest = re.split(r"[?#\\]", text.strip(), maxsplit=1)[0]
    host = ""
    scheme = _SCHEME.match(rest)
    if rest.startswith("//"):
        host, rest = _split_host(rest[2:])
    elif scheme and rest[scheme.end() :].startswith("//"):
        if scheme[1].lower() not in ("http", "https"):
            return f"{scheme[1].lower()}:"
        host, rest = _split_host(rest[scheme.end() + 2 :])
    elif scheme and not rest[scheme.end() :].split("/", maxsplit=1)[0].isdigit():
        return f"{scheme[1].lower()}:"
    elif not rest.startswith("/") and ("." in rest.split("/")[0] or scheme):
        host, rest = _split_host(rest)
    return host + _template(rest)


def _split_host(text: str) -> tuple[str, str]:
    authority, slash, path = text.partition("/")
    host = authority.rpartition("@")[2].partition(":")[0].lower()
    return (host if _HOST.fullmatch(host) else ":host"), slash + path


def _template(path: str) -> str:
    segments = path.split("/")
    reduced = []
    before = ""
    for segment in segments[: MAX_SEGMENTS + 1]:
        is_word = not segment or (
            _ROUTE_WORD.fullmatch(segment) and before.lower() not in NAMED_AFTER
        )
        reduced.append(segment if is_word else PLACEHOLDER)
        before = segment
    return "/".join(reduced)
