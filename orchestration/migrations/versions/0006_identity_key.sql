-- One row: the key under which records without an id of their own are identified. Made
-- here once and never changed, so that a record delivered again after a rotation of the
-- privacy key is still known. It travels with the warehouse and its backups.
create table staging.identity_keys (
    -- Of two random UUIDs: 244 random bits.
    identity_key bytea not null
        default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
    is_only_row boolean primary key default true check (is_only_row)
);
insert into staging.identity_keys default values;
