{#- For an incremental model that a build computes whole and that has few rows: readers never
    miss it, it keeps its grants, and the views that read it stay, unlike a table that is
    swapped. -#}
{% macro get_incremental_all_rows_sql(arg_dict) %}
    delete from {{ arg_dict["target_relation"] }};
    {{ get_incremental_append_sql(arg_dict) }}
{% endmacro %}
