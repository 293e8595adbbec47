"""The example tells of its sessions what their events tell."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "chatbot"


@pytest.fixture
def conversations(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("conversations", EXAMPLE / "conversations.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "conversations", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("steps", "messages", "resolved_by"),
    [
        ((), 0, None),
        (("ask", "answer"), 2, "ai"),
        (("ask",), 1, None),
        (("ask", "answer", "ask"), 3, None),
        (("ask", "ask", "answer"), 3, "ai"),
    ],
)
def test_end_of_a_session_agrees_with_its_messages(
    conversations: ModuleType, steps: tuple[str, ...], messages: int, resolved_by: str | None
) -> None:
    """Empty sessions were resolved by the AI, unanswered messages were not counted."""
    conversation = conversations.Conversation()
    for step in steps:
        getattr(conversation, step)()
    assert (conversation.message_count, conversation.resolved_by) == (messages, resolved_by)


def test_handed_over_session_is_not_resolved_by_the_ai(conversations: ModuleType) -> None:
    conversation = conversations.Conversation(is_escalated=True)
    conversation.ask()
    conversation.answer()
    assert conversation.resolved_by is None
