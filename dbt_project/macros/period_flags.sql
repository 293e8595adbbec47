{#- The flags of a period that ends at the instant `ends_at`: whether it is over by `as_of`,
    and whether it has been for so long that repeat contacts are known. -#}
{% macro is_complete(ends_at, as_of) -%}
    {{ ends_at }} <= {{ as_of }}
{%- endmacro %}

{% macro is_mature(ends_at, as_of) -%}
    {{ ends_at }} + {{ repeat_window() }} <= {{ as_of }}
{%- endmacro %}
