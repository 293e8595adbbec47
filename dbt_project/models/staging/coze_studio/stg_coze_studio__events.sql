with events as (

    select * from {{ source('coze_studio', 'raw_coze_studio_events') }}

),

final as (

    select
        -- identity and order
        event_id,
        producer as app_id,
        boot as device_key,
        load_id,
        sequence as event_index,
        line_number,
        event_name,
        -- entities
        user_key,
        visit_id,
        payload -> 'params' ->> 'bot_id' as bot_id,
        -- words
        payload -> 'header' ->> 'language' as language,
        payload -> 'header' ->> 'platform' as platform,
        payload -> 'header' ->> 'sdk_version' as sdk_version,
        -- A host alone is its first page.
        substring(
            coalesce(
                payload -> 'params' ->> 'url_path',
                payload -> 'params' ->> 'URL',
                payload -> 'params' ->> 'full_url',
                payload -> 'params' ->> 'url'
            ) || '/'
            from '/(?:.*[^/])?'
        ) as page_path,
        -- truths
        (payload -> 'is_catalogued')::boolean as is_catalogued,
        -- times
        occurred_at,
        loaded_at,
        -- the rest
        to_jsonb(violations) as violations,
        payload -> 'broken_envelope' as broken_envelope,
        payload -> 'params' as params,
        payload -> 'unknown' as unknown_parameters
    from events
    where
        {{ up_to_watermark() }}
        and occurred_at
        <= (select coze_studio_as_of from {{ ref('stg_casebook__builds') }})

)

select * from final
