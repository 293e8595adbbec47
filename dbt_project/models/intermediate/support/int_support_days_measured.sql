{#- Counts and sums add up exactly to any period, site or channel; percentiles and distinct
    customers do not, so their values stay beside as arrays, in any order and with copies: the
    day is a hash aggregate, and periods sort anyway. The facts are read once, and of them only
    touched days. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='touched_days',
        indexes=[
            {'columns': ['event_date', 'site', text_hash('channel')], 'unique': true},
        ],
    )
}}

-- depends_on: {{ ref('int_support_days_touched') }}

with

sessions as (
    select * from {{ ref('int_sessions_measured') }}
),

messages as (
    select * from {{ ref('int_messages_measured') }}
),

queries as (
    select * from {{ ref('int_queries_measured') }}
),

api_calls as (
    select * from {{ ref('int_api_calls_measured') }}
),

tickets as (
    select * from {{ ref('int_tickets_measured') }}
),

joined as (
    select *
    from sessions
    full outer join messages using (event_date, site, channel)  -- noqa: ST07
    full outer join queries using (event_date, site, channel)  -- noqa: ST07
    full outer join api_calls using (event_date, site, channel)  -- noqa: ST07
    full outer join tickets using (event_date, site, channel)  -- noqa: ST07
),

final as (
    select
        event_date,
        site,
        channel,
        {% for count in support_counts() -%}
            coalesce({{ count }}, 0) as {{ count }},
        {% endfor -%}
        {% for sum in support_sums() -%}
            {{ sum }},
        {% endfor -%}
        {% for sample in support_samples() -%}
            {{ sample }}_values,
        {% endfor -%}
        customer_ids
    from joined
)

select * from final
