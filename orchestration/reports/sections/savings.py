"""What the AI saved: as claimed and net, with the assumptions it rests on."""

from __future__ import annotations

import pandas as pd

from orchestration.reports import charts
from orchestration.reports.charts import BLUE, GREY, LIGHT
from orchestration.reports.sections.parts import Chart, Draft, Head, Section, Table
from orchestration.reports.wording import Text, write_number

EXPLANATION = Text(
    "宣称节省把每个未转人工的会话都算作省下一次人工；净节省只计本来需要人工的部分，并扣除 AI 成本。"
    "保守值只计已证实解决的会话，上限计全部未转人工的会话。",
    "Savings as claimed count every contained contact as one a person would have had; net "
    "savings count the share that would have needed one, less the cost of the AI. Low counts "
    "proven contacts only, high all contained ones.",
)
UNPRICED = Text(
    "AI 的调用与 token 目前按 0 计价，净节省因此未扣除任何 AI 成本；实际价格请填入成本假设。",
    "Calls and tokens of the AI are priced at 0 so far, so nothing is taken off for them: put "
    "their real prices into the cost assumptions.",
)
NO_ASSUMPTIONS = Text(
    "本月没有生效的成本假设：请在 CASEBOOK_ASSUMPTIONS 所指文件夹的 cost_assumptions.csv 中填写。",
    "No cost assumptions hold for this month: give them in cost_assumptions.csv of the folder "
    "that CASEBOOK_ASSUMPTIONS names.",
)
NOT_DRAWN = Text(
    "本月没有可计算的节省金额：缺少成本假设，或没有由 AI 承接的会话。",
    "No savings can be shown: cost assumptions are missing, or the AI contained no contact.",
)
BARS = {
    "gross_savings": GREY,
    "net_savings_high": LIGHT,
    "net_savings_base": BLUE,
    "net_savings_low": LIGHT,
}
COST = "cost_per_human_contact"
PRICES = {
    COST: Text("单次人工成本", "Contact a person handles"),
    "ai_cost_per_call": Text("每次 AI 调用", "Call of the AI"),
    "input_token_price": Text("每个输入 token", "Input token"),
    "output_token_price": Text("每个输出 token", "Output token"),
}
SHARES = {
    "share_needing_human_low": Text("本需人工的占比（低）", "Share needing a person, low"),
    "share_needing_human_base": Text("本需人工的占比（中）", "Share needing a person, base"),
    "share_needing_human_high": Text("本需人工的占比（高）", "Share needing a person, high"),
}


def tell_savings(draft: Draft) -> Section:
    """Give the section; a sentence stands for what is missing, and alone without sessions."""
    title, sentence = Text("节省了多少", "What it saved"), draft.sentence("cost_sentence")
    if not draft.has_any("sessions"):
        return Section("savings", title, sentence)
    notes = [EXPLANATION]
    if _is_unpriced(draft.month.assumptions):
        notes.append(UNPRICED)
    bars = [draft.bar(*bar) for bar in BARS.items()]
    return Section(
        "savings",
        title,
        sentence,
        notes,
        draft.tiles("net_savings_base", "net_savings_low", "net_savings_high", "gross_savings"),
        draft.tiles(
            *("ai_cost", "break_even_cost_per_contact", "contained_contacts"),
            *("durable_contacts", "proven_contacts", "proven_share"),
            *("ai_abandoned_sessions", "repeat_rate", "reopen_rate"),
        ),
        [
            Chart(
                Text("宣称与净节省", "Claimed and net savings"),
                "cost_savings_monthly",
                charts.draw_bars(bars),
                NOT_DRAWN,
            )
        ],
        [_tabulate_assumptions(draft)],
    )


def _is_unpriced(assumptions: pd.DataFrame) -> bool:
    """Say whether all that the AI does costs nothing."""
    prices = [price for price in PRICES if price != COST]
    return len(assumptions) > 0 and not assumptions[prices].any(axis=None)


def _tabulate_assumptions(draft: Draft) -> Table:
    """Give the figures down, and the days they hold from across."""
    sets = draft.month.assumptions.to_dict("records")
    rows = [
        [draft.say(label), *(write_number(of[name], "price", of["currency"]) for of in sets)]
        for name, label in PRICES.items()
    ]
    rows += [
        [draft.say(label), *(write_number(of[name], "rate") for of in sets)]
        for name, label in SHARES.items()
    ]
    days = [f"{of['valid_from']:%Y-%m-%d}" for of in sets]
    since = Head(Text("生效日", "Valid from"), is_number=False)
    return Table(
        Text("成本假设", "Assumptions"),
        "cost_assumptions_monthly",
        [since, *(Head(Text(day, day)) for day in days)],
        rows if sets else [],
        NO_ASSUMPTIONS,
        is_narrow=True,
    )
