{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['event_date', 'subagent_name'], 'unique': true}],
) }}

with events as (

    select * from {{ ref('fct_coding_events') }}
    where event_name = 'subagent_execution'

),

calls as (

    select * from {{ ref('fct_coding_api_calls') }}
    where subagent_name is not null

),

runs as (

    select
        event_date,
        coalesce(fields ->> 'subagent_name', '(unknown)') as subagent_name,
        count(*) filter (where fields ->> 'status' = 'started') as started,
        count(*) filter (where fields ->> 'status' = 'completed') as completed,
        count(*) filter (where fields ->> 'status' = 'failed') as failed,
        count(*) filter (where fields ->> 'status' = 'cancelled') as cancelled
    from events
    group by 1, 2

),

usage as (

    select
        event_date,
        subagent_name,
        count(*) as api_calls,
        count(*) filter (where is_error) as api_errors,
        sum(total_tokens) as total_tokens,
        sum(duration_ms) as api_duration_ms
    from calls
    group by 1, 2

),

final as (

    select
        coalesce(runs.event_date, usage.event_date) as event_date,
        coalesce(runs.subagent_name, usage.subagent_name) as subagent_name,
        runs.started,
        runs.completed,
        runs.failed,
        runs.cancelled,
        runs.completed::numeric
        / nullif(runs.completed + runs.failed, 0) as success_rate,
        coalesce(usage.api_calls, 0) as api_calls,
        coalesce(usage.api_errors, 0) as api_errors,
        usage.total_tokens,
        usage.api_duration_ms
    from runs
    full outer join usage
        on
            runs.event_date = usage.event_date
            and runs.subagent_name = usage.subagent_name

)

select * from final
