"""Handlings, transfers and lookups."""

from __future__ import annotations

from tests.golden.stories import Vector, before_as_of, utc

HANDLINGS = [
    Vector("implicit-transfer", "A 10:00 to 10:04, then B by a message to its release at 10:09")
    .on("2025-03-25 10:00:00", "agent.session_takeover", agent_id="A")
    .on("2025-03-25 10:04:00", "agent.session_message", agent_id="B")
    .on("2025-03-25 10:05:00", "agent.session_release", agent_id="A", handle_duration_seconds=1)
    .on(
        "2025-03-25 10:09:00",
        "agent.session_release",
        agent_id="B",
        handle_duration_seconds=301.5,
        message_count=1,
    )
    .handling(
        1,
        agent_id="implicit-transfer-A",
        closed_by="implicit_transfer",
        handle_seconds=240,
        reported_handle_seconds=None,
        opened_by="takeover",
        agent_message_count=0,
    )
    .handling(
        2,
        agent_id="implicit-transfer-B",
        closed_by="release",
        handle_seconds=300,
        reported_handle_seconds=301.5,
        reported_message_count=1,
        opened_by="message",
        agent_message_count=1,
    )
    .session(handle_seconds=540, transfer_count=0),
    Vector(
        "message-after-release",
        "released at 10:05, a message at 10:06 holds again, timed out there",
    )
    .on("2025-03-25 10:00:00", "agent.session_takeover")
    .on("2025-03-25 10:05:00", "agent.session_release")
    .on("2025-03-25 10:06:00", "agent.session_message")
    .handling(1, closed_by="release", handle_seconds=300)
    .handling(2, closed_by="timeout", handle_seconds=0, opened_by="message")
    .session(handle_seconds=300, end_type="timeout"),
    Vector("tie-message-release", "one instant: message (8) before release (10), so it is inside")
    .on("2025-03-25 10:00:00", "agent.session_takeover")
    .on("2025-03-25 10:05:00", "agent.session_release")
    .on("2025-03-25 10:05:00", "agent.session_message")
    .handling(1, closed_by="release", handle_seconds=300, agent_message_count=1),
    Vector("end-closes", "any session.end closes, even one that later activity voids")
    .on("2025-03-25 10:00:00", "agent.session_takeover")
    .on("2025-03-25 10:02:00", "session.end")
    .on("2025-03-25 10:09:00", "session.message", role="user")
    .handling(1, closed_by="session_end", handle_seconds=120)
    .session(end_type="timeout", ended_at=utc("2025-03-25 10:09:00")),
    Vector("open-handling", "an open session leaves its handling open")
    .on(before_as_of(minutes=20), "agent.session_takeover")
    .handling(1, closed_by=None, ended_at=None, handle_seconds=None)
    .session(handle_seconds=None, outcome="open"),
    Vector("transfer-not-taken", "the transfer ends A's interval; B never takes it")
    .on("2025-03-25 10:00:00", "agent.session_takeover", agent_id="A")
    .on(
        "2025-03-25 10:03:00",
        "agent.session_transfer",
        agent_id="A",
        target_agent_id="transfer-not-taken-B",
    )
    .on("2025-03-25 10:04:00", "agent.session_message", agent_id="C")
    .handling(1, closed_by="transfer", handle_seconds=180)
    .handling(2, agent_id="transfer-not-taken-C")
    .gives(
        "fct_session_transfers", "s", "A", "B", None, utc("2025-03-25 10:03:00"), False, row_count=1
    )
    .session(transfer_count=1),
    Vector("transfer-taken", "B holds it next; the wait at nobody (10:03 to 10:04) is nobody's")
    .on("2025-03-25 10:00:00", "agent.session_takeover", agent_id="A")
    .on(
        "2025-03-25 10:03:00",
        "agent.session_transfer",
        agent_id="A",
        target_agent_id="transfer-taken-B",
    )
    .on("2025-03-25 10:04:00", "agent.session_takeover", agent_id="B")
    .on("2025-03-25 10:05:00", "session.end")
    .gives(
        "fct_session_transfers", "s", "A", "B", None, utc("2025-03-25 10:03:00"), True, row_count=1
    )
    .session(handle_seconds=240),
    Vector("transfer-by-other", "B transfers what A holds: nothing changes, but it is counted")
    .on("2025-03-25 10:00:00", "agent.session_takeover", agent_id="A")
    .on(
        "2025-03-25 10:03:00",
        "agent.session_transfer",
        agent_id="B",
        target_agent_id="transfer-by-other-C",
    )
    .on("2025-03-25 10:05:00", "agent.session_release", agent_id="A")
    .handling(1, closed_by="release", handle_seconds=300)
    .session(transfer_count=1),
]


def asked(rule: str, why: str, second: str, *, number: str | None = "N") -> Vector:
    """Ask for an order at 10:00 and again at `second`."""
    numbers = {"order_number": number} if number else {}
    return (
        Vector(rule, why)
        .on("2025-03-25 10:00:00", "query.order", success=False, **numbers)
        .on(second, "query.order", success=True, **numbers)
    )


LOOKUPS = [
    asked(
        "lookup-60s",
        "asked again after exactly 60 s: one lookup, the second decides",
        "2025-03-25 10:01:00",
    )
    .query(0, kind="order", is_lookup_result=False)
    .query(1, kind="order", is_lookup_result=True),
    asked("lookup-60s-1us", "after 60.000001 s: two lookups", "2025-03-25 10:01:00.000001")
    .query(0, is_lookup_result=True)
    .query(1, is_lookup_result=True),
    asked(
        "lookup-no-number", "without a number each is its own", "2025-03-25 10:00:01", number=None
    )
    .query(0, is_lookup_result=True)
    .query(1, is_lookup_result=True),
    asked(
        "lookup-chain",
        "50 s and 50 s: each at most 60 s after the one before, one lookup",
        "2025-03-25 10:00:50",
    )
    .on("2025-03-25 10:01:40", "query.order", order_number="N")
    .query(0, is_lookup_result=False)
    .query(1, is_lookup_result=False)
    .query(2, is_lookup_result=True),
    asked(
        "lookup-kinds", "an order and a parcel of one number are two lookups", "2025-03-25 10:00:01"
    )
    .on("2025-03-25 10:00:02", "query.tracking", tracking_number="N")
    .query(0, is_lookup_result=False)
    .query(1, is_lookup_result=True)
    .query(2, kind="tracking", is_lookup_result=True),
]

ALL = [*HANDLINGS, *LOOKUPS]
