{{ config(
    incremental_strategy='touched_coding_sessions',
    indexes=[
        {'columns': ['event_id'], 'unique': true},
        {'columns': ['session_id']},
        {'columns': ['event_date']},
    ],
) }}

with carried as (

    select * from {{ ref('int_coding_sessions_carried') }}
    where {{ in_touched_coding_sessions() }}

),

all_events as (

    select * from {{ ref('stg_qwen_code__events') }}
    where
        {{ in_touched_coding_sessions() }}
        and event_name in ('api_response', 'api_error')

),

prices as (

    select
        *,
        lead(valid_from) over (partition by model order by valid_from) as valid_to
    from {{ ref('coding_prices') }}

),

internal_calls as (

    select * from {{ ref('coding_internal_calls') }}

),

events as (

    select all_events.*
    from all_events
    inner join carried
        on
            all_events.session_id = carried.session_id
            and all_events.carrier = carried.carrier

),

calls as (

    select
        event_id,
        session_id,
        prompt_id,
        load_id,
        fields ->> 'response_id' as response_id,
        coalesce(fields ->> 'model', '(unknown)') as model,
        fields ->> 'auth_type' as auth_type,
        -- Versions up to 0.8 name the subagent in prompt_id only.
        coalesce(
            nullif(fields ->> 'subagent_name', ''),
            substring(prompt_id from '#([^#]+)-[^#-]+#[0-9]+$')
        ) as subagent_name,
        fields ->> 'error_type' as error_type,
        {{ field_number('status_code') }} as status_code,
        {{ field_number('input_token_count') }} as input_tokens,
        {{ field_number('output_token_count') }} as output_tokens,
        {{ field_number('cached_content_token_count') }} as cached_tokens,
        {{ field_number('thoughts_token_count') }} as thoughts_tokens,
        {{ field_number('tool_token_count') }} as tool_tokens,
        {{ field_number('total_token_count') }} as total_tokens,
        {{ field_number('duration_ms') }} as duration_ms,
        {{ field_number('ttft_ms') }} as ttft_ms,
        event_name = 'api_error' as is_error,
        occurred_at,
        {{ local_date('occurred_at') }} as event_date
    from events

),

classified as (

    select
        calls.*,
        case
            when
                exists (
                    select 1
                    from internal_calls
                    where
                        calls.subagent_name like internal_calls.subagent_pattern
                        or calls.prompt_id like internal_calls.prompt_pattern
                )
                then 'internal'
            when calls.subagent_name is not null then 'subagent'
            else 'main'
        end as call_kind,
        case
            when not calls.is_error then null
            when calls.status_code = 429 then 'rate_limit'
            when calls.status_code in (401, 403) then 'authorization'
            when calls.status_code = 408 or calls.error_type ilike '%timeout%' then 'timeout'
            when calls.status_code between 400 and 499 then 'bad_request'
            when calls.status_code between 500 and 599 then 'server_error'
            when calls.error_type ilike '%abort%' then 'cancelled'
            when calls.error_type ilike '%connection%' then 'connection'
            else 'other'
        end as error_class,
        case
            when
                calls.is_error
                or (coalesce(calls.input_tokens, 0) = 0 and coalesce(calls.output_tokens, 0) = 0)
                then 'unmeasured'
            when coalesce(calls.input_tokens, 0) = 0 or calls.output_tokens is null
                then 'partial'
            else 'measured'
        end as usage_status
    from calls

),

priced as (

    select
        classified.*,
        prices.currency,
        (
            greatest(
                coalesce(classified.input_tokens, 0) - coalesce(classified.cached_tokens, 0), 0
            ) * prices.input_price_per_million
            + coalesce(classified.cached_tokens, 0) * prices.cached_price_per_million
            + coalesce(classified.output_tokens, 0) * prices.output_price_per_million
        ) / 1000000 as amount
    from classified
    left join prices
        on
            classified.model = prices.model
            and classified.event_date >= prices.valid_from
            and (classified.event_date < prices.valid_to or prices.valid_to is null)

),

final as (

    select
        event_id,
        session_id,
        prompt_id,
        load_id,
        response_id,
        model,
        auth_type,
        call_kind,
        subagent_name,
        error_class,
        error_type,
        usage_status,
        case when usage_status <> 'unmeasured' then currency end as cost_currency,
        case
            when usage_status = 'unmeasured' then 'unmeasured'
            when currency is null then 'unpriced'
            when usage_status = 'partial' then 'partial'
            else 'priced'
        end as cost_status,
        status_code,
        input_tokens,
        output_tokens,
        cached_tokens,
        thoughts_tokens,
        tool_tokens,
        total_tokens,
        case when usage_status <> 'unmeasured' then amount end as cost_amount,
        duration_ms,
        ttft_ms,
        is_error,
        occurred_at,
        event_date
    from priced

)

select * from final
