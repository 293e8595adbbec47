{#- Rows of loads up to the build's watermark, which nearly all are. So it is written as no index
    can use it: the planner, which does not know the watermark, would go by the index of loads. -#}
{% macro up_to_watermark() -%}
    {%- set builds = ref('stg_casebook__builds') -%}
    load_id - (select builds.max_load_id from {{ builds }} as builds) <= 0
{%- endmacro %}

{#- What an incremental model reads. Each is a condition; true on a full refresh. -#}

{#- Rows of loads that no finished build has read. -#}
{% macro in_new_loads() -%}
    {%- set builds = ref('stg_casebook__builds') -%}
    {%- if is_incremental() -%}
        load_id > (select builds.after_load_id from {{ builds }} as builds)
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
