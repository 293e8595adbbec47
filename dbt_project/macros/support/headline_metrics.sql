{#- What the business case shows of a month, and of the month before, by the mart it is
    read from. -#}
{% macro headline_metrics() %}
    {{ return({
        'kpis': [
            'sessions', 'engaged_ended_sessions', 'ai_contained_sessions', 'human_sessions',
            'empty_sessions', 'open_sessions', 'escalated_sessions', 'escalated_ended_sessions',
            'ai_containment_rate', 'ai_resolution_rate',
            'durable_eligible_sessions', 'ai_durable_resolution_rate',
            'durable_coverage_rate',
            'ai_response_ms_p50', 'ai_response_ms_p95',
            'coze_calls', 'coze_call_success_rate',
            'order_queries', 'order_query_success_rate',
            'tracking_queries', 'tracking_query_success_rate', 'api_errors',
            'queue_wait_seconds_p50', 'service_level_30s', 'queue_abandonment_rate',
            'agent_first_response_seconds_p50', 'handle_seconds_p50',
            'rating_avg', 'rating_count',
            'tickets_created', 'tickets_resolved', 'ticket_resolution_hours_p50',
            'sla_met_tickets', 'sla_decided_tickets', 'sla_attainment_rate', 'reopen_rate',
        ],
        'savings': [
            'gross_savings', 'ai_cost', 'net_savings_low', 'net_savings_base',
            'net_savings_high', 'repeat_rate',
        ],
    }) }}
{% endmacro %}
