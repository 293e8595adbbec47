{{ config(severity='warn') }}

-- depends_on: {{ ref('stg_casebook__builds') }}

{{ ids_with_several_times('support', 'raw_support_events') }}
