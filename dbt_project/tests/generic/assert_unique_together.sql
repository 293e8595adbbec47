{#- Fails for each combination of `columns` that stands in more than one row. NULL equals
    NULL here, as it does in a group by. -#}
{% test assert_unique_together(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
