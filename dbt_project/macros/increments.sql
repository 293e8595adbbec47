{#- What dbt does with every table of every build, though only a full refresh can need it:
    any change of a model, a column or a description makes one (orchestration.builds). -#}

{#- Comments were written when the table was made. -#}
{% macro postgres__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if not is_incremental() -%}
        {{ dbt.default__persist_docs(relation, model, for_relation, for_columns) }}
    {%- endif -%}
{%- endmacro %}

{#- A table has the columns that it was made with. -#}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) -%}
    {{ return([]) }}
{%- endmacro %}

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
