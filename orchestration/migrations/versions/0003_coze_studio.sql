-- One row per product event of the agent studio landed. The columns up to event_name mean what
-- they mean in raw_support_events; see there.
create table staging.raw_coze_studio_events (
    occurred_at timestamptz not null,
    -- 128 bits of a keyed hash of (app, web id or user id, event_index), else of the record and
    -- its place among equal ones of its file.
    event_key uuid not null,
    load_id bigint not null,
    line_number bigint not null,
    loaded_at timestamptz not null default now(),
    -- event_index: contiguous per (producer, boot); NULL when absent or broken.
    sequence bigint,
    -- User, else device, else producer: the distribution key on Citus.
    entity_id text not null,
    event_name text not null,
    -- app_id of the header.
    producer text not null,
    -- event_index, else a hash and the place among equals.
    event_id text not null,
    -- Keyed hash of web_id, else of user_unique_id: the scope of event_index.
    boot text,
    -- Keyed hash of user_unique_id, else boot.
    user_key text,
    -- session_id of the SDK: one visit.
    visit_id text,
    -- {is_catalogued, params, header}; params redacted, those that break their type included.
    payload jsonb not null,
    -- Names of what was required but missing, or broke its type.
    violations text[]
);
create unique index raw_coze_studio_events_identity
    on staging.raw_coze_studio_events (occurred_at, event_key);
create index raw_coze_studio_events_load_id
    on staging.raw_coze_studio_events using brin (load_id);
