{#- For a small incremental model that a build computes whole: readers never miss it, and
    it keeps its grants, unlike a table that is swapped. -#}
{% macro get_incremental_all_rows_sql(arg_dict) %}
    delete from {{ arg_dict["target_relation"] }};
    {{ get_incremental_append_sql(arg_dict) }}
{% endmacro %}
