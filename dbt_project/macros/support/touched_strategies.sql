{#- How an incremental model replaces what a build recomputes, also where nothing is left:
    delete every touched day, or period, and insert the result, in one transaction. -#}

{% macro get_incremental_touched_days_sql(arg_dict) %}
    delete from {{ arg_dict["target_relation"] }}
    where event_date = any(array(
        select event_date from {{ ref('int_support_days_touched') }}
    ));
    {{ get_incremental_append_sql(arg_dict) }}
{% endmacro %}

{#- Of a model with one grain, which its meta names, or of one that holds all. -#}
{% macro get_incremental_touched_periods_sql(arg_dict) %}
    {%- set grain = (config.get('meta') or {}).get('grain') -%}
    delete from {{ arg_dict["target_relation"] }}
    {% if grain %}
        where period_start = any(array(
            select period_start from {{ ref('int_support_periods') }}
            where is_touched and grain = '{{ grain }}'
        ));
    {% else %}
        where (grain, period_start) in (
            select grain, period_start from {{ ref('int_support_periods') }}
            where is_touched
        );
    {% endif %}
    {{ get_incremental_append_sql(arg_dict) }}
{% endmacro %}
