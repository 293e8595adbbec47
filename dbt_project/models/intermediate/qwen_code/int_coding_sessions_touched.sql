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

builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

final as (

    select session_id
    from events
    where load_id > (select after_load_id from builds)
    union distinct
    select session_id
    from metrics
    where load_id > (select after_load_id from builds)

)

select * from final
