{#- Like dbt's own, but a view is replaced where it stands: dropping one would take with it
    those that read it, and readers would miss them. Comments are written when they may differ. -#}
{% materialization view, adapter='postgres' %}
    {%- set target = this.incorporate(type='view') -%}
    {%- set existing = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing is not none and not existing.is_view -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {%- call between_readers() -%}
            {{ replace_view(target, sql) }}
        {%- endcall -%}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {%- if existing is none or should_full_refresh() -%}
        {%- do persist_docs(target, model) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% macro postgres__create_view_as(relation, sql) -%}
    create or replace view {{ relation }}
    {%- if config.get('contract').enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    as (
        {{ sql }}
    );
{%- endmacro %}

{#- A view whose columns are others than before has to be dropped. -#}
{% macro replace_view(relation, sql) -%}
    begin
        {{ get_create_view_as_sql(relation, sql) }}
    exception when invalid_table_definition then
        drop view {{ relation }} cascade;
        {{ get_create_view_as_sql(relation, sql) }}
    end
{%- endmacro %}
