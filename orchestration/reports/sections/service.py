"""How fast and how well: the AI with its queries, and the people behind it."""

from __future__ import annotations

from orchestration.reports.charts import AMBER, BLUE
from orchestration.reports.sections.parts import Draft, Section, trend
from orchestration.reports.wording import Text

MEDIAN = (BLUE, Text("中位数", "Median"))


def tell_ai(draft: Draft) -> Section:
    """Give the AI's answer times and its queries; its sentence alone without either."""
    title = Text("AI 的速度与查询", "AI speed and queries")
    tiles = draft.tiles(
        *("ai_response_ms_p50", "ai_response_ms_p95"),
        *("order_query_success_rate", "tracking_query_success_rate"),
    )
    sentence = draft.sentence("engineering_sentence")
    if not tiles and not draft.has_any("coze_calls", "api_errors"):
        return Section(
            "ai", title, Text("没有 AI 回复或查询。", "The AI answered and looked up nothing.")
        )
    return Section(
        "ai",
        title,
        sentence,
        tiles=tiles,
        small=draft.tiles(
            *("coze_calls", "coze_call_success_rate", "order_queries"),
            *("tracking_queries", "api_errors"),
        ),
        charts=[
            trend(
                draft,
                Text("AI 回复时间（秒）", "AI answer time (seconds)"),
                {"ai_response_ms_p50": BLUE, "ai_response_ms_p95": AMBER},
                (1000, ",.1f"),
                [MEDIAN, (AMBER, Text("95 % 以内", "95 % within"))],
            ),
            trend(
                draft,
                Text("查询成功率", "Query success"),
                {"order_query_success_rate": BLUE, "tracking_query_success_rate": AMBER},
                (1, ".0%"),
                [(BLUE, Text("订单", "Orders")), (AMBER, Text("物流", "Tracking"))],
            ),
        ],
    )


def tell_people(draft: Draft) -> Section:
    """Give waits, first responses and handling times; a sentence alone when nobody was needed."""
    title = Text("人工客服的等待与处理", "Waiting for a person, and handling")
    if not draft.has_any("human_sessions", "queue_abandoned_sessions", "queue_waits"):
        return Section(
            "people",
            title,
            draft.sentence("supervisor_sentence")
            or Text("没有会话需要人工。", "No conversation needed a person."),
        )
    legend = [MEDIAN, (AMBER, Text("90 % 以内", "90 % within"))]
    first = "agent_first_response_seconds"
    return Section(
        "people",
        title,
        draft.sentence("supervisor_sentence"),
        tiles=draft.tiles(
            "queue_wait_seconds_p50", "service_level_30s", f"{first}_p50", "handle_seconds_p50"
        ),
        small=draft.tiles(
            *("queue_waits", "queue_wait_seconds_p90", "queue_abandonment_rate"),
            *("agent_first_responses", f"{first}_p90", "handled_sessions"),
            "handle_seconds_p90",
        ),
        charts=[
            trend(
                draft,
                Text("等待人工（分钟）", "Wait for a person (minutes)"),
                {"queue_wait_seconds_p50": BLUE, "queue_wait_seconds_p90": AMBER},
                (60, ",.1f"),
                legend,
            ),
            trend(
                draft,
                Text("首次回复（秒）", "First response (seconds)"),
                {f"{first}_p50": BLUE, f"{first}_p90": AMBER},
                (1, ",.0f"),
                legend,
            ),
        ],
    )
