{{ config(
    unique_key='event_date',
    indexes=[
        {
            'columns': [
                'event_date',
                'event_name',
                text_hash('source'),
                text_hash('term_key'),
            ],
            'unique': true,
        },
    ],
) }}

with events as (

    select * from {{ ref('fct_product_events') }}
    where {{ in_touched_product_days() }}

),

search_events as (

    select * from {{ ref('product_search_events') }}

),

searches as (

    select
        events.event_date,
        events.event_name,
        events.user_key,
        events.visit_id,
        events.params ->> 'source' as source,
        events.params ->> search_events.parameter as term_key,
        (events.params -> (search_events.parameter || '_length'))::numeric as term_length
    from events
    inner join search_events
        on events.event_name = search_events.event_name

),

final as (

    select
        event_date,
        event_name,
        coalesce(source, '(unknown)') as source,
        coalesce(term_key, '(none)') as term_key,
        max(term_length) as term_length,
        {{ product_usage_measures() }}
    from searches
    group by 1, 2, 3, 4

)

select * from final
