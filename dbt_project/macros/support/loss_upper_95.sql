{#- Wilson and Hilferty's bound of a Poisson count, one-sided 95 %, with k = lost + 1, as a
    rate of what was expected. -#}
{% macro loss_upper_95(lost, expected) -%}
    trim_scale(({{ lost }} + 1) * power(
        1 - 1 / (9 * ({{ lost }} + 1)::numeric)
        + 1.645 / (3 * sqrt(({{ lost }} + 1)::numeric)),
        3
    ) / nullif({{ expected }}, 0))
{%- endmacro %}
