{#- Post-hook: a table that was just made has no statistics yet, and the models after it are
    planned by them. A tenth of the usual sample is enough and takes milliseconds. -#}
{% macro analyze_new_table() -%}
    {%- if config.get('materialized') in ('table', 'incremental') and not is_incremental() -%}
        set local default_statistics_target to 10;
        analyze {{ this }};
    {%- endif -%}
{%- endmacro %}
