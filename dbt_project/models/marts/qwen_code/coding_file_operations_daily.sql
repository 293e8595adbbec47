{{ config(
    incremental_strategy='all_rows',
    indexes=[
        {
            'columns': ['event_date', 'operation', text_hash('programming_language')],
            'unique': true,
        },
    ],
) }}

with events as (

    select * from {{ ref('fct_coding_events') }}
    where event_name = 'file_operation'

),

final as (

    select
        event_date,
        coalesce(fields ->> 'operation', '(unknown)') as operation,
        coalesce(fields ->> 'programming_language', '(unknown)') as programming_language,
        count(*) as file_operations,
        count(distinct session_id) as sessions,
        sum({{ field_number('lines') }}) as lines
    from events
    group by 1, 2, 3

)

select * from final
