{{ config(materialized='view') }}

with calls as (

    select * from {{ ref('fct_coding_api_calls') }}

),

by_model as (

    select
        session_id,
        model,
        jsonb_build_object(
            'api', jsonb_build_object(
                'totalRequests', count(*),
                'totalErrors', count(*) filter (where is_error),
                'totalLatencyMs', coalesce(sum(duration_ms), 0)
            ),
            'tokens', jsonb_build_object(
                'prompt', coalesce(sum(input_tokens), 0),
                'candidates', coalesce(sum(output_tokens), 0),
                'total', coalesce(sum(total_tokens), 0),
                'cached', coalesce(sum(cached_tokens), 0),
                'thoughts', coalesce(sum(thoughts_tokens), 0),
                'tool', coalesce(sum(tool_tokens), 0)
            )
        ) as stats
    from calls
    group by session_id, model

),

models as (

    select
        session_id,
        jsonb_object_agg(model, stats) as models
    from by_model
    group by session_id

),

summed as (

    select
        session_id,
        count(*) as api_call_count,
        count(*) filter (where is_error) as api_error_count,
        count(*) filter (where call_kind = 'main') as main_call_count,
        count(*) filter (where call_kind = 'subagent') as subagent_call_count,
        count(*) filter (where call_kind = 'internal') as internal_call_count,
        count(*) filter (where not is_error and usage_status = 'unmeasured')
            as unmeasured_call_count,
        sum(input_tokens) as input_tokens,
        sum(output_tokens) as output_tokens,
        sum(cached_tokens) as cached_tokens,
        sum(thoughts_tokens) as thoughts_tokens,
        sum(tool_tokens) as tool_tokens,
        sum(total_tokens) as total_tokens,
        sum(total_tokens) filter (where call_kind = 'internal') as internal_total_tokens,
        sum(duration_ms) as api_duration_ms,
        sum(cost_amount) as cost_amount,
        min(cost_currency) as cost_currency,
        {{ cost_status_of_calls() }} as cost_status,
        sum(cost_amount) filter (where call_kind = 'internal') as internal_cost_amount
    from calls
    group by session_id

),

final as (

    select
        summed.*,
        models.models
    from summed
    inner join models
        on summed.session_id = models.session_id

)

select * from final
