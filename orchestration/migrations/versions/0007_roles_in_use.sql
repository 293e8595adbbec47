-- What each group role may do; Casebook's steps take them (orchestration/roles.py, docs/security.md).
-- Tables that come later are covered by default privileges: of the owner for staging, of the
-- transformer for what dbt makes. A user who may not create roles gets a warehouse without them.
do $$
declare
    role_name text;
    relation record;
    makers text[];
    maker text;
begin
    foreach role_name in array array[
        'casebook_owner', 'casebook_loader', 'casebook_transformer', 'casebook_bi_reader',
        'casebook_eraser', 'casebook_quarantine_reader'
    ] loop
        begin
            execute format('create role %I nologin', role_name);
        exception
            when duplicate_object or unique_violation then null;
            when insufficient_privilege then
                raise notice 'role % was not created: no right to', role_name;
        end;
        begin
            -- To be able to take it; a superuser is.
            if not pg_has_role(role_name, 'member') or (
                select not rolsuper from pg_roles where rolname = current_user
            ) then
                execute format('grant %I to %I', role_name, current_user);
            end if;
        exception
            when insufficient_privilege or undefined_object or invalid_grant_operation then null;
        end;
    end loop;

    if 6 <> (
        select count(*) from pg_roles
        where rolname in (
            'casebook_owner', 'casebook_loader', 'casebook_transformer', 'casebook_bi_reader',
            'casebook_eraser', 'casebook_quarantine_reader'
        ) and pg_has_role(rolname, 'member')
    ) then
        -- Another user's roles, or none: BI readers keep what 0002 gave them.
        raise notice 'Casebook works without roles here: its user may neither create nor take them';
        return;
    end if;

    -- Every role of a database may make temporary tables unless that is taken back.
    execute format('revoke temporary on database %I from public', current_database());
    execute format(
        'grant temporary on database %I to casebook_owner, casebook_loader,'
        ' casebook_transformer, casebook_eraser', current_database()
    );

    -- What dbt made is the transformer's, also in the schemas of past states.
    grant usage, create on schema staging, intermediate, facts, marts, seeds
    to casebook_transformer;
    for relation in
        select classes.oid::regclass as name, classes.relkind, spaces.nspname
        from pg_class as classes
        inner join pg_namespace as spaces on classes.relnamespace = spaces.oid
        where
            classes.relkind in ('r', 'v')
            and spaces.nspname ~ '^(staging|intermediate|facts|marts|seeds)(_as_of_\d{8}t\d{6}z)?$'
            and (spaces.nspname <> 'staging' or classes.relkind = 'v')
    loop
        execute format(
            'grant usage, create on schema %I to casebook_transformer', relation.nspname
        );
        execute format('alter table %s owner to casebook_transformer', relation.name);
        if relation.nspname ~ '^(facts|marts)' then
            execute format('grant usage on schema %I to casebook_bi_reader', relation.nspname);
            execute format('grant select on %s to casebook_bi_reader', relation.name);
            execute format(
                'alter default privileges for role casebook_transformer in schema %I'
                ' grant select on tables to casebook_bi_reader', relation.nspname
            );
        end if;
    end loop;
    alter default privileges for role casebook_transformer in schema facts, marts
    grant select on tables to casebook_bi_reader;

    -- Of what lands, everything is owned by a role nobody logs in with.
    makers := array[current_user];
    begin
        execute format('grant create on database %I to casebook_owner', current_database());
        if has_database_privilege('casebook_owner', current_database(), 'create') then
            foreach role_name in array array['staging', 'intermediate', 'facts', 'marts', 'seeds'] loop
                execute format('alter schema %I owner to casebook_owner', role_name);
            end loop;
            for relation in
                select classes.oid::regclass as name
                from pg_class as classes
                where classes.relnamespace = 'staging'::regnamespace and classes.relkind = 'r'
            loop
                execute format('alter table %s owner to casebook_owner', relation.name);
            end loop;
            makers := array_append(makers, 'casebook_owner');
        end if;
    exception
        when insufficient_privilege then
            raise notice 'the schemas stay with %: it may not give them away', current_user;
    end;

    -- The loader inserts and reads; it overwrites only a cache of signatures.
    grant usage on schema staging to
    casebook_loader, casebook_eraser, casebook_quarantine_reader;
    revoke all on all tables in schema staging from casebook_loader;
    grant select, insert on all tables in schema staging to casebook_loader;
    revoke insert on staging.builds, staging.alembic_version, staging.identity_keys
    from casebook_loader;
    grant update on staging.object_signatures to casebook_loader;
    grant usage on all sequences in schema staging to casebook_loader;

    -- The transformer reads what landed and writes the record of builds.
    grant select on all tables in schema staging to casebook_transformer;
    revoke all on staging.quarantine, staging.quarantine_raw, staging.quarantine_replays,
    staging.identity_keys, staging.object_signatures from casebook_transformer;
    grant insert on staging.builds to casebook_transformer;
    grant update (finished_at) on staging.builds to casebook_transformer;

    grant select on staging.quarantine, staging.quarantine_raw, staging.quarantine_replays,
    staging.objects, staging.loads to casebook_quarantine_reader;

    grant select on all tables in schema staging to casebook_eraser;
    grant update, delete on staging.raw_support_events, staging.raw_coze_studio_events,
    staging.raw_qwen_code_events, staging.raw_ai_admin_rows to casebook_eraser;
    grant delete on staging.quarantine_raw to casebook_eraser;
    grant insert on staging.rejected_sequences to casebook_eraser;

    foreach maker in array makers loop
        execute format(
            'alter default privileges for role %I in schema staging'
            ' grant select, insert on tables to casebook_loader', maker
        );
        execute format(
            'alter default privileges for role %I in schema staging'
            ' grant usage on sequences to casebook_loader', maker
        );
        execute format(
            'alter default privileges for role %I in schema staging'
            ' grant select on tables to casebook_transformer, casebook_eraser', maker
        );
    end loop;

    -- For a login made of these roles by hand; one that `casebook db url` makes has the same.
    alter role casebook_bi_reader set default_transaction_read_only = on;
    alter role casebook_bi_reader set statement_timeout = '60s';

    -- Steps after this one make the owner's tables.
    if 'casebook_owner' = any(makers) then
        set role casebook_owner;
    end if;
end
$$;
