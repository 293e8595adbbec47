{{ config(
    incremental_strategy='all_rows',
    indexes=[
        {'columns': ['event_date', 'command', text_hash('subcommand')], 'unique': true},
    ],
) }}

with events as (

    select * from {{ ref('fct_coding_events') }}
    where event_name = 'slash_command'

),

final as (

    select
        event_date,
        coalesce(fields ->> 'command', '(unknown)') as command,
        coalesce(fields ->> 'subcommand', '(none)') as subcommand,
        count(*) as commands,
        count(distinct session_id) as sessions,
        count(*) filter (where fields ->> 'status' = 'success') as successes,
        count(*) filter (where fields ->> 'status' = 'error') as errors
    from events
    group by 1, 2, 3

)

select * from final
