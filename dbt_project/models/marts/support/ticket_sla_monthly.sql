{#- A ticket counts in the month it was created and again in the month it was resolved. -#}
{{
    config(
        incremental_strategy='touched_periods',
        indexes=[
            {
                'columns': ['period_start', 'type', text_hash('priority')],
                'unique': true,
            },
        ],
        meta={'grain': 'month'},
    )
}}

with

periods as (
    select * from {{ ref('int_support_periods') }}
    where
        grain = 'month'
    {% if is_incremental() -%}
            and is_touched
        {%- endif %}
),

{% for event in ['created', 'resolved'] -%}
    {{ event }}_tickets as (
        select
            tickets.*,
            periods.period_start,
            coalesce(tickets.type, 'unknown') as ticket_type,
            coalesce(tickets.priority, 'unknown') as ticket_priority
        from {{ ref('fct_tickets') }} as tickets
        inner join periods
            on
                periods.period_start
                = date_trunc('month', tickets.{{ event }}_date::timestamp)::date
        where tickets.{{ event }}_date >= (select min(touched.period_start) from periods as touched)
    ),

{% endfor -%}

created_sums as (
    select
        period_start,
        ticket_type,
        ticket_priority,
        count(*) as tickets_created,
        count(first_resolved_at) as ever_resolved_tickets,
        count(*) filter (where reopen_count > 0) as reopened_tickets,
        count(*) filter (where sla_status = 'met') as sla_met_tickets,
        count(*) filter (where sla_status = 'breached') as sla_breached_tickets,
        count(*) filter (where sla_status = 'active') as sla_active_tickets,
        count(*) filter (where sla_response_status = 'met') as sla_response_met_tickets,
        count(*) filter (where sla_response_status = 'breached')
            as sla_response_breached_tickets,
        count(is_sla_disagreement) as sla_reported_tickets,
        count(*) filter (where is_sla_disagreement) as sla_disagreement_tickets,
        count(first_response_at) as first_responses,
        percentile_cont(array[0.5, 0.9]) within group (
            order by
                (extract(epoch from first_response_at - created_at) / 3600)::double precision
        ) as first_response_percentiles
    from created_tickets
    group by period_start, ticket_type, ticket_priority
),

resolved_sums as (
    select
        period_start,
        ticket_type,
        ticket_priority,
        count(*) as tickets_resolved,
        percentile_cont(array[0.5, 0.9]) within group (
            order by resolution_hours::double precision
        ) as resolution_percentiles,
        percentile_cont(array[0.5, 0.9]) within group (
            order by net_resolution_hours::double precision
        ) as net_resolution_percentiles,
        percentile_cont(array[0.5, 0.9]) within group (
            order by business_resolution_hours::double precision
        ) as business_resolution_percentiles
    from resolved_tickets
    group by period_start, ticket_type, ticket_priority
),

measured as (
    select *
    from created_sums
    full outer join resolved_sums using (period_start, ticket_type, ticket_priority)  -- noqa: ST07
),

final as (
    select
        measured.period_start,
        measured.ticket_type as type,
        measured.ticket_priority as priority,
        {% for count in [
            'tickets_created', 'sla_met_tickets', 'sla_breached_tickets',
            'sla_active_tickets', 'sla_response_met_tickets',
            'sla_response_breached_tickets', 'sla_reported_tickets',
            'sla_disagreement_tickets', 'first_responses', 'ever_resolved_tickets',
            'reopened_tickets', 'tickets_resolved',
        ] -%}
            coalesce(measured.{{ count }}, 0) as {{ count }},
        {% endfor -%}
        {{ rate(
            'measured.sla_met_tickets',
            '(measured.sla_met_tickets + measured.sla_breached_tickets)',
        ) }} as sla_attainment_rate,
        {{ rate(
            'measured.sla_response_met_tickets',
            '(measured.sla_response_met_tickets + measured.sla_response_breached_tickets)',
        ) }} as sla_response_attainment_rate,
        {{ rate('measured.reopened_tickets', 'measured.ever_resolved_tickets') }}
            as reopen_rate,
        {% for hours in [
            'first_response', 'resolution', 'net_resolution', 'business_resolution',
        ] -%}
            measured.{{ hours }}_percentiles[1] as {{ hours }}_hours_p50,
            measured.{{ hours }}_percentiles[2] as {{ hours }}_hours_p90,
        {% endfor -%}
        periods.is_complete,
        periods.is_mature
    from measured
    inner join periods on measured.period_start = periods.period_start
)

select * from final
