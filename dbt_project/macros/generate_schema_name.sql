{#- A model's schema is the one its folder names. A build with an explicit as_of adds a
    suffix, so that it never writes over the live schemas. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}{{ env_var('DBT_CASEBOOK_SCHEMA_SUFFIX', '') }}
{%- endmacro %}
