{#- The local day, in the business time zone, of a UTC instant. -#}
{% macro local_date(instant) -%}
    {%- set builds = ref('stg_casebook__builds') -%}
    (({{ instant }}) at time zone (select builds.business_timezone from {{ builds }} as builds))::date
{%- endmacro %}
