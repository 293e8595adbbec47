{{ config(
    incremental_strategy='touched_coding_sessions',
    indexes=[
        {'columns': ['event_id'], 'unique': true},
        {'columns': ['session_id']},
        {'columns': ['event_date']},
    ],
) }}

with events as (

    select * from {{ ref('stg_qwen_code__events') }}
    where {{ in_touched_coding_sessions() }} and event_name = 'user_prompt'

),

api_calls as (

    select * from {{ ref('fct_coding_api_calls') }}
    where {{ in_touched_coding_sessions() }}

),

tool_calls as (

    select * from {{ ref('fct_coding_tool_calls') }}
    where {{ in_touched_coding_sessions() }}

),

-- A resumed session may number its prompts anew: a prompt holds until its id comes again.
turns as (

    select
        event_id,
        session_id,
        prompt_id,
        load_id,
        fields ->> 'auth_type' as auth_type,
        {{ field_number('prompt_length') }} as prompt_length,
        row_number() over (
            partition by session_id order by occurred_at, event_id collate "C"
        ) as turn_number,
        occurred_at,
        lead(occurred_at) over (
            partition by session_id, prompt_id order by occurred_at, event_id collate "C"
        ) as repeated_at
    from events

),

calls as (

    select
        session_id,
        split_part(prompt_id, '/', 1) as prompt_id,
        false as is_tool,
        is_error,
        total_tokens,
        occurred_at
    from api_calls
    union all
    select
        session_id,
        split_part(prompt_id, '/', 1) as prompt_id,
        true as is_tool,
        not is_success as is_error,
        null as total_tokens,
        occurred_at
    from tool_calls

),

final as (

    select
        turns.event_id,
        turns.session_id,
        turns.prompt_id,
        turns.load_id,
        turns.auth_type,
        turns.turn_number,
        turns.prompt_length,
        count(*) filter (where not calls.is_tool) as api_call_count,
        count(*) filter (where not calls.is_tool and calls.is_error) as api_error_count,
        count(*) filter (where calls.is_tool) as tool_call_count,
        sum(calls.total_tokens) as total_tokens,
        extract(epoch from max(calls.occurred_at) - turns.occurred_at) as duration_seconds,
        turns.occurred_at,
        max(calls.occurred_at) as last_call_at,
        {{ local_date('turns.occurred_at') }} as event_date
    from turns
    left join calls
        on
            turns.session_id = calls.session_id
            and turns.prompt_id = calls.prompt_id
            and turns.occurred_at <= calls.occurred_at
            and (turns.repeated_at > calls.occurred_at or turns.repeated_at is null)
    group by
        turns.event_id, turns.session_id, turns.prompt_id, turns.load_id, turns.auth_type,
        turns.turn_number, turns.prompt_length, turns.occurred_at

)

select * from final
