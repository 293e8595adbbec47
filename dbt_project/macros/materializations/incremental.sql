{#- Like dbt's own, in another order: a table that is built anew has its indexes, comments and
    statistics before it takes the old one's name, so that readers wait for two renames and a
    commit only. Only then are comments written and columns held against the contract: any change
    of a model, a column or a text makes a build start from nothing (orchestration.builds). -#}
{% materialization incremental, adapter='postgres' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set is_new = existing is none -%}
    {%- set is_rebuilt = not is_new and (existing.is_view or should_full_refresh()) -%}
    {%- set fresh = make_intermediate_relation(target) if is_rebuilt else target -%}
    {%- set old = make_backup_relation(target, existing.type if is_rebuilt else 'table') -%}

    {#- What a killed build left. -#}
    {{ drop_relation_if_exists(load_cached_relation(make_intermediate_relation(target))) }}
    {{ drop_relation_if_exists(load_cached_relation(old)) }}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if is_new or is_rebuilt -%}
        {%- call statement('main') -%}
            {{ get_create_table_as_sql(False, fresh, sql) }}
        {%- endcall -%}
        {%- do create_indexes(fresh) -%}
        {%- do persist_docs(fresh, model) -%}
        {%- do run_query(analyze_briefly(fresh)) -%}
    {%- else -%}
        {%- set result = make_temp_relation(target) -%}
        {%- set strategy = config.get('incremental_strategy') or 'default' -%}
        {%- set replace = adapter.get_incremental_strategy_macro(context, strategy) -%}
        {#- The table not by dbt's macro, which holds the columns against the contract again. -#}
        {%- call statement('main') -%}
            create temporary table {{ result }} as
            {{ sql }};
            {{ replace({
                'target_relation': target,
                'temp_relation': result,
                'unique_key': config.get('unique_key'),
                'dest_columns': adapter.get_columns_in_relation(existing),
                'incremental_predicates': none,
            }) }}
        {%- endcall -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- if is_rebuilt -%}
        {%- do adapter.rename_relation(existing, old) -%}
        {%- do adapter.rename_relation(fresh, target) -%}
    {%- endif -%}
    {%- do adapter.commit() -%}

    {%- if is_rebuilt -%}
        {%- do adapter.drop_relation(old) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
