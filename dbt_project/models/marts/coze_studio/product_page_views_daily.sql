{{ config(
    unique_key='event_date',
    indexes=[{'columns': ['event_date', text_hash('page_path')], 'unique': true}],
) }}

with events as (

    select * from {{ ref('fct_product_events') }}
    where {{ in_touched_product_days() }}

),

view_events as (

    select * from {{ ref('product_view_events') }}

),

views as (

    select
        events.event_date,
        events.user_key,
        events.visit_id,
        view_events.reporter,
        coalesce(events.page_path, '(unknown)') as page_path
    from events
    inner join view_events
        on events.event_name = view_events.event_name

),

counted as (

    select
        event_date,
        coalesce(page_path, '(all)') as page_path,
        count(distinct user_key) as user_count,
        count(distinct visit_id) as visit_count,
        count(distinct visit_id) filter (where reporter = 'studio') as viewing_visit_count,
        count(*) filter (where reporter = 'studio') as page_view_count,
        count(*) filter (where reporter = 'studio' and visit_id is not null)
            as visit_page_view_count,
        count(*) filter (where reporter = 'sdk') as sdk_page_view_count
    from views
    group by grouping sets ((event_date, page_path), (event_date))

),

final as (

    select
        *,
        visit_page_view_count::numeric / nullif(viewing_visit_count, 0)
            as pages_per_visit
    from counted

)

select * from final
