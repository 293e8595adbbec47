-- One row per name and object that was seen under it when another one, or none, had been before;
-- the newest row of a name says what lies there. objects.object alone is the first name: what
-- was renamed and then appended would be landed from its start again.
create table staging.object_names (
    name_id bigint generated always as identity primary key,
    source text not null,
    object text not null,
    object_id bigint not null references staging.objects
);
create index object_names_name on staging.object_names (source, object, name_id);
create index object_names_object on staging.object_names (object_id);

insert into staging.object_names (source, object, object_id)
select source, object, object_id from staging.objects order by object_id;
-- Nobody looks for an object by its first name any more.
drop index staging.objects_path;

-- The version of which this one is an appended one: its content begins with that one's.
alter table staging.objects add continues_object_id bigint references staging.objects;
create index objects_continuing on staging.objects (continues_object_id)
where continues_object_id is not null;

-- Objects under a later name: each is read once more, so that this name gets its row.
delete from staging.object_signatures as signatures
where not exists (
    select from staging.object_names as names
    where names.source = signatures.source and names.object = signatures.object
);

do $$
begin
    if to_regrole('casebook_eraser') is not null
    and has_schema_privilege('casebook_eraser', 'staging', 'usage') then
        revoke all on staging.object_names
        from casebook_loader, casebook_transformer, casebook_eraser;
        grant select, insert on staging.object_names to casebook_loader;
        grant select on staging.object_names to casebook_transformer, casebook_eraser;
    end if;
end
$$;
