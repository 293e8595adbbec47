{#- Sentences say what the numbers bear and no more: a rate without cases is left out, an
    unfinished month says so and is compared with nothing. -#}
{{
    config(
        incremental_strategy='all_rows',
        indexes=[{'columns': ['period_start'], 'unique': true}],
    )
}}

with

months as (
    select
        *,
        to_char(period_start, 'FMYYYY 年 FMMM 月')
        || case when is_complete then '' else '（截至目前）' end as month_zh,
        to_char(period_start, 'FMMonth FMYYYY')
        || case when is_complete then '' else ' so far' end as month_en,
        to_char(previous_period_start, 'FMMonth FMYYYY') as previous_month_en
    from {{ ref('int_business_months_compared') }}
),

sentences as (
    select
        *,
        case
            when engaged_ended_sessions = 0 then month_zh || '，没有已结束的客户会话。'
            else
                month_zh || '，AI 客服共处理 ' || {{ as_count('engaged_ended_sessions') }}
                || ' 个会话，其中 ' || {{ as_percent('ai_resolution_rate') }}
                || ' 由 AI 独立解决' || {{ as_change_zh('ai_resolution_rate') }} || '。'
        end as sales_sentence_zh,
        case
            when engaged_ended_sessions = 0
                then 'In ' || month_en || ' no customer conversation ended.'
            else
                'In ' || month_en || ' the AI handled '
                || {{ as_things('engaged_ended_sessions', 'conversation') }}
                || ', resolving ' || {{ as_percent('ai_resolution_rate') }}
                || ' without a person' || {{ as_change_en('ai_resolution_rate') }} || '.'
        end as sales_sentence_en,
        '“解决”指 AI 回复了客户的最后一条消息且没有转人工；'
        || case
            when durable_eligible_sessions = 0 then '尚无会话可核对 72 小时内是否再次联系'
            else
                '其中可核对是否再次联系的 '
                || {{ as_count('durable_eligible_sessions') }} || ' 个会话里，'
                || {{ as_percent('ai_durable_resolution_rate') }}
                || ' 由 AI 解决且 72 小时内没有再次联系'
        end
        || '。客户未发言的 ' || {{ as_count('empty_sessions') }} || ' 个会话和未结束的 '
        || {{ as_count('open_sessions') }} || ' 个会话不计入。' as sales_footnote_zh,
        'Resolved means that the AI answered the last message and no person was needed; '
        || case
            when durable_eligible_sessions = 0
                then 'whether customers came back within 72 hours cannot be told yet'
            else
                'of the ' || {{ as_things('durable_eligible_sessions', 'conversation') }}
                || ' where a return would be known, '
                || {{ as_percent('ai_durable_resolution_rate') }}
                || ' stayed resolved for 72 hours'
        end
        || '. Left out: ' || {{ as_things('empty_sessions', 'session') }}
        || ' without a customer message and ' || {{ as_count('open_sessions') }}
        || ' still open.' as sales_footnote_en,
        case
            when currency is null then month_zh || '，部分日期没有成本假设，无法计算节省金额。'
            when ai_contained_sessions = 0
                then
                    month_zh || '，没有由 AI 承接的会话，AI 成本为 '
                    || {{ as_amount_zh('ai_cost') }} || '。'
            else
                month_zh || '，AI 承接的 ' || {{ as_count('ai_contained_sessions') }}
                || ' 个会话按每个都需人工计算可省 ' || {{ as_amount_zh('gross_savings') }}
                || '；只计真正省下的人工并扣除 AI 成本，净节省约 '
                || {{ as_amount_zh('net_savings_base') }} || '（'
                || {{ as_amount_zh('net_savings_low') }} || ' 至 '
                || {{ as_amount_zh('net_savings_high') }} || '）。'
        end as cost_sentence_zh,
        case
            when currency is null
                then
                    'In ' || month_en || ' some days have no cost assumptions, '
                    || 'so no savings are given.'
            when ai_contained_sessions = 0
                then
                    'In ' || month_en || ' the AI contained no contact and cost '
                    || {{ as_amount_en('ai_cost') }} || '.'
            else
                'In ' || month_en || ' the AI contained '
                || {{ as_things('ai_contained_sessions', 'contact') }} || ', worth '
                || {{ as_amount_en('gross_savings') }}
                || ' had each needed a person; counting only work really saved, less the '
                || 'cost of the AI, that is about ' || {{ as_amount_en('net_savings_base') }}
                || ' (' || {{ as_amount_en('net_savings_low') }} || ' to '
                || {{ as_amount_en('net_savings_high') }} || ').'
        end as cost_sentence_en,
        month_zh || '，' || concat_ws(
            '；',
            'AI 回复时间中位数 ' || {{ as_decimal('ai_response_ms_p50 / 1000') }}
            || ' 秒，95% 在 ' || {{ as_decimal('ai_response_ms_p95 / 1000') }} || ' 秒内',
            'Coze 调用 ' || {{ as_count('coze_calls') }} || ' 次，成功率 '
            || {{ as_percent('coze_call_success_rate') }},
            '订单查询 ' || {{ as_count('order_queries') }} || ' 次，成功率 '
            || {{ as_percent('order_query_success_rate') }},
            '物流查询 ' || {{ as_count('tracking_queries') }} || ' 次，成功率 '
            || {{ as_percent('tracking_query_success_rate') }},
            'API 错误 ' || {{ as_count('api_errors') }} || ' 次'
        ) || '。' as engineering_sentence_zh,
        'In ' || month_en || ': ' || concat_ws(
            '; ',
            'the AI answered in a median of ' || {{ as_decimal('ai_response_ms_p50 / 1000') }}
            || ' s and 95% of the time within '
            || {{ as_decimal('ai_response_ms_p95 / 1000') }}
            || ' s',
            {{ as_percent('coze_call_success_rate') }} || ' of '
            || {{ as_things('coze_calls', 'Coze call') }} || ' succeeded',
            {{ as_percent('order_query_success_rate') }} || ' success in '
            || case
                when order_queries = 1 then '1 order query'
                else {{ as_count('order_queries') }} || ' order queries'
            end,
            {{ as_percent('tracking_query_success_rate') }} || ' success in '
            || case
                when tracking_queries = 1 then '1 tracking query'
                else {{ as_count('tracking_queries') }} || ' tracking queries'
            end,
            {{ as_things('api_errors', 'API error') }}
        ) || '.' as engineering_sentence_en,
        case
            when human_sessions = 0 and escalated_sessions = 0
                then month_zh || '，没有会话需要人工。'
            else month_zh || '，' || concat_ws(
                '；',
                '人工处理了 ' || {{ as_count('human_sessions') }} || ' 个会话',
                '客户等待时间中位数 ' || {{ as_duration_zh('queue_wait_seconds_p50') }},
                {{ as_percent('service_level_30s') }} || ' 在 30 秒内接通'
                || {{ as_change_zh('service_level_30s') }},
                {{ as_percent('queue_abandonment_rate') }} || ' 在排队时放弃',
                '首次回复时间中位数 '
                || {{ as_duration_zh('agent_first_response_seconds_p50') }},
                '处理时长中位数 ' || {{ as_duration_zh('handle_seconds_p50') }}
            ) || '。'
        end as supervisor_sentence_zh,
        case
            when human_sessions = 0 and escalated_sessions = 0
                then 'In ' || month_en || ' no conversation needed a person.'
            else
                'In ' || month_en || ' people handled '
                || concat_ws(
                    '; ',
                    {{ as_things('human_sessions', 'conversation') }},
                    'customers waited a median of '
                    || {{ as_duration_en('queue_wait_seconds_p50') }},
                    {{ as_percent('service_level_30s') }} || ' were served within 30 s'
                    || {{ as_change_en('service_level_30s') }},
                    {{ as_percent('queue_abandonment_rate') }} || ' gave up in the queue',
                    'the first answer took a median of '
                    || {{ as_duration_en('agent_first_response_seconds_p50') }},
                    'handling took a median of ' || {{ as_duration_en('handle_seconds_p50') }}
                ) || '.'
        end as supervisor_sentence_en,
        case
            when tickets_created = 0 and tickets_resolved = 0
                then month_zh || '，没有新建或解决的工单。'
            else month_zh || '，' || concat_ws(
                '；',
                '新建工单 ' || {{ as_count('tickets_created') }} || ' 个，解决 '
                || {{ as_count('tickets_resolved') }} || ' 个',
                '解决时长中位数 ' || {{ as_decimal('ticket_resolution_hours_p50') }}
                || ' 小时',
                'SLA 达成率 ' || {{ as_percent('sla_attainment_rate') }} || '（'
                || {{ as_count('sla_met_tickets') }} || '/'
                || {{ as_count('sla_decided_tickets') }} || '）'
                || {{ as_change_zh('sla_attainment_rate') }},
                '重开率 ' || {{ as_percent('reopen_rate') }}
            ) || '。'
        end as tickets_sentence_zh,
        case
            when tickets_created = 0 and tickets_resolved = 0
                then 'In ' || month_en || ' no ticket was created or resolved.'
            else 'In ' || month_en || ': ' || concat_ws(
                '; ',
                {{ as_things('tickets_created', 'ticket') }} || ' created and '
                || {{ as_count('tickets_resolved') }} || ' resolved',
                'a median of ' || {{ as_decimal('ticket_resolution_hours_p50') }}
                || ' hours to resolution',
                {{ as_percent('sla_attainment_rate') }} || ' within the SLA ('
                || {{ as_count('sla_met_tickets') }} || ' of '
                || {{ as_count('sla_decided_tickets') }} || ')'
                || {{ as_change_en('sla_attainment_rate') }},
                {{ as_percent('reopen_rate') }} || ' of resolved tickets reopened'
            ) || '.'
        end as tickets_sentence_en
    from months
),

final as (
    select
        period_start,
        previous_period_start,
        {% for reader in ['sales', 'cost', 'engineering', 'supervisor', 'tickets'] -%}
            {{ reader }}_sentence_zh,
            {{ reader }}_sentence_en,
        {% endfor -%}
        sales_footnote_zh,
        sales_footnote_en,
        currency,
        {% for metrics in headline_metrics().values() -%}
            {% for metric in metrics -%}
                {{ metric }},
                previous_{{ metric }},
            {% endfor -%}
        {% endfor -%}
        is_complete,
        is_mature,
        is_comparable
    from sentences
)

select * from final
