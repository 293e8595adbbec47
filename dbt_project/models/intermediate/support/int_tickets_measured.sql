{{ config(materialized='ephemeral') }}

with

tickets as (
    select * from {{ ref('fct_tickets') }}
),

sessions as (
    select * from {{ ref('fct_sessions') }}
),

-- A ticket counts on the day it was created and again on the day it was resolved.
dated as (
    select
        created_date as event_date,
        session_id,
        true as is_creation,
        sla_status,
        sla_response_status,
        reopen_count,
        first_resolved_at,
        null::numeric as resolution_hours
    from tickets
    where {{ is_touched_day('created_date') }}
    union all
    select
        resolved_date as event_date,
        session_id,
        false as is_creation,
        null as sla_status,
        null as sla_response_status,
        null as reopen_count,
        null as first_resolved_at,
        resolution_hours
    from tickets
    where resolved_date is not null and {{ is_touched_day('resolved_date') }}
),

placed as (
    select
        dated.*,
        coalesce(sessions.site, 'unknown') as site,
        coalesce(sessions.channel, 'unknown') as channel
    from dated
    left join sessions on dated.session_id = sessions.session_id
),

final as (
    select
        event_date,
        site,
        channel,
        count(*) filter (where is_creation) as tickets_created,
        count(*) filter (where not is_creation) as tickets_resolved,
        count(*) filter (where sla_status = 'met') as sla_met_tickets,
        count(*) filter (where sla_status = 'breached') as sla_breached_tickets,
        count(*) filter (where sla_response_status = 'met') as sla_response_met_tickets,
        count(*) filter (where sla_response_status = 'breached')
            as sla_response_breached_tickets,
        count(first_resolved_at) as ever_resolved_tickets,
        count(*) filter (where reopen_count > 0) as reopened_tickets,
        sum(resolution_hours) as ticket_resolution_hours_sum,
        array_agg(resolution_hours::double precision)
        filter (where resolution_hours is not null) as ticket_resolution_hours_values
    from placed
    group by event_date, site, channel
)

select * from final
