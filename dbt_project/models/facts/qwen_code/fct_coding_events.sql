{{ config(
    incremental_strategy='new_loads',
    indexes=[
        {'columns': ['event_id'], 'unique': true},
        {'columns': ['event_name', 'event_date']},
        {'columns': ['session_id']},
        {'columns': ['load_id'], 'type': 'brin'},
    ],
) }}

with events as (

    select * from {{ ref('stg_qwen_code__events') }}
    where
        {{ in_new_loads() }}
        and event_name not in ('api_response', 'api_error', 'tool_call', 'user_prompt')

),

final as (

    select
        event_id,
        session_id,
        prompt_id,
        load_id,
        event_name,
        is_catalogued,
        occurred_at,
        {{ local_date('occurred_at') }} as event_date,
        fields,
        violations
    from events

)

select * from final
