{{ config(materialized='view') }}

with sessions as (

    select * from {{ ref('fct_coding_sessions') }}

),

builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

span as (

    select
        min(started_date) as first_date,
        {{ local_date('max(ended_at)') }} as last_date
    from sessions

),

dated as (

    select
        builds.qwen_code_as_of,
        span.first_date + numbers.number as event_date,
        (span.first_date + numbers.number + 1)::timestamp at time zone builds.business_timezone
            as ends_at
    from span
    cross join builds
    cross join generate_series(0, span.last_date - span.first_date) as numbers (number)

),

final as (

    select
        event_date,
        {{ is_complete('ends_at', 'qwen_code_as_of') }} as is_complete
    from dated

)

select * from final
