{#- The codes a line is quarantined under that have a column of their own. -#}
{% macro quarantine_reasons() %}
    {{ return([
        'malformed', 'invalid_envelope', 'unknown_type', 'invalid_data', 'id_conflict',
        'time_in_future', 'time_too_old',
    ]) }}
{% endmacro %}

{% macro quarantine_counts() %}
    {%- set counts = [] -%}
    {%- for reason in quarantine_reasons() -%}
        {%- do counts.append(reason ~ '_count') -%}
    {%- endfor -%}
    {{ return(counts) }}
{% endmacro %}
