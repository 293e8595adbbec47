{#- A table that was just made has no statistics yet, and the models after it are planned by
    them. A tenth of the usual sample is enough and takes milliseconds. -#}
{% macro analyze_briefly(relation) -%}
    set local default_statistics_target to 10;
    analyze {{ relation }};
{%- endmacro %}

{#- Post-hook of the intermediate tables that every build computes whole; others are analyzed
    when they are made, before readers see them, and by autovacuum. -#}
{% macro analyze_new_table() -%}
    {%- if config.get('incremental_strategy') == 'all_rows' and is_incremental() -%}
        {{ analyze_briefly(this) }}
    {%- endif -%}
{%- endmacro %}
