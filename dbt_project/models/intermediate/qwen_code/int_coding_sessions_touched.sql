{{ config(
    materialized='incremental',
    incremental_strategy='all_rows',
    indexes=[{'columns': ['session_id'], 'unique': true}],
) }}

with events as (

    select * from {{ ref('stg_qwen_code__events') }}

),

metrics as (

    select * from {{ ref('stg_qwen_code__metrics') }}

),

final as (

    select session_id
    from events
    where {{ of_new_loads() }}
    union distinct
    select session_id
    from metrics
    where {{ of_new_loads() }}

)

select * from final
