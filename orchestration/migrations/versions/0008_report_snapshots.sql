-- One row per version of a report page: a page made again with the same numbers adds none.
-- Kept here and not by dbt, so that a full refresh forgets nothing; BI reads it as
-- marts.report_snapshots. Insert-only.
create table staging.report_snapshots (
    snapshot_id bigint generated always as identity primary key,
    period_start date not null,
    -- '' for the page of all sites.
    site text not null,
    published_at timestamptz not null default now(),
    build_id bigint not null references staging.builds,
    is_complete boolean not null,
    -- Of the cost figures in force in the month, as the page shows them.
    assumptions jsonb not null,
    -- {"<mart>.<column>": "<value>" or null}.
    numbers jsonb not null
);

create index report_snapshots_page on staging.report_snapshots (period_start, site);

do $$
begin
    if exists (select from pg_roles where rolname = 'casebook_transformer') then
        grant select, insert on staging.report_snapshots to casebook_transformer;
    end if;
    if exists (select from pg_roles where rolname = 'casebook_loader') then
        revoke insert on staging.report_snapshots from casebook_loader;
    end if;
end
$$;
