{{
    config(
        incremental_strategy='all_rows',
        indexes=[{'columns': ['source', 'producer', 'event_date'], 'unique': true}],
    )
}}

with

load_counts as (
    select * from {{ ref('stg_casebook__load_counts') }}
),

loads as (
    select * from {{ ref('stg_casebook__loads') }}
),

objects as (
    select * from {{ ref('stg_casebook__objects') }}
),

late_arrivals as (
    select * from {{ ref('int_late_arrivals_counted') }}
),

sequence_losses as (
    select * from {{ ref('int_sequence_losses') }}
),

product_losses as (
    select * from {{ ref('int_product_losses_measured') }}
),

declared_drops as (
    select * from {{ ref('int_drops_declared') }}
),

skews as (
    select * from {{ ref('int_skews_counted') }}
),

stream_losses as (
    select * from {{ ref('stg_casebook__stream_losses') }}
),

reports as (
    select * from {{ ref('int_reports_compared') }}
),

sources as (
    select * from {{ ref('int_sources_timed') }}
),

statuses as (
    select * from {{ ref('fct_ticket_statuses') }}
    where not is_status_known
),

-- A word that nobody mapped counts on the day of what it is a word of.
ai_statuses as (
    select
        business_date,
        changed_at
    from {{ ref('fct_ai_runs') }}
    where not is_status_known or not is_alert_status_known
    union all
    select
        business_date,
        changed_at
    from {{ ref('fct_ai_trigger_jobs') }}
    where not is_status_known
),

-- A line without a readable time counts on the day it was loaded.
counted as (
    select
        objects.source,
        coalesce(load_counts.producer, 'unknown') as producer,
        coalesce(load_counts.event_date, {{ local_date('loads.loaded_at') }}) as event_date,
        load_counts.outcome,
        load_counts.reason,
        load_counts.line_count
    from load_counts
    inner join loads on load_counts.load_id = loads.load_id
    inner join objects on loads.object_id = objects.object_id
    -- Whole, no event and no loss: spans, metrics, conversation.
    where load_counts.outcome <> 'skipped'
),

days as (
    select * from counted
    {% if env_var('DBT_CASEBOOK_SCHEMA_SUFFIX', '') %}
        -- A past state ends with the day of its as_of.
        where
            event_date <= (
                select {{ local_date('support_as_of') }}
                from {{ ref('stg_casebook__builds') }}
            )
    {% endif %}
),

lines as (
    select
        source,
        producer,
        event_date,
        sum(line_count) filter (where outcome = 'landed') as landed_count,
        sum(line_count) filter (where outcome = 'duplicate') as duplicate_count,
        sum(line_count) filter (where outcome = 'quarantined') as quarantined_count,
        {% for reason in quarantine_reasons() -%}
            sum(line_count) filter (
                where outcome = 'quarantined' and reason = '{{ reason }}'
            ) as {{ reason }}_count,
        {% endfor -%}
        sum(line_count) filter (
            where outcome = 'quarantined'
            and reason not in (
                '{{ quarantine_reasons() | join("', '") }}'  -- noqa: LT05
            )
        ) as other_quarantined_count,
        sum(line_count) filter (where outcome = 'violation') as violation_count,
        sum(line_count) filter (where outcome = 'unknown_field') as unknown_field_count
    from days
    group by source, producer, event_date
),

late as (
    select
        'support' as source,
        *
    from late_arrivals
),

losses as (
    select
        'support' as source,
        producer,
        event_date,
        expected_events,
        lost_events,
        rejected_events
    from sequence_losses
    union all
    select
        'coze_studio' as source,
        app_id as producer,
        event_date,
        sum(expected_events)::bigint as expected_events,
        sum(lost_events)::bigint as lost_events,
        sum(rejected_events)::bigint as rejected_events
    from product_losses
    group by app_id, event_date
),

drops as (
    select
        'support' as source,
        *
    from declared_drops
),

skewed as (
    select
        'support' as source,
        *
    from skews
),

-- Whose they were and when is gone with them: they count on the day they were missed.
trimmed as (
    select
        source,
        'unknown' as producer,
        {{ local_date('noticed_at') }} as event_date,
        sum(entry_count) as trimmed_events
    from stream_losses
    {% if env_var('DBT_CASEBOOK_SCHEMA_SUFFIX', '') %}
        where noticed_at <= (select support_as_of from {{ ref('stg_casebook__builds') }})
    {% endif %}
    group by source, {{ local_date('noticed_at') }}
),

disagreements as (
    select
        'support' as source,
        producer,
        event_date,
        sum(compared_count) as compared_report_count,
        sum(disagreement_count) filter (where event_name = 'session.end')
            as session_disagreement_count,
        sum(disagreement_count) filter (where event_name like 'agent.session%')
            as handling_disagreement_count,
        sum(disagreement_count) filter (where event_name = 'agent.logout')
            as shift_disagreement_count,
        sum(disagreement_count) filter (where event_name = 'ticket.closed')
            as ticket_disagreement_count,
        sum(disagreement_count) as disagreement_count
    from reports
    group by producer, event_date
),

unmapped as (
    select
        'support' as source,
        producer,
        event_date,
        count(*) as unmapped_status_count
    from (
        -- Two events at one instant make two statuses, of which each matches both.
        select distinct
            events.producer,
            events.event_id,
            statuses.ticket_id,
            statuses.started_at,
            {{ local_date('statuses.started_at') }} as event_date
        from statuses
        inner join {{ ref('int_ticket_events') }} as events
            on
                statuses.ticket_id = events.ticket_id
                and statuses.started_at = events.occurred_at
                and statuses.status = coalesce(
                    events.to_status,
                    case events.event_name when 'ticket.closed' then 'closed' else 'open' end
                )
        where events.event_name <> 'ticket.assigned'
    ) as matched
    group by producer, event_date
    union all
    select
        'ai_admin' as source,
        'biz' as producer,
        coalesce(business_date, {{ local_date('changed_at') }}) as event_date,
        count(*) as unmapped_status_count
    from ai_statuses
    group by coalesce(business_date, {{ local_date('changed_at') }})
),

joined as (
    select *
    from lines
    full outer join late using (source, producer, event_date)  -- noqa: ST07
    full outer join losses using (source, producer, event_date)  -- noqa: ST07
    full outer join drops using (source, producer, event_date)  -- noqa: ST07
    full outer join skewed using (source, producer, event_date)  -- noqa: ST07
    full outer join trimmed using (source, producer, event_date)  -- noqa: ST07
    full outer join disagreements using (source, producer, event_date)  -- noqa: ST07
    full outer join unmapped using (source, producer, event_date)  -- noqa: ST07
),

timed as (
    select
        joined.*,
        sources.as_of,
        (joined.event_date + 1)::timestamp at time zone sources.business_timezone as ends_at
    from joined
    left join sources on joined.source = sources.source
),

final as (
    select
        source,
        producer,
        event_date,
        {% for count in [
            'landed_count', 'duplicate_count', 'quarantined_count',
        ] + quarantine_counts() + [
            'other_quarantined_count', 'late_count', 'lost_events', 'declared_dropped_events', 'trimmed_events', 'rejected_events', 'skewed_count',
            'violation_count', 'unknown_field_count', 'unmapped_status_count',
            'compared_report_count', 'session_disagreement_count',
            'handling_disagreement_count', 'shift_disagreement_count',
            'ticket_disagreement_count', 'disagreement_count',
        ] -%}
            coalesce({{ count }}, 0)::bigint as {{ count }},
        {% endfor -%}
        expected_events,
        {{ rate('lost_events', 'expected_events') }} as loss_rate,
        {{ loss_upper_95('lost_events', 'expected_events') }} as loss_rate_upper_95,
        coalesce({{ is_complete('ends_at', 'as_of') }}, false) as is_complete,
        coalesce({{ is_mature('ends_at', 'as_of') }}, false) as is_mature
    from timed
)

select * from final
