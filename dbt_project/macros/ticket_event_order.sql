{#- The order of one ticket's events by metrics.md, for an `order by`; texts in byte order
    whatever the database's collation. -#}
{% macro ticket_event_order() -%}
    occurred_at, type_rank, sequence nulls last, event_id collate "C", producer collate "C"
{%- endmacro %}
