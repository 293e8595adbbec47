{#- A column of a unique index over several texts that come from outside: an index row holds
    one of 512 characters (raw_loaders.catalogue), beside it the 64 bits of the others'. -#}
{% macro text_hash(column) %}
    {{- return('hashtextextended(' ~ column ~ ', 0)') -}}
{% endmacro %}
