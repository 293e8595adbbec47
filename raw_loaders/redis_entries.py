"""Entries of a Redis stream as lines, and the script that reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# The one field of an entry; its value is an event as a line of JSON.
FIELD = b"event"

# Reads new entries and, in the same instant, counts those that vanished unread. KEYS: the
# stream, a hash of losses (ordinal of the first lost entry: how many). Its field `ordinal` is
# the number, among all entries ever added, of the last one delivered; `read` is what the
# group counted as delivered by then: what somebody else has read in its name since; `life`
# names the stream from its making to its end, as another one counts and may number anew.
# ARGV: group, consumer, count, name of a life that begins. Gives the entries.
READ = """
local function field(list, name)
    for i = 1, #list, 2 do if list[i] == name then return list[i + 1] end end
end
local function find_group()
    for _, group in ipairs(redis.call('xinfo', 'groups', KEYS[1])) do
        if field(group, 'name') == ARGV[1] then return group end
    end
end
local group = find_group()
if not group then return redis.error_reply('NOGROUP the consumer group is gone') end
local last = field(group, 'last-delivered-id')
local added = field(redis.call('xinfo', 'stream', KEYS[1]), 'entries-added')
if redis.call('exists', KEYS[2]) == 0
    or added < tonumber(redis.call('hget', KEYS[2], 'ordinal') or '0') then
    redis.call('del', KEYS[2])
    redis.call('hset', KEYS[2], 'life', ARGV[4])
end
local unread = redis.call('xlen', KEYS[1]) - #redis.call('xrange', KEYS[1], '-', last)
local known = tonumber(redis.call('hget', KEYS[2], 'read') or '0')
local ordinal = tonumber(redis.call('hget', KEYS[2], 'ordinal') or '0')
    + math.max(0, (field(group, 'entries-read') or known) - known)
local lost = added - unread - ordinal
if lost > 0 then redis.call('hset', KEYS[2], ordinal + 1, lost) end
local answer = redis.call('xreadgroup', 'group', ARGV[1], ARGV[2], 'count', ARGV[3],
    'streams', KEYS[1], '>')
local entries = {}
if answer then entries = answer[1][2] end
redis.call('hset', KEYS[2], 'ordinal', added - unread + #entries,
    'read', field(find_group(), 'entries-read') or 0)
return entries
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the stream."""

    id: str
    line: bytes


def read_entry(raw_id: bytes, fields: Sequence[bytes]) -> Entry:
    """Return an entry as one line; `fields` are names and values in turn, as Redis has them.

    Without exactly one event its line is the JSON of all fields: it is rejected like any line
    that is no object, and what the producer sent is in quarantine.
    """
    pairs = list(zip(fields[::2], fields[1::2], strict=True))
    events = [value for name, value in pairs if name == FIELD]
    if len(events) == 1 and events[0].strip():
        # A line end would be none in JSON either.
        return Entry(raw_id.decode(), events[0].replace(b"\n", b" "))
    texts = [[text.decode("utf-8", "surrogateescape") for text in pair] for pair in pairs]
    return Entry(raw_id.decode(), json.dumps(texts).encode())
