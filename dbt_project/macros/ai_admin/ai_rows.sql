{#- Rows of a big table of the back office that this build recomputes; true on a full refresh. -#}
{% macro in_touched_ai_rows(table_name, column) -%}
    {%- set touched = ref('int_ai_rows_touched') -%}
    {%- if is_incremental() -%}
        {{ column }} in (
            select touched.row_id from {{ touched }} as touched
            where touched.table_name = '{{ table_name }}'
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The site's business day of an instant; needs `calendars` and `builds` joined. -#}
{% macro site_business_date(instant) -%}
    (
        ({{ instant }} at time zone coalesce(calendars.timezone, builds.business_timezone))
        - coalesce(calendars.day_cutoff, interval '0')
    )::date
{%- endmacro %}
