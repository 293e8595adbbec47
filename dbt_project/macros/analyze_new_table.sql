{#- A table that was just made has no statistics yet, and the models after it are planned by
    them. A tenth of the usual sample is enough and takes milliseconds. -#}
{% macro analyze_briefly(relation) -%}
    set local default_statistics_target to 10;
    analyze {{ relation }};
{%- endmacro %}

{#- Post-hook of tables that every build makes anew; incremental ones are analyzed when they
    are made, before readers see them. -#}
{% macro analyze_new_table() -%}
    {%- if config.get('materialized') == 'table' -%}
        {{ analyze_briefly(this) }}
    {%- endif -%}
{%- endmacro %}
