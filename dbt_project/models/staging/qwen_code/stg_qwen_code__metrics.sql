with metrics as (

    select * from {{ source('qwen_code', 'raw_qwen_code_metrics') }}

),

final as (

    select
        load_id,
        session_id,
        -- numbers
        (counts -> 'api_calls')::numeric as api_calls,
        (counts -> 'tool_calls')::numeric as tool_calls,
        (counts -> 'input_tokens')::numeric as input_tokens,
        (counts -> 'output_tokens')::numeric as output_tokens,
        (counts -> 'cached_tokens')::numeric as cached_tokens,
        (counts -> 'thoughts_tokens')::numeric as thoughts_tokens,
        -- times
        started_at,
        measured_at
    from metrics
    where
        {{ up_to_watermark() }}
    {% if env_var('DBT_CASEBOOK_SCHEMA_SUFFIX', '') %}
            -- The last of a session is told when it is over, after its last event. The live
            -- schemas see all: what showed only as as_of moves would touch no session.
            and measured_at
            <= (select qwen_code_as_of from {{ ref('stg_casebook__builds') }})
            + interval '1 hour'
        {% endif %}

)

select * from final
