with rejected_sequences as (

    select * from {{ ref('stg_casebook__rejected_sequences') }}

),

loads as (

    select * from {{ ref('stg_casebook__loads') }}

),

objects as (

    select * from {{ ref('stg_casebook__objects') }}
    where source = 'coze_studio'

),

final as (

    select
        rejected_sequences.producer as app_id,
        rejected_sequences.boot as device_key,
        rejected_sequences.sequence as event_index,
        min(rejected_sequences.event_date) as event_date,
        max(rejected_sequences.load_id) as load_id
    from rejected_sequences
    inner join loads
        on rejected_sequences.load_id = loads.load_id
    inner join objects
        on loads.object_id = objects.object_id
    where rejected_sequences.boot <> ''
    group by
        rejected_sequences.producer,
        rejected_sequences.boot,
        rejected_sequences.sequence

)

select * from final
