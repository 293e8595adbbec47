{{ config(
    incremental_strategy='new_loads',
    indexes=[
        {'columns': ['session_id']},
        {'columns': ['occurred_date']},
        {'columns': ['load_id'], 'type': 'brin'},
    ],
) }}

with events as (

    select * from {{ ref('stg_support__events') }}
    where
        event_name = 'api.error'
        and {{ in_new_loads() }}

),

final as (

    select
        event_id,
        producer,
        load_id,
        sequence,
        type_rank,
        session_id,
        endpoint,
        error_type,
        error_fingerprint,
        occurred_at,
        {{ local_date('occurred_at') }} as occurred_date
    from events

)

select * from final
