-- One row per run of `casebook erase` that found something: what it did, not to whom.
create table staging.erasures (
    erasure_id bigint generated always as identity primary key,
    erased_at timestamptz not null default now(),
    -- customer or session
    kind text not null,
    -- The database login that asked for it.
    asked_by text not null default session_user,
    -- Events whose identifier was removed, or that were deleted.
    event_count bigint not null,
    -- Rejected lines whose bytes were removed.
    raw_line_count bigint not null,
    -- The newest build that had begun: tables of it and of those before hold what was erased.
    after_build_id bigint not null
);

-- One row per erased customer or session: a hash under the identity key, so that a file that
-- comes again brings nothing of it back. Events after erased_at are another matter.
create table staging.tombstones (
    kind text not null,
    hash bytea not null,
    erased_at timestamptz not null default now(),
    primary key (kind, hash)
);

-- Of the landed rows, those that an erasure deleted: tables hold landed_count - erased_count.
alter table staging.loads add column erased_count bigint not null default 0
check (erased_count between 0 and landed_count);

do $$
begin
    if to_regrole('casebook_eraser') is not null
    and has_schema_privilege('casebook_eraser', 'staging', 'usage') then
        revoke all on staging.erasures, staging.tombstones
        from casebook_loader, casebook_transformer;
        grant select on staging.tombstones to casebook_loader;
        -- A build after an erasure starts from nothing.
        grant select (after_build_id) on staging.erasures to casebook_transformer;
        grant select, insert on staging.erasures, staging.tombstones to casebook_eraser;
        grant update (erased_at) on staging.tombstones to casebook_eraser;
        grant update (erased_count) on staging.loads to casebook_eraser;
    end if;
end
$$;
