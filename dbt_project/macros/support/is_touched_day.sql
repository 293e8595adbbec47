{#- Whether the local date `column` is one this build recomputes. A full refresh recomputes
    all and says `true`, so that the planner does not take a whole table for a few days. -#}
{% macro is_touched_day(column) -%}
    {%- set touched_days = ref('int_support_days_touched') -%}
    {%- if flags.FULL_REFRESH -%}
        true
    {%- else -%}
        {{ column }} = any(array(select event_date from {{ touched_days }}))
    {%- endif -%}
{%- endmacro %}
