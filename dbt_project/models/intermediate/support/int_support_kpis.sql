{#- Every metric of the support_kpis marts is defined here, once; they select from it. -#}
{{ config(materialized='view') }}

with

periods as (
    select * from {{ ref('int_support_periods') }}
),

days as (
    select * from {{ ref('int_support_days_measured') }}
),

measured as (
    select * from {{ ref('int_support_periods_measured') }}
),

breakdowns as (
    select
        'all' as breakdown,
        'all' as breakdown_value
    union
    select
        'site' as breakdown,
        site
    from days
    union
    select
        'channel' as breakdown,
        channel
    from days
),

dense as (
    select
        periods.grain,
        periods.period_start,
        periods.period_end,
        periods.is_complete,
        periods.is_mature,
        periods.is_touched,
        breakdowns.breakdown,
        breakdowns.breakdown_value,
        {% for count in support_counts() -%}
            coalesce(measured.{{ count }}, 0) as {{ count }},
        {% endfor -%}
        {% for sum in support_sums() -%}
            measured.{{ sum }},
        {% endfor -%}
        {% for sample in support_samples() -%}
            measured.{{ sample }}_percentiles[1] as {{ sample }}_p50,
            measured.{{ sample }}_percentiles[2] as {{ sample }}_p90,
            measured.{{ sample }}_percentiles[3] as {{ sample }}_p95,
        {% endfor -%}
        coalesce(measured.unique_customers, 0) as unique_customers
    from periods
    cross join breakdowns
    left join measured
        on
            periods.grain = measured.grain
            and periods.period_start = measured.period_start
            and breakdowns.breakdown = measured.breakdown
            and breakdowns.breakdown_value = measured.breakdown_value
),

numerators as (
    select
        *,
        ai_resolved_sessions + ai_abandoned_sessions as ai_contained_sessions,
        queue_waits + queue_abandoned_after_5s_sessions as service_level_contacts,
        sla_met_tickets + sla_breached_tickets as sla_decided_tickets,
        sla_response_met_tickets + sla_response_breached_tickets
            as sla_response_decided_tickets
    from dense
),

final as (
    select
        *,
        {{ rate('escalated_or_human_sessions', 'engaged_sessions') }} as escalation_rate,
        {{ rate('reescalated_sessions', 'escalated_sessions') }} as reescalation_rate,
        {{ rate('ai_contained_sessions', 'engaged_ended_sessions') }}
            as ai_containment_rate,
        {{ rate('ai_resolved_sessions', 'engaged_ended_sessions') }} as ai_resolution_rate,
        {{ rate('ai_durable_sessions', 'durable_eligible_sessions') }}
            as ai_durable_resolution_rate,
        {{ rate('durable_eligible_sessions', 'engaged_ended_sessions') }}
            as durable_coverage_rate,
        {{ rate('repeated_sessions', 'repeat_eligible_sessions') }} as repeat_rate,
        {{ rate('session_messages', 'sessions') }} as messages_per_session,
        {{ rate('ai_response_ms_sum', 'ai_responses') }} as ai_response_ms_avg,
        {{ rate('queue_wait_seconds_sum', 'queue_waits') }} as queue_wait_seconds_avg,
        {{ rate('queue_waits_within_30s', 'service_level_contacts') }} as service_level_30s,
        {{ rate('queue_abandoned_sessions', 'escalated_ended_sessions') }}
            as queue_abandonment_rate,
        {{ rate('agent_first_response_seconds_sum', 'agent_first_responses') }}
            as agent_first_response_seconds_avg,
        {{ rate('handle_seconds_sum', 'handled_sessions') }} as handle_seconds_avg,
        {{ rate('order_queries_succeeded', 'order_queries_known') }}
            as order_query_success_rate,
        {{ rate('tracking_queries_succeeded', 'tracking_queries_known') }}
            as tracking_query_success_rate,
        {{ rate('coze_calls_succeeded', 'coze_calls_known') }} as coze_call_success_rate,
        {{ rate('coze_call_ms_sum', 'coze_calls_timed') }} as coze_call_ms_avg,
        {{ rate('rating_sum', 'rating_count') }} as rating_avg,
        {{ rate('satisfied_ratings', 'rating_count') }} as csat_rate,
        {{ rate('ticket_resolution_hours_sum', 'tickets_resolved') }}
            as ticket_resolution_hours_avg,
        {{ rate('sla_met_tickets', 'sla_decided_tickets') }} as sla_attainment_rate,
        {{ rate('sla_response_met_tickets', 'sla_response_decided_tickets') }}
            as sla_response_attainment_rate,
        {{ rate('reopened_tickets', 'ever_resolved_tickets') }} as reopen_rate
    from numerators
)

select * from final
