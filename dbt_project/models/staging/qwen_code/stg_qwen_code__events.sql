with events as (

    select * from {{ source('qwen_code', 'raw_qwen_code_events') }}

),

final as (

    select
        -- identity
        event_id,
        load_id,
        line_number,
        event_name,
        session_id,
        payload -> 'fields' ->> 'prompt_id' as prompt_id,
        -- words
        payload ->> 'client_version' as client_version,
        -- A hash with its place among copies, or the uuid of a recording's line.
        case
            when event_id ~ '^[0-9a-f]{32}/[0-9]+$' then 'telemetry'
            else 'recording'
        end as carrier,
        -- truths
        (payload -> 'is_catalogued')::boolean as is_catalogued,
        -- times
        occurred_at,
        -- the rest
        payload -> 'fields' as fields,
        to_jsonb(violations) as violations
    from events
    where
        {{ up_to_watermark() }}
        and occurred_at
        <= (select qwen_code_as_of from {{ ref('stg_casebook__builds') }})

)

select * from final
