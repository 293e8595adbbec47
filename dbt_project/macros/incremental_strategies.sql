{#- How an incremental model replaces rows: delete what this build recomputes, then
    insert the result, in one transaction. Unlike dbt's own delete+insert they also
    delete rows whose key the result no longer has. -#}

{#- Loads no finished build has read: a killed build may have left them half way. -#}
{% macro get_incremental_new_loads_sql(arg_dict) %}
    delete from {{ arg_dict["target_relation"] }}
    where {{ of_new_loads() }};
    {{ get_incremental_append_sql(arg_dict) }}
{% endmacro %}

{% macro get_incremental_touched_sessions_sql(arg_dict) %}
    delete from {{ arg_dict["target_relation"] }}
    where session_id in (select session_id from {{ ref('int_sessions_touched') }});
    {{ get_incremental_append_sql(arg_dict) }}
{% endmacro %}

{% macro get_incremental_reassessed_sessions_sql(arg_dict) %}
    delete from {{ arg_dict["target_relation"] }}
    where session_id in (select session_id from {{ ref('int_sessions_reassessed') }});
    {{ get_incremental_append_sql(arg_dict) }}
{% endmacro %}

{#- Of each touched agent, the first shift that may have changed and all later ones: also
    those of which the result has no row any more. -#}
{% macro get_incremental_touched_shifts_sql(arg_dict) %}
    delete from {{ arg_dict["target_relation"] }} as target
    using {{ ref('int_shifts_touched') }} as touched
    where
        target.agent_id = touched.agent_id
        and target.shift_number >= touched.shift_number;
    {{ get_incremental_append_sql(arg_dict) }}
{% endmacro %}

{#- The same for what int_shifts_touched is read from; evidence never vanishes, so the
    result has a row of the first of these shifts. -#}
{% macro get_incremental_touched_evidence_sql(arg_dict) %}
    delete from {{ arg_dict["target_relation"] }} as target
    using (
        select agent_id, min(shift_number) as from_shift_number
        from {{ arg_dict["temp_relation"] }}
        group by agent_id
    ) as touched
    where
        target.agent_id = touched.agent_id
        and target.shift_number >= touched.from_shift_number;
    {{ get_incremental_append_sql(arg_dict) }}
{% endmacro %}
