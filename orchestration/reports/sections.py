"""What the page says, in its order: headings, sentences, numbers, charts and tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from orchestration.reports import charts
from orchestration.reports.charts import AMBER, BLUE, GREY, LIGHT, Bar
from orchestration.reports.figures import FIGURES, Figure
from orchestration.reports.marts import Month
from orchestration.reports.wording import Number, Text, write_number

# Bars of a chart that has as many as there are names; the rest is in the mart.
BARS = 8
NOTHING = Text("本月没有数据可画。", "There is nothing to draw for this month.")
TOO_FEW_DAYS = Text(
    "有数据的日子不足两天，画不成趋势。",
    "Fewer than two days have data, so there is no trend to draw.",
)


@dataclass(frozen=True)
class Tile:
    """A number of the month, as written, with the one of the month before where comparable."""

    figure: Figure
    value: str
    previous: str | None


@dataclass(frozen=True)
class Chart:
    """A drawing, or the sentence that stands in its place; its legend and its mart."""

    title: Text
    mart: str
    svg: str | None
    absent: Text = NOTHING
    legend: Sequence[tuple[str, Text]] = ()


@dataclass(frozen=True)
class Table:
    """Rows of texts under a head, from a mart."""

    title: Text
    mart: str
    head: Sequence[Text]
    rows: Sequence[Sequence[str | Text]]


@dataclass(frozen=True)
class Section:
    """One reader's part of the page."""

    anchor: str
    title: Text
    sentence: Text | None = None
    note: Text | None = None
    tiles: Sequence[Tile] = ()
    small: Sequence[Tile] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = field(default=())


def arrange(month: Month) -> list[Section]:
    """Give the page's sections; a site's page has those that marts know by site."""
    parts: list[Callable[[Month], Section]] = [_sales]
    if month.site is None:
        parts.append(_savings)
    parts += [_ai, _people, _tickets, _volumes]
    if month.site is None:
        parts.append(_quality)
    return [part(month) for part in parts]


def _tile(month: Month, column: str) -> Tile:
    figure = FIGURES[column]
    case = month.case
    before = case.get(f"previous_{column}")
    is_shown = month.site is None and case["is_comparable"] and before is not None
    return Tile(
        figure,
        _write(month, column, month.values[figure.key]),
        _write(month, column, before) if is_shown else None,
    )


def _write(month: Month, column: str, value: Number | None) -> str:
    return write_number(value, FIGURES[column].kind, month.currency)


def _tiles(month: Month, *columns: str) -> list[Tile]:
    return [_tile(month, column) for column in columns]


def _bar(month: Month, column: str, colour: str) -> Bar:
    """Give the bar of a figure; its chart's labels are both languages' on one line."""
    value = month.values[FIGURES[column].key]
    label = FIGURES[column].label
    return Bar(
        f"{label.zh} {label.en}", [(float(value or 0), colour)], _write(month, column, value)
    )


def _sentence(month: Month, name: str) -> Text | None:
    """Give the mart's sentence; a site has none."""
    if month.site is not None:
        return None
    return Text(month.case[f"{name}_zh"], month.case[f"{name}_en"])


def _sales(month: Month) -> Section:
    outcomes = [
        _bar(month, "ai_resolved_sessions", BLUE),
        _bar(month, "human_sessions", LIGHT),
        _bar(month, "ai_abandoned_sessions", AMBER),
        _bar(month, "queue_abandoned_sessions", AMBER),
        _bar(month, "empty_sessions", GREY),
        _bar(month, "open_sessions", GREY),
    ]
    handled = _tile(month, "engaged_ended_sessions").value
    rate = _tile(month, "ai_resolution_rate").value
    sentence = _sentence(month, "sales_sentence") or Text(
        f"站点 {month.site}：AI 客服共处理 {handled} 个会话，AI 独立解决率 {rate}。",
        f"Site {month.site}: the AI handled {handled} conversations; it resolved {rate} alone.",
    )
    return Section(
        "sales",
        Text("AI 解决了多少", "What the AI resolved"),
        sentence,
        _sentence(month, "sales_footnote"),
        _tiles(
            month,
            *("ai_resolution_rate", "ai_durable_resolution_rate"),
            *("ai_containment_rate", "rating_avg"),
        ),
        charts=[
            Chart(
                Text("会话的结果", "How sessions ended"),
                "support_kpis_monthly",
                charts.draw_bars(outcomes),
                legend=[
                    (BLUE, Text("AI 解决", "AI")),
                    (LIGHT, Text("人工", "Person")),
                    (AMBER, Text("客户放弃", "Customer gave up")),
                    (GREY, Text("不计入", "Not counted")),
                ],
            )
        ],
        small=_tiles(
            month,
            *("sessions", "engaged_ended_sessions", "ai_resolved_sessions", "human_sessions"),
            *("durable_coverage_rate", "escalation_rate", "rating_count"),
        ),
    )


def _savings(month: Month) -> Section:
    bars = [
        _bar(month, "gross_savings", GREY),
        _bar(month, "net_savings_high", LIGHT),
        _bar(month, "net_savings_base", BLUE),
        _bar(month, "net_savings_low", LIGHT),
    ]
    rows = [
        [
            f"{row['valid_from']:%Y-%m-%d}",
            *(
                write_number(row[name], "price", row["currency"])
                for name in (
                    "cost_per_human_contact", "ai_cost_per_call", "input_token_price",
                    "output_token_price",
                )
            ),
            " / ".join(
                write_number(row[f"share_needing_human_{case}"], "rate")
                for case in ("low", "base", "high")
            ),
        ]
        for row in month.assumptions.to_dict("records")
    ]  # fmt: skip
    return Section(
        "savings",
        Text("节省了多少", "What it saved"),
        _sentence(month, "cost_sentence"),
        Text(
            "宣称节省把每个未转人工的会话都算作省下一次人工；"
            "净节省只计本来需要人工的部分，并扣除 AI 成本。"
            "保守值只计已证实解决的会话，上限计全部未转人工的会话。",
            "Savings as claimed count every contained contact as one a person would have had; net "
            "savings count the share that would have needed one, less the cost of the AI. Low "
            "counts proven contacts only, high all contained ones.",
        ),
        _tiles(
            month,
            *("net_savings_base", "net_savings_low", "net_savings_high", "gross_savings"),
        ),
        _tiles(
            month,
            *("ai_cost", "break_even_cost_per_contact", "contained_contacts"),
            *("durable_contacts", "proven_contacts", "proven_share"),
            *("ai_abandoned_sessions", "repeat_rate", "reopen_rate"),
        ),
        [
            Chart(
                Text("宣称与净节省", "Claimed and net savings"),
                "cost_savings_monthly",
                charts.draw_bars(bars),
                Text(
                    "本月没有可计算的节省金额：缺少成本假设，或没有由 AI 承接的会话。",
                    "No savings can be shown: cost assumptions are missing, or the AI contained "
                    "no contact.",
                ),
            )
        ],
        [
            Table(
                Text("成本假设", "Assumptions"),
                "cost_assumptions_monthly",
                [
                    Text("生效日", "Valid from"),
                    Text("单次人工成本", "Human contact"),
                    Text("每次 AI 调用", "AI call"),
                    Text("输入 token", "Input token"),
                    Text("输出 token", "Output token"),
                    Text("本需人工的占比 低/中/高", "Share needing a person, low / base / high"),
                ],
                rows,
            )
        ],
    )


def _ai(month: Month) -> Section:
    return Section(
        "ai",
        Text("AI 的速度与查询", "AI speed and queries"),
        _sentence(month, "engineering_sentence"),
        tiles=_tiles(
            month,
            *("ai_response_ms_p50", "ai_response_ms_p95"),
            *("order_query_success_rate", "tracking_query_success_rate"),
        ),
        small=_tiles(
            month,
            *("coze_calls", "coze_call_success_rate", "order_queries"),
            *("tracking_queries", "api_errors"),
        ),
        charts=[
            _trend(
                Text("AI 回复时间（秒）", "AI answer time (seconds)"),
                month,
                {"ai_response_ms_p50": BLUE, "ai_response_ms_p95": AMBER},
                (1000, ",.1f"),
                [(BLUE, Text("中位数", "Median")), (AMBER, Text("95 % 以内", "95 % within"))],
            ),
            _trend(
                Text("查询成功率", "Query success"),
                month,
                {"order_query_success_rate": BLUE, "tracking_query_success_rate": AMBER},
                (1, ".0%"),
                [(BLUE, Text("订单", "Orders")), (AMBER, Text("物流", "Tracking"))],
            ),
        ],
    )


def _people(month: Month) -> Section:
    legend = [(BLUE, Text("中位数", "Median")), (AMBER, Text("90 % 以内", "90 % within"))]
    return Section(
        "people",
        Text("人工客服的等待与处理", "Waiting for a person, and handling"),
        _sentence(month, "supervisor_sentence"),
        tiles=_tiles(
            month,
            *("queue_wait_seconds_p50", "service_level_30s"),
            *("agent_first_response_seconds_p50", "handle_seconds_p50"),
        ),
        small=_tiles(
            month,
            *("queue_waits", "queue_wait_seconds_p90", "queue_abandonment_rate"),
            *("agent_first_responses", "agent_first_response_seconds_p90"),
            *("handled_sessions", "handle_seconds_p90"),
        ),
        charts=[
            _trend(
                Text("等待人工（分钟）", "Wait for a person (minutes)"),
                month,
                {"queue_wait_seconds_p50": BLUE, "queue_wait_seconds_p90": AMBER},
                (60, ",.1f"),
                legend,
            ),
            _trend(
                Text("首次回复（秒）", "First response (seconds)"),
                month,
                {
                    "agent_first_response_seconds_p50": BLUE,
                    "agent_first_response_seconds_p90": AMBER,
                },
                (1, ",.0f"),
                legend,
            ),
        ],
    )


def _trend(
    title: Text,
    month: Month,
    columns: dict[str, str],
    scale: tuple[float, str],
    legend: Sequence[tuple[str, Text]],
) -> Chart:
    """Draw daily columns divided by a unit, in a d3 format: `scale` is both."""
    known = {} if month.days.empty else columns
    svg = charts.draw_lines(month.days, known, *scale)
    return Chart(title, "support_kpis_daily", svg, TOO_FEW_DAYS, legend)


def _tickets(month: Month) -> Section:
    tickets = month.tickets if month.site is None else month.tickets.iloc[:0]
    tables, drawn = [], []
    if month.site is None:
        by_priority = (
            tickets.groupby("priority", sort=True).sum(numeric_only=True) if len(tickets) else None
        )
        bars = (
            []
            if by_priority is None
            else [
                Bar(
                    str(priority),
                    [
                        (float(row["sla_met_tickets"]), BLUE),
                        (float(row["sla_breached_tickets"]), AMBER),
                        (float(row["sla_active_tickets"]), GREY),
                    ],
                    write_number(row["tickets_created"], "count"),
                )
                for priority, row in by_priority.iterrows()
            ]
        )
        drawn = [
            Chart(
                Text("各优先级工单的 SLA", "SLA by priority"),
                "ticket_sla_monthly",
                charts.draw_bars(bars[:BARS]),
                Text("本月没有新建工单。", "No ticket was created this month."),
                [
                    (BLUE, Text("达成", "Met")),
                    (AMBER, Text("超时", "Breached")),
                    (GREY, Text("未定", "Undecided")),
                ],
            )
        ]
        if len(tickets):
            tables = [_ticket_table(tickets)]
    return Section(
        "tickets",
        Text("工单与 SLA", "Tickets and SLA"),
        _sentence(month, "tickets_sentence"),
        tiles=_tiles(
            month,
            *("tickets_created", "sla_attainment_rate"),
            *("ticket_resolution_hours_p50", "reopen_rate"),
        ),
        small=_tiles(
            month,
            *("tickets_resolved", "ticket_resolution_hours_p90"),
            *("sla_met_tickets", "sla_breached_tickets"),
        ),
        charts=drawn,
        tables=tables,
    )


def _ticket_table(tickets: pd.DataFrame) -> Table:
    largest = tickets.sort_values("tickets_created", ascending=False, kind="stable").head(2 * BARS)
    return Table(
        Text("按类型与优先级", "By type and priority"),
        "ticket_sla_monthly",
        [
            Text("类型", "Type"),
            Text("优先级", "Priority"),
            Text("新建", "Created"),
            Text("SLA 达成率", "SLA attainment"),
            Text("解决时长中位数", "Median to resolve"),
            Text("重开率", "Reopened"),
        ],
        [
            [
                str(row["type"]),
                str(row["priority"]),
                write_number(row["tickets_created"], "count"),
                write_number(_known(row["sla_attainment_rate"]), "rate"),
                write_number(_known(row["resolution_hours_p50"]), "hours"),
                write_number(_known(row["reopen_rate"]), "rate"),
            ]
            for row in largest.to_dict("records")
        ],
    )


def _known(value: Any) -> Number | None:
    """Give a cell of a frame; pandas has NaN for NULL."""
    return None if pd.isna(value) else value


def _volumes(month: Month) -> Section:
    stack = {
        "ai_resolved_sessions": BLUE,
        "human_sessions": LIGHT,
        "ai_abandoned_sessions": AMBER,
        "queue_abandoned_sessions": "#f59e0b",
    }
    drawn = [
        Chart(
            Text("每日会话", "Sessions by day"),
            "support_kpis_daily",
            None if month.days.empty else charts.draw_days(month.days, stack),
            TOO_FEW_DAYS,
            [
                (colour, FIGURES[column].label)
                for column, colour in stack.items()
            ],
        ),
        Chart(
            Text("小时 × 星期：会话开始时间", "When sessions start, by hour and weekday"),
            "session_starts_monthly",
            charts.draw_hours(month.hours),
        ),
    ]  # fmt: skip
    if month.site is None:
        drawn += [
            Chart(
                Text("渠道", "Channels"),
                "support_kpis_monthly_by_channel",
                _ranked(month.channels, "channel", "sessions"),
            ),
            Chart(
                Text("站点", "Sites"),
                "support_kpis_monthly_by_site",
                _ranked(month.sites, "site", "sessions"),
            ),
            Chart(
                Text("转人工原因", "Why customers were escalated"),
                "escalations_daily",
                _ranked(month.escalations, "reason", "escalations"),
                Text("本月没有转人工。", "Nothing was escalated this month."),
            ),
        ]
    return Section("volumes", Text("会话量", "Volumes"), charts=drawn)


def _ranked(frame: pd.DataFrame, name: str, count: str) -> str | None:
    if frame.empty:
        return None
    ranked = frame[frame[count] > 0].sort_values([count, name], ascending=[False, True])
    return charts.draw_bars(
        [
            Bar(str(row[name]), [(float(row[count]), BLUE)], write_number(row[count], "count"))
            for row in ranked.head(BARS).to_dict("records")
        ]
    )


def _quality(month: Month) -> Section:
    values = {column: _tile(month, column).value for column in ("loss_rate", "loss_rate_upper_95")}
    sentence = Text(
        f"丢失率 {values['loss_rate']}；以 95 % 的把握不超过 {values['loss_rate_upper_95']}。",
        f"{values['loss_rate']} of events were lost; with 95 % confidence no more than "
        f"{values['loss_rate_upper_95']}.",
    )
    if month.values[FIGURES["loss_rate"].key] is None:
        sentence = Text(
            "事件没有序号，因此无法判断丢失了多少。",
            "Events carry no sequence numbers, so how many were lost cannot be told.",
        )
    return Section(
        "quality",
        Text("数据质量", "Data quality"),
        sentence,
        Text(
            "只看得见序号之间的缺口；一次运行末尾丢失的事件要靠心跳才能发现。",
            "Only gaps between sequence numbers can be seen; what is lost at the end of a run "
            "shows only with heartbeats.",
        ),
        _tiles(month, "loss_rate", "loss_rate_upper_95", "lost_events", "quarantined_count"),
        _tiles(
            month,
            *("landed_count", "expected_events", "duplicate_count", "late_count"),
            *("violation_count", "compared_report_count", "disagreement_count"),
        ),
    )
