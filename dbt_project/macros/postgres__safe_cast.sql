{#- For dbt's unit tests: the information schema calls every array type ARRAY, which is no
    type to cast a missing column to. -#}
{% macro postgres__safe_cast(field, type) -%}
    cast({{ field }} as {{ 'text[]' if type == 'ARRAY' else type }})
{%- endmacro %}
