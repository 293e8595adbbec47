{#- The columns of int_support_days_measured that add up over days, sites and channels. -#}
{% macro support_counts() %}
    {{ return([
        'sessions', 'engaged_sessions', 'engaged_ended_sessions',
        'ai_resolved_sessions', 'ai_resolved_explicit_sessions', 'ai_abandoned_sessions',
        'queue_abandoned_sessions', 'human_sessions', 'human_silent_sessions',
        'empty_sessions', 'open_sessions',
        'escalated_sessions', 'escalated_ended_sessions', 'reescalated_sessions',
        'escalated_or_human_sessions',
        'durable_eligible_sessions', 'ai_durable_sessions', 'ai_unrepeated_sessions',
        'repeat_eligible_sessions', 'repeated_sessions',
        'session_messages',
        'queue_waits', 'queue_waits_within_30s', 'queue_abandoned_after_5s_sessions',
        'agent_first_responses', 'handled_sessions',
        'rating_count', 'satisfied_ratings',
        'customer_messages', 'ai_messages', 'agent_messages', 'ai_responses',
        'order_queries', 'order_queries_known', 'order_queries_succeeded',
        'tracking_queries', 'tracking_queries_known', 'tracking_queries_succeeded',
        'coze_calls', 'coze_calls_known', 'coze_calls_succeeded', 'coze_calls_timed',
        'api_errors',
        'tickets_created', 'tickets_resolved', 'sla_met_tickets', 'sla_breached_tickets',
        'sla_response_met_tickets', 'sla_response_breached_tickets',
        'ever_resolved_tickets', 'reopened_tickets',
    ]) }}
{% endmacro %}

{#- Likewise, but NULL where nothing was measured. -#}
{% macro support_sums() %}
    {{ return([
        'queue_wait_seconds_sum', 'agent_first_response_seconds_sum', 'handle_seconds_sum',
        'rating_sum', 'ai_response_ms_sum', 'coze_call_ms_sum',
        'ticket_resolution_hours_sum', 'input_tokens', 'output_tokens',
    ]) }}
{% endmacro %}

{#- What percentiles are taken of: int_support_days_measured has its values as arrays
    named `<sample>_values`. -#}
{% macro support_samples() %}
    {{ return([
        'ai_response_ms', 'queue_wait_seconds', 'agent_first_response_seconds',
        'handle_seconds', 'coze_call_ms', 'ticket_resolution_hours',
    ]) }}
{% endmacro %}
