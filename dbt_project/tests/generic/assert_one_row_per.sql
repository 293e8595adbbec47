{#- One row per combination of `columns` that stands in more than one row, or is not filled:
    the key of a view. A table's is held by a unique index. -#}
{% test assert_one_row_per(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1 or {{ columns | join(' is null or ') }} is null
{% endtest %}
