with events as (

    select * from {{ source('support', 'raw_support_events') }}

),

final as (

    select
        -- identity and order
        event_id,
        producer,
        boot,
        load_id,
        sequence,
        line_number,
        event_name,
        case event_name
            when 'agent.login' then 0
            when 'session.start' then 1
            when 'session.message'
                then
                    case when payload ->> 'role' = 'ai' then 5 else 2 end
            when 'query.order' then 3
            when 'query.tracking' then 3
            when 'api.coze_call' then 4
            when 'api.error' then 4
            when 'session.escalate' then 6
            when 'agent.session_takeover' then 7
            when 'agent.session_message' then 8
            when 'agent.session_transfer' then 9
            when 'agent.session_release' then 10
            when 'ticket.created' then 11
            when 'ticket.assigned' then 12
            when 'ticket.status_changed' then 13
            when 'ticket.closed' then 14
            when 'agent.status_change' then 15
            when 'session.end' then 16
            when 'agent.logout' then 18
            else 17
        end as type_rank,
        -- entities
        session_id,
        agent_id,
        ticket_id,
        -- a hash under today's key and, while one key follows another, also the one before
        split_part(payload ->> 'customer_id', ':', 1) as customer_id,
        nullif(split_part(payload ->> 'customer_id', ':', 2), '') as previous_customer_id,
        payload ->> 'target_agent_id' as target_agent_id,
        payload ->> 'from_agent_id' as from_agent_id,
        payload ->> 'to_agent_id' as to_agent_id,
        payload ->> 'workflow_id' as workflow_id,
        split_part(
            coalesce(payload ->> 'order_number', payload ->> 'tracking_number'), ':', 1
        ) as number_hash,
        payload ->> 'error_fingerprint' as error_fingerprint,
        -- words
        payload ->> 'agent_name' as agent_name,
        payload ->> 'carrier' as carrier,
        payload ->> 'channel' as channel,
        payload ->> 'endpoint' as endpoint,
        payload ->> 'error_type' as error_type,
        payload ->> 'from_status' as from_status,
        payload ->> 'intent' as intent,
        payload ->> 'priority' as priority,
        payload ->> 'reason' as reason,
        payload ->> 'resolved_by' as resolved_by,
        payload ->> 'role' as role,
        payload ->> 'severity' as severity,
        payload ->> 'site' as site,
        payload ->> 'source' as ticket_source,
        payload ->> 'status' as status,
        payload ->> 'to_status' as to_status,
        payload ->> 'trigger_keyword' as trigger_keyword,
        payload ->> 'type' as ticket_type,
        payload ->> 'user_agent' as user_agent,
        -- numbers
        (payload -> 'confidence')::numeric as confidence,
        (payload -> 'dropped')::numeric as dropped_count,
        (payload -> 'duration_seconds')::numeric as duration_seconds,
        (payload -> 'handle_duration_seconds')::numeric as handle_duration_seconds,
        (payload -> 'input_tokens')::numeric as input_tokens,
        (payload -> 'message_count')::numeric as message_count,
        (payload -> 'message_length')::numeric as message_length,
        (payload -> 'output_tokens')::numeric as output_tokens,
        (payload -> 'resolution_duration_hours')::numeric as resolution_duration_hours,
        (payload -> 'response_time_ms')::numeric as response_time_ms,
        (payload -> 'score')::numeric as score,
        (payload -> 'sessions_handled')::numeric as sessions_handled,
        (payload -> 'wait_duration_seconds')::numeric as wait_duration_seconds,
        (payload -> 'work_duration_minutes')::numeric as work_duration_minutes,
        -- truths
        (payload -> 'sla_met')::boolean as sla_met,
        (payload -> 'success')::boolean as success,
        -- times
        occurred_at,
        loaded_at,
        -- the rest
        to_jsonb(violations) as violations,
        payload
    from events
    where
        {{ up_to_watermark() }}
    {% if env_var('DBT_CASEBOOK_SCHEMA_SUFFIX', '') %}
            -- in the live schemas as_of is the time of the last of these events
            and occurred_at <= (
                select support_as_of from {{ ref('stg_casebook__builds') }}
            )
        {% endif %}

)

select * from final
