{#- The exact ratio of two numbers, without trailing zeros; NULL when there is nothing to
    divide by. -#}
{% macro rate(numerator, denominator) -%}
    trim_scale({{ numerator }}::numeric / nullif({{ denominator }}, 0))
{%- endmacro %}
