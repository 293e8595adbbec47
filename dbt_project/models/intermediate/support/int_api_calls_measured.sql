{{ config(materialized='ephemeral') }}

with

ai_calls as (
    select * from {{ ref('fct_ai_calls') }}
    where {{ is_touched_day('occurred_date') }}
),

api_errors as (
    select * from {{ ref('fct_api_errors') }}
    where {{ is_touched_day('occurred_date') }}
),

sessions as (
    select * from {{ ref('fct_sessions') }}
),

unified as (
    select
        session_id,
        true as is_call,
        success,
        response_time_ms,
        input_tokens,
        output_tokens,
        occurred_date
    from ai_calls
    union all
    select
        session_id,
        false as is_call,
        null as success,
        null as response_time_ms,
        null as input_tokens,
        null as output_tokens,
        occurred_date
    from api_errors
),

placed as (
    select
        unified.*,
        coalesce(sessions.site, 'unknown') as site,
        coalesce(sessions.channel, 'unknown') as channel
    from unified
    left join sessions on unified.session_id = sessions.session_id
),

final as (
    select
        occurred_date as event_date,
        site,
        channel,
        count(*) filter (where is_call) as coze_calls,
        count(success) as coze_calls_known,
        count(*) filter (where success) as coze_calls_succeeded,
        count(response_time_ms) as coze_calls_timed,
        sum(response_time_ms)::numeric as coze_call_ms_sum,
        sum(input_tokens)::bigint as input_tokens,
        sum(output_tokens)::bigint as output_tokens,
        count(*) filter (where not is_call) as api_errors,
        array_agg(response_time_ms::double precision)
        filter (where response_time_ms is not null) as coze_call_ms_values
    from placed
    group by event_date, site, channel
)

select * from final
