{#- What every table of product use counts, over rows of fct_product_events. Users and visits
    are distinct, so no period's is the sum of shorter ones. -#}
{% macro product_usage_measures() -%}
    count(*) as event_count,
    count(distinct user_key) as user_count,
    count(distinct visit_id) as session_count
{%- endmacro %}

{#- Events of days that this build recomputes; a condition, true on a full refresh. -#}
{% macro in_touched_product_days() -%}
    {%- set touched = ref('int_product_days_touched') -%}
    {%- if is_incremental() -%}
        event_date = any(array(select touched.event_date from {{ touched }} as touched))
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Likewise, of every day of the weeks those days lie in. -#}
{% macro in_touched_product_weeks() -%}
    {%- set touched = ref('int_product_days_touched') -%}
    {%- if is_incremental() -%}
        event_date = any(array(
            select distinct date_trunc('week', touched.event_date)::date + weekdays.number
            from {{ touched }} as touched
            cross join generate_series(0, 6) as weekdays (number)
        ))
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
