"""What a Redis does in one instant: claim, read and acknowledge entries of a stream.

KEYS of each script: the stream, and a hash of what is known of it. Its fields:

- `life` names the stream from its making to its end: another one may have the same ids.
- `gone` is how many of all entries ever added are not in the stream any more and accounted for:
  landed, or noted as lost. More of them missing are entries that nobody has seen.
- `deleted` is how many of these the loader itself deleted.
- Every other field is a loss, to be put into the ledger and only then taken out:
  `<life> gone <first> to <last>`, entries by their number among those that went, of which it
  holds how many; `<life> entry <id>`, one that vanished after a consumer, now dead, had read it,
  which is none when that consumer had committed it.

ARGV begin with the group and the consumer.
"""

from __future__ import annotations

# Entries read in one step of a script, whose bytes are known only then. One at a time kept Redis
# busy for 98 ms of 10,000 small entries, five for 39 ms, all at once for 41 ms.
STEP_ENTRIES = 5

# Behind ARGV: name of a life that begins. The hash holds afterwards; `left` is how many entries
# are not in the stream any more.
_BEGIN = """
local function field(list, name)
    for i = 1, #list, 2 do if list[i] == name then return list[i + 1] end end
end
local group
for _, each in ipairs(redis.call('xinfo', 'groups', KEYS[1])) do
    if field(each, 'name') == ARGV[1] then group = each end
end
if not group then return redis.error_reply('NOGROUP the consumer group is gone') end
local stream = redis.call('xinfo', 'stream', KEYS[1])
local left = field(stream, 'entries-added') - field(stream, 'length')
local life = redis.call('hget', KEYS[2], 'life')
local gone = tonumber(redis.call('hget', KEYS[2], 'gone'))
local deleted = tonumber(redis.call('hget', KEYS[2], 'deleted') or 0)
if not life or not gone or left < gone
    or (deleted > 0 and field(stream, 'max-deleted-entry-id') == '0-0') then
    life = ARGV[3]
    -- What went before it was first looked at is lost, unless somebody had read by then.
    gone = field(group, 'last-delivered-id') == '0-0' and 0 or left
    redis.call('hset', KEYS[2], 'life', life, 'gone', gone, 'deleted', 0)
end
"""

# Entries in a table, until there are enough. ARGV go on with: entries and bytes of a batch.
_COLLECT = f"""
local entries, bytes = {{}}, 0
local function collect(list)
    for _, entry in ipairs(list) do
        for _, text in ipairs(entry[2]) do bytes = bytes + #text end
        entries[#entries + 1] = entry
    end
end
local vanished = 0
local function wanted()
    if bytes >= tonumber(ARGV[5]) then return 0 end
    return math.max(0, math.min({STEP_ENTRIES}, ARGV[4] - #entries - vanished))
end
"""

_ANSWER = """
local losses = {}
local all = redis.call('hgetall', KEYS[2])
for i = 1, #all, 2 do
    if all[i]:find(' ') then
        losses[#losses + 1] = all[i]
        losses[#losses + 1] = all[i + 1]
    end
end
return {life, losses, entries, cursor}
"""

# Claims what other consumers left, from ARGV[6] on. XAUTOCLAIM forgets entries that it does not
# find, so they are noted in the same instant. Gives life, losses, entries and where to go on.
CLAIM = (
    _BEGIN
    + _COLLECT
    + """
local cursor = ARGV[6]
repeat
    local answer = redis.call('xautoclaim', KEYS[1], ARGV[1], ARGV[2], 0, cursor,
        'count', wanted())
    cursor = answer[1]
    collect(answer[2])
    vanished = vanished + #answer[3]
    for _, id in ipairs(answer[3]) do
        -- Unless it was counted before, with new ones that were missing.
        if gone < left then
            redis.call('hset', KEYS[2], life .. ' entry ' .. id, 1)
            gone = redis.call('hincrby', KEYS[2], 'gone', 1)
        end
    end
until cursor == '0-0' or wanted() == 0
"""
    + _ANSWER
)

# Reads new entries, after all that was claimed is acknowledged: whatever else is missing now is
# lost. Gives life, losses, entries and an end.
READ = (
    _BEGIN
    + _COLLECT
    + """
local cursor = '0-0'
if left > gone then
    redis.call('hset', KEYS[2], life .. ' gone ' .. (gone + 1) .. ' to ' .. left, left - gone,
        'gone', left)
end
repeat
    local answer = redis.call('xreadgroup', 'group', ARGV[1], ARGV[2], 'count', wanted(),
        'streams', KEYS[1], '>')
    if not answer then break end
    collect(answer[1][2])
until wanted() == 0
"""
    + _ANSWER
)

# Acknowledges and deletes the entries ARGV[2] and on, which are committed. One that is not
# pending is another one of this id: of a stream, or for a group, that was made anew meanwhile.
ACKNOWLEDGE = """
local acknowledged, deleted = 0, 0
for i = 2, #ARGV do
    if redis.call('xack', KEYS[1], ARGV[1], ARGV[i]) == 1 then
        acknowledged = acknowledged + 1
        deleted = deleted + redis.call('xdel', KEYS[1], ARGV[i])
    end
end
if acknowledged == 0 then return end
local stream = redis.call('xinfo', 'stream', KEYS[1])
local known = {}
for i = 1, #stream, 2 do known[stream[i]] = stream[i + 1] end
-- No more than are gone: one that was trimmed meanwhile may have been counted before.
local gone = (redis.call('hget', KEYS[2], 'gone') or 0) + acknowledged
redis.call('hset', KEYS[2], 'gone', math.min(gone, known['entries-added'] - known['length']))
redis.call('hincrby', KEYS[2], 'deleted', deleted)
"""
