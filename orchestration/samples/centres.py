"""The made-up centre: its size, sites, people and rhythm, as constants and values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from raw_loaders.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Fixed, so that a sample is the same on every day it is made: two whole months, and a week
# that has ended since.
DEFAULT_END = date(2026, 1, 6)
DEFAULT_DAYS = 67
DEFAULT_SESSIONS_PER_DAY = 40
DEFAULT_SEED = 7

CHATBOTS = ("/ai-chatbot/a", "/ai-chatbot/b")
WORKBENCH = "/agent-workbench"
# An older client: it counts no sequence and writes local time with its offset.
TICKET_DESK = "/agent-workbench/tickets"

# Value and weight.
SITES = (("中国站", 5), ("shop-us", 3), ("shop-eu", 2), (None, 1))
CHANNELS = (("web", 6), ("app", 3), ("微信", 3), ("email", 1))
USER_AGENTS = (
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1", 4),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0 Safari/537.36", 4),
    ("Mozilla/5.0 (Linux; Android 14) Chrome/131.0 MicroMessenger/8.0", 3),
    (None, 1),
)
ESCALATION_REASONS = (
    ("用户要求人工", 5),
    ("user_request", 3),
    ("low_confidence", 3),
    ("投诉升级", 2),
    ("refund_dispute", 2),
    ("vip", 1),
)
SEVERITIES = (("low", 3), ("medium", 5), ("high", 2), (None, 1))
KEYWORDS = (("退款", 3), ("refund", 2), ("人工", 3), ("lawyer", 1), (None, 4))
INTENTS = (("物流查询", 4), ("order_status", 3), ("退换货", 2), ("product_question", 3))
CARRIERS = (("yunexpress", 4), ("usps", 3), ("dhl", 2), ("顺丰", 3), (None, 1))
SHIPMENT_STATUSES = (("in_transit", 5), ("delivered", 3), ("pending", 2))
WORKFLOWS = (("wf-chat", 6), ("wf-orders", 2), ("wf-returns", 1))
ENDPOINTS = (("/coze/chat", 4), ("/orders", 2), ("/tracking", 2), (None, 1))
ERROR_TYPES = (("timeout", 4), ("upstream_5xx", 3), ("rate_limited", 2))
BREAKS = (("busy", 3), ("break", 2), ("lunch", 1), ("training", 1))
TICKET_SOURCES = (("session", 3), ("manual", 2), ("email", 1))
TICKET_TYPES = (("return", 3), ("物流异常", 3), ("payment", 2), ("other", 1))
PRIORITIES = (("low", 2), ("normal", 5), ("high", 2), ("urgent", 1), (None, 1))
TRANSFER_REASONS = (("skill", 2), ("班次结束", 1), (None, 1))

# Share of a day's sessions in each local hour: quiet nights, peaks before noon and at night.
HOUR_WEIGHTS = (
    10, 6, 4, 3, 3, 5, 10, 20, 38, 60, 74, 70, 52, 56, 66, 68, 64, 56, 48, 54, 62, 56, 38, 20,
)  # fmt: skip
# Monday first; the mean is 1.
WEEKDAY_WEIGHTS = (1.16, 1.08, 1.05, 1.04, 1.05, 0.84, 0.78)


class Event(msgspec.Struct, frozen=True, gc=False):
    """Something that happened: when (ms since 1970 UTC by its producer's clock), where, what."""

    at_ms: int
    producer: str
    name: str
    data: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Centre:
    """What to make: `days` local days up to and including `end`."""

    end: date = DEFAULT_END
    days: int = DEFAULT_DAYS
    sessions_per_day: float = DEFAULT_SESSIONS_PER_DAY
    seed: int = DEFAULT_SEED
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    def __post_init__(self) -> None:
        """Raise `SettingsError` for a size that makes no sense."""
        if self.days < 1:
            raise SettingsError(f"A sample needs at least one day, not {self.days}.")
        if self.sessions_per_day <= 0:
            raise SettingsError(
                f"A sample needs more than {self.sessions_per_day:g} sessions a day."
            )

    @property
    def agent_count(self) -> int:
        """Staff enough for a quarter of the sessions at some 9 minutes each."""
        return 6 + round(self.sessions_per_day / 110)
