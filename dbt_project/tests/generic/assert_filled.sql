{#- One row per row in which one of `columns` is NULL. -#}
{% test assert_filled(model, columns) %}
    select {{ columns | join(', ') }}
    from {{ model }}
    where {{ columns | join(' is null or ') }} is null
{% endtest %}
