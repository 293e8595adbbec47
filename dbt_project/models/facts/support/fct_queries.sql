{{ config(
    incremental_strategy='touched_sessions',
    indexes=[{'columns': ['session_id']}, {'columns': ['occurred_date']}],
) }}

-- depends_on: {{ ref('int_sessions_touched') }}

with events as (

    select * from {{ ref('stg_support__events') }}
    where
        event_name in ('query.order', 'query.tracking')
        and {{ in_new_loads() }}

),

queries as (

    select
        event_id,
        producer,
        load_id,
        sequence,
        type_rank,
        session_id,
        case event_name when 'query.order' then 'order' else 'tracking' end as kind,
        number_hash,
        status,
        carrier,
        site,
        response_time_ms,
        success,
        occurred_at
    from events

    {% if is_incremental() %}
        union all

        -- queries of touched sessions that a finished build has read
        select
            event_id,
            producer,
            load_id,
            sequence,
            type_rank,
            session_id,
            kind,
            number_hash,
            status,
            carrier,
            site,
            response_time_ms,
            success,
            occurred_at
        from {{ this }}
        where
            not {{ in_new_loads() }}
            and {{ in_touched_sessions() }}
    {% endif %}

),

-- retries of one number within a minute are one lookup
followed as (

    select
        *,
        lead(occurred_at) over (
            partition by session_id, kind, number_hash
            order by {{ event_order() }}
        ) as next_occurred_at
    from queries

),

final as (

    select
        event_id,
        producer,
        load_id,
        sequence,
        type_rank,
        session_id,
        kind,
        number_hash,
        status,
        carrier,
        site,
        response_time_ms,
        success,
        (
            number_hash is null
            or next_occurred_at is null
            or next_occurred_at - occurred_at > interval '60 seconds'
        ) as is_lookup_result,
        occurred_at,
        {{ local_date('occurred_at') }} as occurred_date
    from followed

)

select * from final
