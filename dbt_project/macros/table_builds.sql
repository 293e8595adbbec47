{#- Which build wrote each table of facts and marts: stamped in the transaction that
    writes it, so that after a killed build the stamps still tell the truth. -#}

{% macro table_builds() -%}
    intermediate{{ env_var('DBT_CASEBOOK_SCHEMA_SUFFIX', '') }}.table_builds
{%- endmacro %}

{% macro create_table_builds() %}
    create table if not exists {{ table_builds() }} (
        table_schema text not null,
        table_name text not null,
        build_id bigint not null,
        primary key (table_schema, table_name)
    )
{% endmacro %}

{% macro stamp_build() %}
    insert into {{ table_builds() }}
    select '{{ this.schema }}', '{{ this.identifier }}', builds.build_id
    from {{ ref('stg_casebook__builds') }} as builds
    on conflict (table_schema, table_name) do update set build_id = excluded.build_id
{% endmacro %}
