"""The numbers of the page: the mart and column each is read from, its name and its unit.

What a number means is said by the mart's own column description, nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.reports.wording import Kind, Text

KPIS = "support_kpis_monthly"
SAVINGS = "cost_savings_monthly"
QUALITY = "data_quality_monthly"
# Every mart a page reads; all must be of finished builds.
MARTS = (
    "business_case_monthly",
    "cost_assumptions_monthly",
    "cost_savings_monthly",
    "data_quality_monthly",
    "escalations_daily",
    "session_starts_monthly",
    "support_kpis_daily",
    "support_kpis_daily_by_site",
    "support_kpis_monthly",
    "support_kpis_monthly_by_channel",
    "support_kpis_monthly_by_site",
    "ticket_sla_monthly",
)


@dataclass(frozen=True)
class Figure:
    """One number: `mart.column`, how it is written, what it is called."""

    mart: str
    column: str
    kind: Kind
    label: Text

    @property
    def key(self) -> str:
        """Name it as snapshots and definitions do."""
        return f"{self.mart}.{self.column}"


def _figures(mart: str, rows: str) -> dict[str, Figure]:
    """Read `column kind 中文 | English` lines."""
    figures = {}
    for line in rows.strip().splitlines():
        name, kind, label = line.strip().split(" ", 2)
        zh, _, en = label.partition(" | ")
        figures[name] = Figure(mart, name, kind, Text(zh, en))  # type: ignore[arg-type]
    return figures


FIGURES: dict[str, Figure] = {
    **_figures(
        KPIS,
        """
        sessions count 会话 | Sessions
        engaged_ended_sessions count AI 处理的会话 | Conversations handled
        ai_resolved_sessions count AI 独立解决 | Resolved by the AI
        ai_abandoned_sessions count 客户未等到 AI 回复 | Left before an answer
        queue_abandoned_sessions count 排队时放弃 | Gave up in the queue
        human_sessions count 人工处理 | Handled by a person
        empty_sessions count 客户未发言 | Without a customer message
        open_sessions count 尚未结束 | Still open
        ai_resolution_rate rate AI 独立解决率 | AI resolution rate
        ai_durable_resolution_rate rate 72 小时内未再联系 | Resolved for 72 hours
        durable_coverage_rate rate 可核对的会话占比 | Share that can be checked
        ai_containment_rate rate 未转人工率（宣传口径） | Containment (brochure's number)
        escalation_rate rate 转人工率 | Escalation rate
        rating_avg decimal 平均评分（1–5） | Mean rating (1 to 5)
        rating_count count 评分数 | Ratings
        ai_response_ms_p50 ms AI 回复时间中位数 | AI answer, median
        ai_response_ms_p95 ms AI 回复时间 P95 | AI answer, 95 % within
        coze_calls count Coze 调用 | Coze calls
        coze_call_success_rate rate Coze 调用成功率 | Coze calls succeeded
        order_queries count 订单查询 | Order queries
        order_query_success_rate rate 订单查询成功率 | Order queries succeeded
        tracking_queries count 物流查询 | Tracking queries
        tracking_query_success_rate rate 物流查询成功率 | Tracking queries succeeded
        api_errors count API 错误 | API errors
        queue_waits count 有等待记录的会话 | Known waits
        queue_wait_seconds_p50 seconds 等待人工中位数 | Wait for a person, median
        queue_wait_seconds_p90 seconds 等待人工 P90 | Wait, 90 % within
        service_level_30s rate 30 秒内接通率 | Served within 30 s
        queue_abandonment_rate rate 排队放弃率 | Gave up in the queue
        agent_first_responses count 有首次回复的会话 | Known first responses
        agent_first_response_seconds_p50 seconds 首次回复中位数 | First response, median
        agent_first_response_seconds_p90 seconds 首次回复 P90 | First response, 90 % within
        handled_sessions count 已完成处理的会话 | Finished handlings
        handle_seconds_p50 seconds 处理时长中位数 | Handling, median
        handle_seconds_p90 seconds 处理时长 P90 | Handling, 90 % within
        tickets_created count 新建工单 | Tickets created
        tickets_resolved count 解决工单 | Tickets resolved
        ticket_resolution_hours_p50 hours 解决时长中位数 | Time to resolve, median
        ticket_resolution_hours_p90 hours 解决时长 P90 | Time to resolve, 90 % within
        sla_met_tickets count SLA 达成 | SLA met
        sla_breached_tickets count SLA 超时 | SLA breached
        sla_attainment_rate rate SLA 达成率 | SLA attainment
        reopen_rate rate 工单重开率 | Tickets reopened
        """,
    ),
    **_figures(
        SAVINGS,
        """
        gross_savings amount 宣称节省 | Savings as claimed
        net_savings_low amount 净节省（保守） | Net savings, low
        net_savings_base amount 净节省（基准） | Net savings, base
        net_savings_high amount 净节省（上限） | Net savings, high
        ai_cost amount AI 成本 | Cost of the AI
        roi decimal 投资回报倍数 | Return on AI cost
        break_even_cost_per_contact price 盈亏平衡单次人工成本 | Break-even cost per contact
        contained_contacts count 未转人工的会话 | Contained contacts
        durable_contacts count 解决且未知再次联系 | Resolved, no known return
        proven_contacts count 已证实解决 | Proven contacts
        proven_share rate 已证实占比 | Share that is proven
        repeat_rate rate 72 小时再联系率 | Came back within 72 hours
        """,
    ),
    **_figures(
        QUALITY,
        """
        landed_count count 入库事件 | Events landed
        duplicate_count count 重复 | Duplicates
        quarantined_count count 拒收行 | Lines rejected
        late_count count 迟到超过一天 | More than a day late
        expected_events count 应有事件（按序号） | Events expected, by sequence
        lost_events count 丢失事件 | Events lost
        loss_rate rate 丢失率 | Loss rate
        loss_rate_upper_95 rate 丢失率上限（95 %） | Loss rate, 95 % upper bound
        disagreement_count count 与上报值不符 | Reported values that differ
        compared_report_count count 已核对的上报值 | Reported values checked
        violation_count count 字段缺失或损坏 | Fields missing or broken
        """,
    ),
}
