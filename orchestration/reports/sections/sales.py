"""What the AI resolved: the salesperson's sentence with its footnote."""

from __future__ import annotations

from orchestration.reports import charts
from orchestration.reports.charts import AMBER, BLUE, GREY, LIGHT
from orchestration.reports.sections.parts import Chart, Draft, Section
from orchestration.reports.wording import Text

TITLE = Text("AI 解决了多少", "What the AI resolved")
OUTCOMES = {
    "ai_resolved_sessions": BLUE,
    "human_sessions": LIGHT,
    "ai_abandoned_sessions": AMBER,
    "queue_abandoned_sessions": AMBER,
    "empty_sessions": GREY,
    "open_sessions": GREY,
}
LEGEND = [
    (BLUE, Text("AI 解决", "AI")),
    (LIGHT, Text("人工", "Person")),
    (AMBER, Text("客户放弃", "Customer gave up")),
    (GREY, Text("不计入", "Not counted")),
]


def tell_sales(draft: Draft) -> Section:
    """Give the section; of a month without sessions its sentence alone."""
    sentence = draft.sentence("sales_sentence") or _tell_site(draft)
    if not draft.has_any("sessions"):
        return Section("sales", TITLE, sentence)
    footnote = draft.sentence("sales_footnote")
    return Section(
        "sales",
        TITLE,
        sentence,
        [footnote] if footnote else [],
        draft.tiles(
            *("ai_resolution_rate", "ai_durable_resolution_rate"),
            *("ai_containment_rate", "rating_avg"),
        ),
        draft.tiles(
            *("sessions", "engaged_ended_sessions", "ai_resolved_sessions", "human_sessions"),
            *("durable_coverage_rate", "escalation_rate", "rating_count"),
        ),
        [
            Chart(
                Text("会话的结果", "How sessions ended"),
                "support_kpis_monthly",
                charts.draw_bars([draft.bar(*outcome) for outcome in OUTCOMES.items()]),
                legend=LEGEND,
            )
        ],
    )


def _tell_site(draft: Draft) -> Text:
    handled = draft.tile("engaged_ended_sessions")
    rate = draft.tile("ai_resolution_rate")
    site = draft.month.site
    if not rate.is_known:
        return Text(
            f"站点 {site}：没有已结束的客户会话。", f"Site {site}: no customer conversation ended."
        )
    return Text(
        f"站点 {site}：AI 客服共处理 {handled.value} 个会话，AI 独立解决率 {rate.value}。",
        f"Site {site}: the AI handled {handled.value} conversations; "
        f"it resolved {rate.value} alone.",
    )
