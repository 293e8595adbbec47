"""What a conversation knows of itself, as `session.end` reports it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal


@dataclass
class Conversation:
    """One customer's session."""

    started: float = field(default_factory=time.monotonic)
    message_count: int = 0
    is_answered: bool = False
    is_escalated: bool = False

    def ask(self) -> None:
        """Count the customer's message, whether the AI answers it or not."""
        self.message_count += 1
        self.is_answered = False

    def answer(self) -> None:
        """Count the AI's answer."""
        self.message_count += 1
        self.is_answered = True

    @property
    def resolved_by(self) -> Literal["ai"] | None:
        """The AI, where it answered the last message and nobody else had to."""
        return "ai" if self.is_answered and not self.is_escalated else None
