-- An event's identity is app, device and event_index: a device whose counter or clock was set
-- back may use one twice, and both count.
{{ config(severity='warn') }}

-- depends_on: {{ ref('stg_casebook__builds') }}

{{ ids_with_several_times('coze_studio', 'raw_coze_studio_events') }}
