{{ config(incremental_strategy='all_rows') }}

with builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

events as (

    select * from {{ ref('fct_product_events') }}

),

steps as (

    select * from {{ ref('int_product_steps_marked') }}

),

assumptions as (

    select
        valid_from,
        funnel_window_hours * interval '1 hour' as funnel_window,
        lead(valid_from) over (order by valid_from) as valid_to
    from {{ ref('product_assumptions') }}

),

-- A user enters once a day, with the first creation of the day.
entries as (

    select
        steps.user_key,
        steps.event_date,
        min(steps.occurred_at) as created_at,
        min(steps.occurred_at) + min(assumptions.funnel_window) as window_ends_at
    from steps
    inner join assumptions
        on
            steps.event_date >= assumptions.valid_from
            and (steps.event_date < assumptions.valid_to or assumptions.valid_to is null)
    where steps.step = 'create'
    group by steps.user_key, steps.event_date

),

with_results as (

    select
        entries.user_key,
        entries.event_date,
        entries.created_at,
        entries.window_ends_at,
        min(steps.occurred_at) as result_at
    from entries
    left join steps
        on
            entries.user_key = steps.user_key
            and steps.step = 'result'
            and steps.occurred_at between entries.created_at and entries.window_ends_at
    group by
        entries.user_key,
        entries.event_date,
        entries.created_at,
        entries.window_ends_at

),

with_messages as (

    select
        with_results.user_key,
        with_results.event_date,
        with_results.created_at,
        with_results.window_ends_at,
        with_results.result_at,
        min(steps.occurred_at) as message_at
    from with_results
    left join steps
        on
            with_results.user_key = steps.user_key
            and steps.step = 'message'
            and steps.occurred_at
            between with_results.result_at and with_results.window_ends_at
    group by
        with_results.user_key,
        with_results.event_date,
        with_results.created_at,
        with_results.window_ends_at,
        with_results.result_at

),

with_publishes as (

    select
        with_messages.user_key,
        with_messages.event_date,
        with_messages.created_at,
        with_messages.result_at,
        with_messages.message_at,
        min(steps.occurred_at) as published_at
    from with_messages
    left join steps
        on
            with_messages.user_key = steps.user_key
            and steps.step = 'publish'
            and steps.occurred_at
            between with_messages.message_at and with_messages.window_ends_at
    group by
        with_messages.user_key,
        with_messages.event_date,
        with_messages.created_at,
        with_messages.result_at,
        with_messages.message_at

),

days as (

    select span.first_date + numbers.number as event_date
    from (
        select
            min(event_date) as first_date,
            max(event_date) as last_date
        from events
    ) as span
    cross join generate_series(0, span.last_date - span.first_date) as numbers (number)

),

counted as (

    select
        days.event_date,
        count(with_publishes.created_at) as create_user_count,
        count(with_publishes.result_at) as result_user_count,
        count(with_publishes.message_at) as message_user_count,
        count(with_publishes.published_at) as publish_user_count,
        percentile_cont(0.5) within group (
            order by
                extract(epoch from with_publishes.published_at - with_publishes.created_at)
                / 3600.0
        ) as hours_to_publish_p50,
        percentile_cont(0.9) within group (
            order by
                extract(epoch from with_publishes.published_at - with_publishes.created_at)
                / 3600.0
        ) as hours_to_publish_p90
    from days
    left join with_publishes
        on days.event_date = with_publishes.event_date
    group by days.event_date

),

final as (

    select
        counted.event_date,
        counted.create_user_count,
        counted.result_user_count,
        counted.message_user_count,
        counted.publish_user_count,
        counted.result_user_count::numeric / nullif(counted.create_user_count, 0)
            as create_to_result_rate,
        counted.message_user_count::numeric / nullif(counted.result_user_count, 0)
            as result_to_message_rate,
        counted.publish_user_count::numeric / nullif(counted.message_user_count, 0)
            as message_to_publish_rate,
        counted.publish_user_count::numeric / nullif(counted.create_user_count, 0)
            as create_to_publish_rate,
        counted.hours_to_publish_p50,
        counted.hours_to_publish_p90,
        ((counted.event_date + 1)::timestamp at time zone builds.business_timezone)
        + assumptions.funnel_window
        <= builds.coze_studio_as_of as is_mature
    from counted
    cross join builds
    left join assumptions
        on
            counted.event_date >= assumptions.valid_from
            and (counted.event_date < assumptions.valid_to or assumptions.valid_to is null)

)

select * from final
