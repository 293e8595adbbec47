{#- From the catalog itself: information_schema takes ten times as long, of each table anew. -#}
{% macro postgres__get_columns_in_relation(relation) -%}
    {%- call statement('get_columns_in_relation', fetch_result=True) %}
        select
            attribute.attname as column_name,
            format_type(attribute.atttypid, attribute.atttypmod) as data_type,
            null::int as character_maximum_length,
            null::int as numeric_precision,
            null::int as numeric_scale
        from pg_attribute as attribute
        where
            attribute.attrelid = to_regclass('{{ relation }}')
            and attribute.attnum > 0
            and not attribute.attisdropped
        order by attribute.attnum
    {%- endcall -%}
    {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}
