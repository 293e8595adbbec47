{{ config(materialized='view') }}

with calls as (

    select * from {{ ref('fct_coding_tool_calls') }}

),

by_tool as (

    select
        session_id,
        tool_name,
        jsonb_build_object(
            'count', count(*),
            'success', count(*) filter (where is_success),
            -- As the client counts, whatever did not say that it succeeded.
            'fail', count(*) filter (where is_success is not true),
            'durationMs', coalesce(sum(duration_ms), 0),
            'decisions', jsonb_build_object(
                'accept', count(*) filter (where decision = 'accept'),
                'reject', count(*) filter (where decision = 'reject'),
                'modify', count(*) filter (where decision = 'modify'),
                'auto_accept', count(*) filter (where decision = 'auto_accept')
            )
        ) as stats
    from calls
    group by session_id, tool_name

),

tools as (

    select
        session_id,
        jsonb_object_agg(tool_name, stats) as tools
    from by_tool
    group by session_id

),

summed as (

    select
        session_id,
        count(*) as tool_call_count,
        count(*) filter (where is_success) as tool_success_count,
        count(*) filter (where not is_success) as tool_failure_count,
        count(*) filter (where is_cancelled) as tool_cancelled_count,
        count(*) filter (where is_success is null and not is_cancelled)
            as tool_unknown_count,
        count(*) filter (where is_outcome_known) as tool_known_count,
        count(*) filter (where is_outcome_known and is_success) as tool_known_success_count,
        coalesce(sum(duration_ms), 0) as tool_duration_ms,
        count(*) filter (where decision = 'accept') as accepted_count,
        count(*) filter (where decision = 'reject') as rejected_count,
        count(*) filter (where decision = 'modify') as modified_count,
        count(*) filter (where decision = 'auto_accept') as auto_accepted_count,
        coalesce(sum(lines_added), 0) as lines_added,
        coalesce(sum(lines_removed), 0) as lines_removed
    from calls
    group by session_id

),

final as (

    select
        summed.*,
        tools.tools
    from summed
    inner join tools
        on summed.session_id = tools.session_id

)

select * from final
