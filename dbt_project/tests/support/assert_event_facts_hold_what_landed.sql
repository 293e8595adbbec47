-- One row per load, new to this build, of which the event facts hold more rows, or fewer, than
-- the ledger says landed of their kinds. Loads before were tested by the builds that read them;
-- one of which something was erased has lost rows since, and a past state lacks the later ones.
with

landed as (
    select
        load_id,
        sum(line_count) as event_count
    from {{ ref('stg_casebook__load_counts') }}
    where
        outcome = 'landed'
        and event_name in (
            'session.message',
            'agent.session_message',
            'query.order',
            'query.tracking',
            'api.coze_call',
            'api.error'
        )
    group by load_id
),

facts as (
    select load_id
    from {{ ref('fct_messages') }}
    union all
    select load_id
    from {{ ref('fct_queries') }}
    union all
    select load_id
    from {{ ref('fct_ai_calls') }}
    union all
    select load_id
    from {{ ref('fct_api_errors') }}
),

counted as (
    select
        load_id,
        count(*) as row_count
    from facts
    where {{ of_new_loads() }}
    group by load_id
)

select
    loads.load_id,
    landed.event_count,
    counted.row_count
from {{ ref('stg_casebook__loads') }} as loads
left join landed on loads.load_id = landed.load_id
left join counted on loads.load_id = counted.load_id
where
    {{ of_new_loads("loads.load_id") }}
    and loads.erased_count = 0
    and coalesce(landed.event_count, 0) <> coalesce(counted.row_count, 0)
    and '{{ env_var("DBT_CASEBOOK_SCHEMA_SUFFIX", "") }}' = ''  -- noqa: LT05
