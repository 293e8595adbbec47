-- One row per version of a row of the AI back office: append-only. The columns up to event_name
-- mean what they mean in raw_support_events; see there.
create table staging.raw_ai_admin_rows (
    -- When the version came about: its own newest time, else when it was read; the first
    -- version of a row without any time is taken to be of 2000-01-01.
    occurred_at timestamptz not null,
    -- 128 bits of a hash of (table, row_id, sequence).
    event_key uuid not null,
    load_id bigint not null,
    -- Place in the batch.
    line_number bigint not null,
    loaded_at timestamptz not null default now(),
    -- Number of the version, from 1.
    sequence bigint not null,
    -- row_id, the distribution key on Citus.
    entity_id text not null,
    -- Table of schema biz.
    event_name text not null,
    producer text not null,
    -- table/row_id#sequence
    event_id text not null,
    boot text,
    site_id text,
    -- The row's key; its parts with a slash between them.
    row_id text not null,
    -- The catalogued columns, redacted; {"is_deleted": true} beside them once the row is gone.
    payload jsonb not null,
    violations text[]
);
create unique index raw_ai_admin_rows_identity
    on staging.raw_ai_admin_rows (occurred_at, event_key);
create index raw_ai_admin_rows_row
    on staging.raw_ai_admin_rows (event_name, row_id, sequence desc);
create index raw_ai_admin_rows_load_id
    on staging.raw_ai_admin_rows using brin (load_id);

-- One row per table of a database read to its end: where the database stood. Append-only; the
-- newest row counts. Transactions before horizon had ended and were seen; next_xid was not yet
-- given out: a database that gives out smaller ones was restored from an older state.
create table staging.source_positions (
    position_id bigint generated always as identity primary key,
    source text not null,
    object text not null,
    -- The server's identity and timeline; NULL when it does not tell.
    cluster text,
    horizon bigint not null,
    next_xid bigint not null,
    read_at timestamptz not null
);
create index source_positions_object on staging.source_positions (source, object, position_id);
