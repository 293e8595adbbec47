{{
    config(
        incremental_strategy='touched_periods',
        indexes=[
            {
                'columns': ['period_start', 'endpoint', text_hash('error_type')],
                'unique': true,
            },
        ],
        meta={'grain': 'day'},
    )
}}

with

periods as (
    select * from {{ ref('int_support_periods') }}
    where grain = 'day'
),

api_errors as (
    select * from {{ ref('fct_api_errors') }}
    where {{ is_touched_day('occurred_date') }}
),

measured as (
    select
        occurred_date as period_start,
        coalesce(endpoint, 'unknown') as endpoint,
        coalesce(error_type, 'unknown') as error_type,
        count(*) as api_errors,
        count(distinct error_fingerprint) as distinct_messages,
        count(distinct session_id) as affected_sessions
    from api_errors
    group by
        occurred_date, coalesce(endpoint, 'unknown'), coalesce(error_type, 'unknown')
),

final as (
    select
        measured.*,
        periods.is_complete,
        periods.is_mature
    from measured
    inner join periods on measured.period_start = periods.period_start
)

select * from final
