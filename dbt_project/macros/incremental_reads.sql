{#- Rows of loads up to the build's watermark, which nearly all are. So it is written as no index
    can use it: the planner, which does not know the watermark, would go by the index of loads. -#}
{% macro up_to_watermark() -%}
    {%- set builds = ref('stg_casebook__builds') -%}
    load_id - (select builds.max_load_id from {{ builds }} as builds) <= 0
{%- endmacro %}

{#- Rows of loads that this build reads and no finished build has read. Both bounds, as the
    planner knows neither: of a range it expects one row in 200, of one bound every third, for
    which it would scan whole tables. -#}
{% macro of_new_loads(load_id="load_id") -%}
    {%- set builds = ref('stg_casebook__builds') -%}
    {{ load_id }} between
    (select builds.after_load_id + 1 from {{ builds }} as builds)
    and (select builds.max_load_id from {{ builds }} as builds)
{%- endmacro %}

{#- What an incremental model reads. Each is a condition; true on a full refresh. -#}

{#- Rows of loads that no finished build has read. -#}
{% macro in_new_loads() -%}
    {%- set condition = of_new_loads() -%}
    {%- if is_incremental() -%}
        {{ condition }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Rows of sessions that this build recomputes. The list of them is analyzed when it is
    made, so the planner knows whether to go by index or to scan. -#}
{% macro in_touched_sessions() -%}
    {%- set touched = ref('int_sessions_touched') -%}
    {%- if is_incremental() -%}
        session_id in (select touched.session_id from {{ touched }} as touched)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Rows of sessions whose fct_sessions row this build recomputes. -#}
{% macro in_reassessed_sessions() -%}
    {%- set reassessed = ref('int_sessions_reassessed') -%}
    {%- if is_incremental() -%}
        session_id in (select reassessed.session_id from {{ reassessed }} as reassessed)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The order of one entity's events (docs: metrics.md, "Rules for all"). -#}
{% macro event_order() -%}
    occurred_at, type_rank, sequence, event_id collate "C", producer collate "C"
{%- endmacro %}
