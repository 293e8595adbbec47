{{ config(materialized='view') }}

with metrics as (

    select * from {{ ref('stg_qwen_code__metrics') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by session_id, started_at order by measured_at desc
        ) as from_last
    from metrics

),

-- A process counts from its start on: of each the last, and these together.
final as (

    select
        session_id,
        coalesce(sum(api_calls), 0) as api_calls,
        coalesce(sum(tool_calls), 0) as tool_calls,
        coalesce(sum(input_tokens), 0) as input_tokens,
        coalesce(sum(output_tokens), 0) as output_tokens,
        coalesce(sum(cached_tokens), 0) as cached_tokens,
        coalesce(sum(thoughts_tokens), 0) as thoughts_tokens
    from numbered
    where from_last = 1
    group by session_id

)

select * from final
