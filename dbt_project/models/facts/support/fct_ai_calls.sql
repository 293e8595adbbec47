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
        event_name = 'api.coze_call'
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
        workflow_id,
        response_time_ms,
        input_tokens,
        output_tokens,
        success,
        occurred_at,
        {{ local_date('occurred_at') }} as occurred_date
    from events

)

select * from final
