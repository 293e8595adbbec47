{#- Every metric of the agent_performance marts is defined here, once. -#}
{{ config(materialized='view') }}

with

measured as (
    select * from {{ ref('int_agent_periods_measured') }}
),

periods as (
    select * from {{ ref('int_support_periods') }}
),

agents as (
    select * from {{ ref('dim_agents') }}
),

final as (
    select
        measured.grain,
        measured.period_start,
        measured.agent_id,
        agents.agent_name,
        {% for count in [
            'shifts', 'unfinished_shifts', 'handlings', 'sessions_handled',
            'transferred_handlings', 'timed_out_handlings', 'silent_handlings',
            'agent_messages', 'first_responses', 'closed_handlings',
            'tickets_resolved', 'sla_met_tickets', 'sla_breached_tickets',
        ] -%}
            coalesce(measured.{{ count }}, 0) as {{ count }},
        {% endfor -%}
        {% for minutes in [
            'shift_minutes', 'available_minutes', 'busy_minutes', 'break_minutes',
            'other_minutes', 'unknown_minutes', 'held_minutes', 'held_union_minutes',
            'held_working_minutes',
        ] -%}
            trim_scale(coalesce(measured.{{ minutes }}, 0)) as {{ minutes }},
        {% endfor -%}
        {{ rate(
            'measured.held_working_minutes',
            '(measured.shift_minutes - measured.break_minutes)',
        ) }} as occupancy_rate,
        {{ rate('measured.held_minutes', 'measured.held_union_minutes') }} as concurrency,
        {{ rate('measured.first_response_seconds_sum', 'measured.first_responses') }}
            as first_response_seconds_avg,
        measured.first_response_percentiles[1] as first_response_seconds_p50,
        measured.first_response_percentiles[2] as first_response_seconds_p90,
        {{ rate('measured.handle_seconds_sum', 'measured.closed_handlings') }}
            as handle_seconds_avg,
        measured.handle_percentiles[1] as handle_seconds_p50,
        measured.handle_percentiles[2] as handle_seconds_p90,
        {{ rate(
            'measured.sla_met_tickets',
            '(measured.sla_met_tickets + measured.sla_breached_tickets)',
        ) }} as sla_attainment_rate,
        periods.is_complete,
        periods.is_mature,
        periods.is_touched
    from measured
    inner join periods
        on
            measured.grain = periods.grain
            and measured.period_start = periods.period_start
    left join agents on measured.agent_id = agents.agent_id
)

select * from final
