{#- What the business case shows of a month, and of the month before, by the mart it is
    read from. -#}
{% macro headline_metrics() %}
    {{ return({
        'kpis': [
            'sessions', 'engaged_ended_sessions', 'ai_contained_sessions',
            'ai_resolved_sessions', 'human_sessions', 'empty_sessions', 'open_sessions',
            'escalated_sessions', 'escalated_ended_sessions',
            'ai_containment_rate', 'ai_resolution_rate',
            'durable_eligible_sessions', 'ai_durable_sessions',
            'ai_durable_resolution_rate', 'durable_coverage_rate',
            'ai_responses', 'ai_response_ms_p50', 'ai_response_ms_p95',
            'coze_calls', 'coze_calls_known', 'coze_calls_succeeded',
            'coze_call_success_rate',
            'order_queries', 'order_queries_known', 'order_queries_succeeded',
            'order_query_success_rate',
            'tracking_queries', 'tracking_queries_known', 'tracking_queries_succeeded',
            'tracking_query_success_rate', 'api_errors',
            'queue_waits', 'queue_wait_seconds_p50',
            'queue_waits_within_30s', 'service_level_contacts', 'service_level_30s',
            'queue_abandoned_sessions', 'queue_abandonment_rate',
            'agent_first_responses', 'agent_first_response_seconds_p50',
            'handled_sessions', 'handle_seconds_p50',
            'rating_avg', 'rating_count',
            'tickets_created', 'tickets_resolved', 'ticket_resolution_hours_p50',
            'sla_met_tickets', 'sla_decided_tickets', 'sla_attainment_rate',
            'ever_resolved_tickets', 'reopened_tickets', 'reopen_rate',
        ],
        'savings': [
            'gross_savings', 'ai_cost', 'net_savings_low', 'net_savings_base',
            'net_savings_high', 'repeat_eligible_sessions', 'repeated_sessions', 'repeat_rate',
        ],
    }) }}
{% endmacro %}
