{#- Rows of the coding agent's sessions that this build recomputes; true on a full refresh. -#}
{% macro in_touched_coding_sessions() -%}
    {%- set touched = ref('int_coding_sessions_touched') -%}
    {%- if is_incremental() -%}
        session_id in (select touched.session_id from {{ touched }} as touched)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Deletes also what a session no longer has: its carrier may have changed. -#}
{% macro get_incremental_touched_coding_sessions_sql(arg_dict) %}
    delete from {{ arg_dict["target_relation"] }}
    where session_id in (select session_id from {{ ref('int_coding_sessions_touched') }});
    {{ get_incremental_append_sql(arg_dict) }}
{% endmacro %}

{#- A field's number; NULL when it is absent or broke its type. -#}
{% macro field_number(name) -%}
    case
        when jsonb_typeof(events.fields -> '{{ name }}') = 'number'
            then (events.fields ->> '{{ name }}')::numeric
    end
{%- endmacro %}

{#- What the costs of several calls are together; the failed have none. A condition can
    limit it to some of the calls. -#}
{% macro cost_status_of_calls(condition='true') -%}
    case
        when count(*) filter (where not is_error and {{ condition }}) = 0 then null
        when
            count(*) filter (where not is_error and {{ condition }})
            = count(*) filter (
                where not is_error and cost_status = 'priced' and {{ condition }}
            )
            then 'priced'
        when
            count(cost_amount) filter (where not is_error and {{ condition }}) > 0
            then 'partial'
        when
            count(*) filter (
                where not is_error and cost_status = 'unpriced' and {{ condition }}
            ) > 0
            then 'unpriced'
        else 'unmeasured'
    end
{%- endmacro %}
