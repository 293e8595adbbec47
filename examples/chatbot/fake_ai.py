"""An AI platform that needs no network: it answers after a while, sometimes badly."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

# Seconds; the share of calls that fail.
FASTEST, SLOWEST = 0.02, 0.2
FAILURE_SHARE = 0.03


class AIPlatformError(Exception):
    """The platform gave no answer."""


@dataclass(frozen=True)
class Answer:
    """What the AI says, and what it cost in tokens."""

    text: str
    input_tokens: int
    output_tokens: int
    is_unsure: bool


async def ask(question: str, dice: random.Random) -> Answer:
    """Answer a question. Raises `AIPlatformError` now and then."""
    await asyncio.sleep(dice.uniform(FASTEST, SLOWEST))
    if dice.random() < FAILURE_SHARE:
        raise AIPlatformError("no answer within the time allowed")
    text = f"Thank you for asking about “{question[:40]}”. " + "Here is what I know. " * 3
    is_unsure = any(word in question.lower() for word in ("broken", "refund", "human"))
    return Answer(text, len(question) // 3 + 200, len(text) // 3, is_unsure)
