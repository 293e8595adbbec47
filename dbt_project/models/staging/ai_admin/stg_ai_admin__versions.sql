with versions as (

    select * from {{ source('ai_admin', 'raw_ai_admin_rows') }}

),

final as (

    select
        event_name as table_name,
        row_id,
        sequence as version_number,
        load_id,
        -- entities
        site_id,
        payload ->> 'app_type' as app_type,
        payload ->> 'member_id' as member_key,
        payload ->> 'session_id' as session_id,
        payload ->> 'target_id' as target_id,
        -- words
        payload ->> 'alert_status' as alert_status,
        payload ->> 'app_chain' as app_chain,
        payload ->> 'area' as area,
        payload ->> 'connector_type' as connector_type,
        payload ->> 'day_cutoff' as day_cutoff,
        payload ->> 'description' as description,
        payload ->> 'event_type' as event_type,
        payload ->> 'job_name' as job_name,
        payload ->> 'job_type' as job_type,
        payload ->> 'period' as period,
        payload ->> 'status' as status,
        payload ->> 'time_dimension' as time_dimension,
        payload ->> 'trigger_condition' as trigger_condition,
        payload ->> 'trigger_config' as trigger_config,
        payload ->> 'trigger_type' as trigger_type,
        payload ->> 'tz' as timezone,
        -- numbers
        (payload -> 'latency_ms')::numeric as latency_ms,
        (payload -> 'token_limit')::numeric as token_limit,
        (payload -> 'tokens_used')::numeric as tokens_used,
        -- truths
        (payload -> 'is_forced')::boolean as is_forced,
        coalesce((payload -> 'is_deleted')::boolean, false) as is_deleted,
        -- times
        occurred_at as changed_at,
        loaded_at,
        (payload ->> 'created_at')::timestamptz as created_at,
        (payload ->> 'expires_at')::timestamptz as expires_at,
        (payload ->> 'finished_at')::timestamptz as finished_at,
        (payload ->> 'invalidated_at')::timestamptz as invalidated_at,
        (payload ->> 'last_run_at')::timestamptz as last_run_at,
        (payload ->> 'next_run_at')::timestamptz as next_run_at,
        (payload ->> 'started_at')::timestamptz as started_at,
        -- A limit holds for whole days or between instants, as its columns are in the source.
        case
            when payload ->> 'valid_from' not like '%T%'
                then left(payload ->> 'valid_from', 10)::date
        end as valid_from,
        case
            when payload ->> 'valid_from' like '%T%'
                then (payload ->> 'valid_from')::timestamptz
        end as valid_from_at,
        case
            when payload ->> 'valid_to' not like '%T%'
                then left(payload ->> 'valid_to', 10)::date
        end as valid_to,
        case
            when payload ->> 'valid_to' like '%T%'
                then (payload ->> 'valid_to')::timestamptz
        end as valid_to_at,
        -- the rest
        to_jsonb(violations) as violations
    from versions
    where
        {{ up_to_watermark() }}
        and occurred_at <= (select ai_admin_as_of from {{ ref('stg_casebook__builds') }})

)

select * from final
