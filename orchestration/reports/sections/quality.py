"""How far the numbers can be trusted: what was lost, and within which bound."""

from __future__ import annotations

from orchestration.reports.sections.parts import Draft, Section
from orchestration.reports.wording import Text

TITLE = Text("数据质量", "Data quality")
LIMIT = Text(
    "只看得见序号之间的缺口；一次运行末尾丢失的事件要靠心跳才能发现。",
    "Only gaps between sequence numbers can be seen; what is lost at the end of a run shows "
    "only with heartbeats.",
)


def tell_quality(draft: Draft) -> Section:
    """Give the section; a sentence alone in a month of which nothing landed."""
    if not draft.has_any("landed_count", "quarantined_count", "expected_events"):
        return Section("quality", TITLE, Text("没有入库的事件。", "No event of it landed."))
    return Section(
        "quality",
        TITLE,
        _tell_loss(draft),
        [LIMIT],
        draft.tiles("loss_rate", "loss_rate_upper_95", "lost_events", "quarantined_count"),
        draft.tiles(
            *("landed_count", "expected_events", "duplicate_count", "late_count"),
            *("violation_count", "compared_report_count", "disagreement_count"),
        ),
    )


def _tell_loss(draft: Draft) -> Text:
    rate, bound = draft.tile("loss_rate"), draft.tile("loss_rate_upper_95")
    if not rate.is_known:
        return Text(
            "事件没有序号，因此无法判断丢失了多少。",
            "Events carry no sequence numbers, so how many were lost cannot be told.",
        )
    return Text(
        f"丢失率 {rate.value}；以 95 % 的把握不超过 {bound.value}。",
        f"{rate.value} of events were lost; with 95 % confidence no more than {bound.value}.",
    )
