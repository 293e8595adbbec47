{#- The exact ratio of two numbers; NULL when there is nothing to divide by. -#}
{% macro rate(numerator, denominator) -%}
    {{ numerator }}::numeric / nullif({{ denominator }}, 0)
{%- endmacro %}
