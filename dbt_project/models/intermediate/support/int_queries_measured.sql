{{ config(materialized='ephemeral') }}

with

queries as (
    select * from {{ ref('fct_queries') }}
    where {{ is_touched_day('occurred_date') }}
),

sessions as (
    select * from {{ ref('fct_sessions') }}
),

placed as (
    select
        queries.occurred_date as event_date,
        coalesce(sessions.site, 'unknown') as site,
        coalesce(sessions.channel, 'unknown') as channel,
        queries.kind,
        queries.success
    from queries
    left join sessions on queries.session_id = sessions.session_id
),

final as (
    select
        event_date,
        site,
        channel,
        count(*) filter (where kind = 'order') as order_queries,
        count(success) filter (where kind = 'order') as order_queries_known,
        count(*) filter (where kind = 'order' and success) as order_queries_succeeded,
        count(*) filter (where kind = 'tracking') as tracking_queries,
        count(success) filter (where kind = 'tracking') as tracking_queries_known,
        count(*) filter (where kind = 'tracking' and success)
            as tracking_queries_succeeded
    from placed
    group by event_date, site, channel
)

select * from final
