"""How much came, when and where from, and why it went to people."""

from __future__ import annotations

from orchestration.reports import charts
from orchestration.reports.charts import AMBER, BLUE, LIGHT, YELLOW
from orchestration.reports.sections.parts import TOO_FEW_DAYS, Chart, Draft, Section
from orchestration.reports.wording import Text

TITLE = Text("会话量", "Volumes")
WEEKDAYS = [
    *(Text("一", "Mon"), Text("二", "Tue"), Text("三", "Wed"), Text("四", "Thu")),
    *(Text("五", "Fri"), Text("六", "Sat"), Text("日", "Sun")),
]
# Outcomes from the bottom of a day's bar to its top.
STACK = {
    "ai_resolved_sessions": BLUE,
    "human_sessions": LIGHT,
    "ai_abandoned_sessions": AMBER,
    "queue_abandoned_sessions": YELLOW,
}
LEGEND = [
    (BLUE, Text("AI 解决", "AI")),
    (LIGHT, Text("人工", "Person")),
    (AMBER, Text("未等到回复", "Left")),
    (YELLOW, Text("排队放弃", "Gave up in queue")),
]


def tell_volumes(draft: Draft) -> Section:
    """Give the section; a sentence alone in a month without sessions."""
    if not draft.has_any("sessions"):
        return Section("volumes", TITLE, Text("没有会话。", "There were no sessions."))
    month = draft.month
    drawn = [
        Chart(
            Text("每日会话", "Sessions by day"),
            "support_kpis_daily",
            None if month.days.empty else charts.draw_days(month.days, STACK),
            TOO_FEW_DAYS,
            LEGEND,
        ),
        Chart(
            Text("小时 × 星期：会话开始时间", "When sessions start, by hour and weekday"),
            "session_starts_monthly",
            charts.draw_hours(month.hours, [draft.say(day) for day in WEEKDAYS]),
        ),
    ]
    if draft.is_of_all_sites:
        drawn += [
            Chart(
                Text("渠道", "Channels"),
                "support_kpis_monthly_by_channel",
                draft.rank(month.channels, "channel", "sessions"),
            ),
            Chart(
                Text("站点", "Sites"),
                "support_kpis_monthly_by_site",
                draft.rank(month.sites, "site", "sessions"),
            ),
            Chart(
                Text("转人工原因", "Why customers were escalated"),
                "escalations_daily",
                draft.rank(month.escalations, "reason", "escalations"),
                Text("本月没有转人工。", "Nothing was escalated this month."),
            ),
        ]
    return Section("volumes", TITLE, charts=drawn)
