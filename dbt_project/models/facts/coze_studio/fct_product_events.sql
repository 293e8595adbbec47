{{ config(
    incremental_strategy='new_loads',
    indexes=[
        {'columns': ['event_date', 'event_name']},
        {'columns': ['load_id'], 'type': 'brin'},
    ],
) }}

with events as (

    select * from {{ ref('stg_coze_studio__events') }}
    where {{ in_new_loads() }}

),

builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

final as (

    select
        event_id,
        app_id,
        device_key,
        load_id,
        event_index,
        line_number,
        user_key,
        visit_id,
        bot_id,
        event_name,
        page_path,
        language,
        platform,
        sdk_version,
        is_catalogued,
        occurred_at,
        (occurred_at at time zone (select business_timezone from builds))::date
            as event_date,
        violations,
        broken_envelope,
        params,
        unknown_parameters
    from events

)

select * from final
