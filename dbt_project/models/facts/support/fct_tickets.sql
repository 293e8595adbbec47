{#-
    What moves a ticket is its events, or as_of running over one of its deadlines. Tickets
    without new events are picked from this table itself, but only by columns that follow
    from events alone (status_category, sla_due_at, sla_response_due_at): a killed build
    cannot have left them wrong for a ticket none of whose events is new since the last
    finished build, and whatever as_of it had, [previous, current) covers it.
-#}
{{
    config(
        incremental_strategy='delete+insert',
        unique_key='ticket_id',
        indexes=[
            {'columns': ['ticket_id'], 'unique': true},
            {'columns': ['created_date']},
            {'columns': ['resolved_date']},
            {'columns': ['session_id']},
        ],
    )
}}

with

builds as (
    select * from {{ ref('stg_casebook__builds') }}
),

{% if is_incremental() %}
    touched_tickets as (
        select ticket_id
        from {{ ref('int_ticket_events') }}
        where {{ in_new_loads() }}
        union
        select tickets.ticket_id
        from {{ this }} as tickets
        inner join builds on builds.previous_support_as_of < builds.support_as_of
        where
            tickets.status_category = 'paused'
            or (
                tickets.sla_due_at >= builds.previous_support_as_of
                and tickets.sla_due_at < builds.support_as_of
            )
            or (
                tickets.sla_response_due_at >= builds.previous_support_as_of
                and tickets.sla_response_due_at < builds.support_as_of
            )
    ),
{% endif %}

ticket_events as (
    select
        *,
        event_name = 'ticket.created' and lag(true) over same_name is null
            as is_first_created,
        event_name = 'ticket.assigned' and lead(true) over same_name is null
            as is_last_assigned,
        event_name = 'ticket.closed' and lead(true) over same_name is null
            as is_last_closed
    from {{ ref('int_ticket_events') }}
    {% if is_incremental() %}
        where ticket_id = any(array(select ticket_id from touched_tickets))
    {% endif %}
    window same_name as (
        partition by ticket_id, event_name order by {{ event_order() }}
    )
),

ticket_statuses as (
    select *
    from {{ ref('fct_ticket_statuses') }}
    {% if is_incremental() %}
        where ticket_id = any(array(select ticket_id from touched_tickets))
    {% endif %}
),

business_windows as (
    select * from {{ ref('int_business_windows') }}
),

sla_targets as (
    select
        *,
        lead(valid_from) over (partition by priority order by valid_from) as valid_until
    from {{ ref('sla_targets') }}
),

headers as (
    select
        ticket_id,
        max(session_id) filter (where is_first_created) as session_id,
        max(ticket_type) filter (where is_first_created) as type,
        max(priority) filter (where is_first_created) as priority,
        max(ticket_source) filter (where is_first_created) as source,
        max(agent_id) filter (where is_first_created) as created_by,
        max(to_agent_id) filter (where is_last_assigned) as assignee_id,
        count(*) filter (where event_name = 'ticket.assigned') as assignment_count,
        max(resolution_duration_hours) filter (where is_last_closed)
            as reported_resolution_hours,
        bool_or(is_first_created) as is_created_observed,
        bool_or(sla_met) filter (where is_last_closed) as reported_sla_met,
        min(occurred_at) as created_at,
        min(occurred_at) filter (where event_name = 'ticket.assigned') as first_assigned_at,
        max(occurred_at) filter (where is_last_closed) as last_closed_at,
        {{ local_date('min(occurred_at)') }} as created_date
    from ticket_events
    group by ticket_id
),

targeted as (
    select
        headers.*,
        sla_targets.resolution_hours * 3600 as target_seconds,
        headers.created_at + sla_targets.response_hours * interval '1 hour'
            as sla_response_due_at,
        builds.support_as_of
    from headers
    cross join builds
    left join sla_targets
        on
            headers.priority = sla_targets.priority
            and headers.created_date >= sla_targets.valid_from
            and (
                headers.created_date < sla_targets.valid_until
                or sla_targets.valid_until is null
            )
),

intervals as (
    select
        ticket_statuses.*,
        targeted.target_seconds,
        extract(
            epoch from
            coalesce(ticket_statuses.ended_at, targeted.support_as_of)
            - ticket_statuses.started_at
        ) as seconds,
        ticket_statuses.category in ('open', 'in_progress') as is_running
    from ticket_statuses
    inner join targeted on ticket_statuses.ticket_id = targeted.ticket_id
),

-- The SLA clock: each interval with what it stood at before, and how it all ends.
clocked as (
    select
        *,
        coalesce(
            sum(seconds) filter (where is_running) over (
                history rows between unbounded preceding and 1 preceding
            ),
            0
        ) as running_seconds_before,
        lag(category) over history as previous_category,
        lead(category) over history as next_category,
        bool_or(ended_at is null and category = 'resolved') over (partition by ticket_id)
            as is_resolved
    from intervals
    window history as (partition by ticket_id order by status_number)
),

clocks as (
    select
        ticket_id,
        max(status) filter (where ended_at is null) as status,
        max(category) filter (where ended_at is null) as status_category,
        count(*) filter (where category = 'resolved' and next_category <> 'resolved')
            as reopen_count,
        coalesce(sum(seconds) filter (where category = 'paused'), 0) as paused_seconds,
        coalesce(sum(seconds) filter (where is_running), 0) as running_seconds,
        bool_or(is_resolved) as is_resolved,
        min(started_at) filter (
            where started_by in ('status_changed', 'closed') and category <> 'open'
        ) as first_response_at,
        min(started_at) filter (where category = 'resolved') as first_resolved_at,
        max(started_at) filter (
            where category = 'resolved' and previous_category is distinct from 'resolved'
        ) as last_resolved_at,
        -- The instant the clock goes over its target, had gone, or will if nothing
        -- happens: inside the first running interval that is long enough or unended.
        min(
            started_at + (target_seconds - running_seconds_before) * interval '1 second'
        ) filter (
            where is_running
            and running_seconds_before <= target_seconds
            and (
                ended_at is null
                or running_seconds_before + seconds > target_seconds
            )
        ) as sla_due_at
    from clocked
    group by ticket_id
),

-- Each running interval of a resolved ticket, cut into local days.
running_days as (
    select
        ticket_id,
        started_at,
        ended_at,
        generate_series(
            {{ local_date('started_at') }}, {{ local_date('ended_at') }}, interval '1 day'
        )::date as business_date
    from clocked
    where is_running and is_resolved
),

business_times as (
    select
        running_days.ticket_id,
        sum(
            extract(
                epoch from
                least(running_days.ended_at, business_windows.closes_at)
                - greatest(running_days.started_at, business_windows.opens_at)
            )
        ) as business_seconds
    from running_days
    inner join business_windows
        on
            running_days.business_date = business_windows.business_date
            and running_days.started_at < business_windows.closes_at
            and running_days.ended_at > business_windows.opens_at
    group by running_days.ticket_id
),

tickets as (
    select
        *,
        case when is_resolved then last_resolved_at end as resolved_at,
        case when sla_due_at < support_as_of then sla_due_at end as sla_breach_at
    from targeted
    inner join clocks using (ticket_id)
    left join business_times using (ticket_id)
),

final as (
    select
        ticket_id,
        session_id,
        created_by,
        assignee_id,
        type,
        priority,
        source,
        status,
        status_category,
        case
            when target_seconds is null then null
            when coalesce(first_response_at, support_as_of) > sla_response_due_at
                then 'breached'
            when first_response_at is not null then 'met'
            else 'active'
        end as sla_response_status,
        case
            when target_seconds is null then null
            when sla_breach_at is not null then 'breached'
            when is_resolved then 'met'
            else 'active'
        end as sla_status,
        assignment_count::integer as assignment_count,
        reopen_count::integer as reopen_count,
        trim_scale(extract(epoch from resolved_at - created_at) / 3600) as resolution_hours,
        trim_scale(paused_seconds / 3600) as paused_hours,
        case when is_resolved then trim_scale(running_seconds / 3600) end
            as net_resolution_hours,
        case when is_resolved then trim_scale(coalesce(business_seconds, 0) / 3600) end
            as business_resolution_hours,
        reported_resolution_hours,
        is_created_observed,
        reported_sla_met,
        case
            when target_seconds is not null and (sla_breach_at is not null or is_resolved)
                then reported_sla_met = (sla_breach_at is not null)
        end as is_sla_disagreement,
        created_at,
        first_assigned_at,
        first_response_at,
        first_resolved_at,
        resolved_at,
        case when status = 'closed' then last_closed_at end as closed_at,
        sla_response_due_at,
        sla_due_at,
        sla_breach_at,
        created_date,
        {{ local_date('resolved_at') }} as resolved_date
    from tickets
)

select * from final
