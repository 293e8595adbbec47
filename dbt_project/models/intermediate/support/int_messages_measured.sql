{{ config(materialized='ephemeral') }}

with

messages as (
    select * from {{ ref('fct_messages') }}
    where {{ is_touched_day('occurred_date') }}
),

sessions as (
    select * from {{ ref('fct_sessions') }}
),

placed as (
    select
        messages.occurred_date as event_date,
        coalesce(sessions.site, 'unknown') as site,
        coalesce(sessions.channel, 'unknown') as channel,
        messages.sender,
        case when messages.sender = 'ai' then messages.response_time_ms end
            as ai_response_ms
    from messages
    left join sessions on messages.session_id = sessions.session_id
),

final as (
    select
        event_date,
        site,
        channel,
        count(*) filter (where sender = 'customer') as customer_messages,
        count(*) filter (where sender = 'ai') as ai_messages,
        count(*) filter (where sender = 'agent') as agent_messages,
        count(ai_response_ms) as ai_responses,
        sum(ai_response_ms)::numeric as ai_response_ms_sum,
        array_agg(ai_response_ms::double precision)
        filter (where ai_response_ms is not null) as ai_response_ms_values
    from placed
    group by event_date, site, channel
)

select * from final
