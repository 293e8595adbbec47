-- Group roles, none of which can log in: a company grants them to the logins of its people
-- and tools. Roles belong to the server, so another warehouse may have made them already.
-- A user who may not create roles gets a warehouse without them.
do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'casebook_owner', 'casebook_loader', 'casebook_transformer', 'casebook_bi_reader'
    ] loop
        begin
            execute format('create role %I nologin', role_name);
        exception
            when duplicate_object or unique_violation then null;
            when insufficient_privilege then
                raise notice 'role % was not created: no right to', role_name;
        end;
    end loop;

    if exists (select from pg_roles where rolname = 'casebook_bi_reader') then
        -- BI sees facts and marts, also the tables that dbt has yet to create.
        grant usage on schema facts, marts to casebook_bi_reader;
        grant select on all tables in schema facts, marts to casebook_bi_reader;
        alter default privileges in schema facts, marts
        grant select on tables to casebook_bi_reader;
    end if;

    if exists (select from pg_roles where rolname = 'casebook_loader') then
        grant usage on schema staging to casebook_loader;
        grant select, insert on all tables in schema staging to casebook_loader;
        grant usage on all sequences in schema staging to casebook_loader;
        -- A cache that is overwritten.
        grant update on staging.object_signatures to casebook_loader;
    end if;

    if exists (select from pg_roles where rolname = 'casebook_transformer') then
        grant usage, create on schema staging, intermediate, facts, marts, seeds
        to casebook_transformer;
        grant select on all tables in schema staging to casebook_transformer;
        revoke all on staging.quarantine, staging.quarantine_raw from casebook_transformer;
    end if;
end
$$;
