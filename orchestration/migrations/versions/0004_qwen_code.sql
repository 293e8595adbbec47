-- One row per event of the AI coding agent's telemetry landed. The columns up to event_name
-- mean what they mean in raw_support_events; see there.
create table staging.raw_qwen_code_events (
    occurred_at timestamptz not null,
    -- 128 bits of a keyed hash of the recording's uuid, else of the record and its place among
    -- identical ones of its file.
    event_key uuid not null,
    load_id bigint not null,
    -- First line of the record's document.
    line_number bigint not null,
    loaded_at timestamptz not null default now(),
    -- The client counts nothing: always NULL.
    sequence bigint,
    -- The session: the distribution key on Citus.
    entity_id text not null,
    -- Without the client's prefix `qwen-code.`.
    event_name text not null,
    producer text not null,
    -- uuid of a recording's line, else a hash and the place among identical records.
    event_id text not null,
    -- Always NULL.
    boot text,
    session_id text not null,
    -- {is_catalogued, client_version, fields}; fields under today's names, redacted.
    payload jsonb not null,
    -- Names of fields that broke their type.
    violations text[]
);
create unique index raw_qwen_code_events_identity
    on staging.raw_qwen_code_events (occurred_at, event_key);
create index raw_qwen_code_events_load_id
    on staging.raw_qwen_code_events using brin (load_id);
