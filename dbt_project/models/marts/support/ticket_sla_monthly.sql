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

tickets as (
    select
        *,
        extract(epoch from first_response_at - created_at) / 3600 as first_response_hours
    from {{ ref('fct_tickets') }}
    where created_date >= (select min(period_start) from periods)
),

measured as (
    select
        periods.period_start,
        periods.is_complete,
        periods.is_mature,
        coalesce(tickets.type, 'unknown') as type,
        coalesce(tickets.priority, 'unknown') as priority,
        count(*) as tickets_created,
        count(tickets.first_resolved_at) as ever_resolved_tickets,
        count(tickets.resolved_at) as resolved_tickets,
        count(*) filter (where tickets.reopen_count > 0) as reopened_tickets,
        count(*) filter (where tickets.sla_status = 'met') as sla_met_tickets,
        count(*) filter (where tickets.sla_status = 'breached') as sla_breached_tickets,
        count(*) filter (where tickets.sla_status = 'active') as sla_active_tickets,
        count(*) filter (where tickets.sla_response_status = 'met')
            as sla_response_met_tickets,
        count(*) filter (where tickets.sla_response_status = 'breached')
            as sla_response_breached_tickets,
        count(tickets.is_sla_disagreement) as sla_reported_tickets,
        count(*) filter (where tickets.is_sla_disagreement) as sla_disagreement_tickets,
        count(tickets.first_response_hours) as first_responses,
        percentile_cont(array[0.5, 0.9]) within group (
            order by tickets.first_response_hours::double precision
        ) as first_response_percentiles,
        percentile_cont(array[0.5, 0.9]) within group (
            order by tickets.resolution_hours::double precision
        ) as resolution_percentiles,
        percentile_cont(array[0.5, 0.9]) within group (
            order by tickets.net_resolution_hours::double precision
        ) as net_resolution_percentiles,
        percentile_cont(array[0.5, 0.9]) within group (
            order by tickets.business_resolution_hours::double precision
        ) as business_resolution_percentiles
    from tickets
    inner join periods
        on
            periods.period_start
            = date_trunc('month', tickets.created_date::timestamp)::date
    group by
        periods.period_start,
        periods.is_complete,
        periods.is_mature,
        coalesce(tickets.type, 'unknown'),
        coalesce(tickets.priority, 'unknown')
),

final as (
    select
        period_start,
        type,
        priority,
        tickets_created,
        sla_met_tickets,
        sla_breached_tickets,
        sla_active_tickets,
        {{ rate('sla_met_tickets', '(sla_met_tickets + sla_breached_tickets)') }}
            as sla_attainment_rate,
        sla_response_met_tickets,
        sla_response_breached_tickets,
        {{ rate(
            'sla_response_met_tickets',
            '(sla_response_met_tickets + sla_response_breached_tickets)',
        ) }} as sla_response_attainment_rate,
        sla_reported_tickets,
        sla_disagreement_tickets,
        first_responses,
        first_response_percentiles[1] as first_response_hours_p50,
        first_response_percentiles[2] as first_response_hours_p90,
        resolved_tickets,
        resolution_percentiles[1] as resolution_hours_p50,
        resolution_percentiles[2] as resolution_hours_p90,
        net_resolution_percentiles[1] as net_resolution_hours_p50,
        net_resolution_percentiles[2] as net_resolution_hours_p90,
        business_resolution_percentiles[1] as business_resolution_hours_p50,
        business_resolution_percentiles[2] as business_resolution_hours_p90,
        ever_resolved_tickets,
        reopened_tickets,
        {{ rate('reopened_tickets', 'ever_resolved_tickets') }} as reopen_rate,
        is_complete,
        is_mature
    from measured
)

select * from final
