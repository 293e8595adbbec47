{{
    config(
        materialized='incremental',
        incremental_strategy='touched_periods',
        indexes=[{'columns': ['grain', 'period_start', 'agent_id'], 'unique': true}],
    )
}}

with

periods as (
    select * from {{ ref('int_support_periods') }}
    where
        grain in ('day', 'month')
    {% if is_incremental() -%}
            and is_touched
        {%- endif %}
),

grains as (
    select distinct grain from periods
),

{% for facts, relation, date in [
    ('shifts', ref('fct_agent_shifts'), 'started_date'),
    ('handlings', ref('fct_session_handlings'), local_date('started_at')),
    ('created_tickets', ref('fct_tickets'), 'created_date'),
    ('resolved_tickets', ref('fct_tickets'), 'resolved_date'),
] -%}
    {{ facts }} as (
        select dated.*
        from (
            select
                grains.grain,
                date_trunc(grains.grain, facts.local_date::timestamp)::date as period_start,
                facts.*
            from (
                select
                    *,
                    {{ date }} as local_date
                from {{ relation }}
            ) as facts
            cross join grains
            where facts.local_date >= (select min(periods.period_start) from periods)
        ) as dated
        inner join periods
            on dated.grain = periods.grain and dated.period_start = periods.period_start
    ),

{% endfor -%}

shift_sums as (
    select
        grain,
        period_start,
        agent_id,
        count(*) as shifts,
        count(*) filter (where end_type = 'inferred') as unfinished_shifts,
        sum(shift_minutes) as shift_minutes,
        sum(available_minutes) as available_minutes,
        sum(busy_minutes) as busy_minutes,
        sum(break_minutes) as break_minutes,
        sum(other_minutes) as other_minutes,
        sum(unknown_minutes) as unknown_minutes,
        sum(held_minutes) as held_minutes,
        sum(held_union_minutes) as held_union_minutes,
        sum(held_working_minutes) as held_working_minutes
    from shifts
    group by grain, period_start, agent_id
),

handling_sums as (
    select
        grain,
        period_start,
        agent_id,
        count(*) as handlings,
        count(distinct session_id) as sessions_handled,
        count(*) filter (where closed_by in ('transfer', 'implicit_transfer'))
            as transferred_handlings,
        count(*) filter (where closed_by = 'timeout') as timed_out_handlings,
        count(*) filter (where agent_message_count = 0) as silent_handlings,
        sum(agent_message_count)::bigint as agent_messages,
        count(first_response_seconds) as first_responses,
        sum(first_response_seconds) as first_response_seconds_sum,
        percentile_cont(array[0.5, 0.9]) within group (
            order by first_response_seconds::double precision
        ) as first_response_percentiles,
        count(handle_seconds) as closed_handlings,
        sum(handle_seconds) as handle_seconds_sum,
        percentile_cont(array[0.5, 0.9]) within group (
            order by handle_seconds::double precision
        ) as handle_percentiles
    from handlings
    group by grain, period_start, agent_id
),

created_ticket_sums as (
    select
        grain,
        period_start,
        assignee_id as agent_id,
        count(*) filter (where sla_status = 'met') as sla_met_tickets,
        count(*) filter (where sla_status = 'breached') as sla_breached_tickets
    from created_tickets
    where assignee_id is not null
    group by grain, period_start, assignee_id
),

resolved_ticket_sums as (
    select
        grain,
        period_start,
        assignee_id as agent_id,
        count(*) as tickets_resolved
    from resolved_tickets
    where assignee_id is not null
    group by grain, period_start, assignee_id
),

final as (
    select *
    from shift_sums
    full outer join handling_sums using (grain, period_start, agent_id)  -- noqa: ST07
    full outer join created_ticket_sums using (grain, period_start, agent_id)  -- noqa: ST07
    full outer join resolved_ticket_sums using (grain, period_start, agent_id)  -- noqa: ST07
)

select * from final
