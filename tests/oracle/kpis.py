"""The support KPIs of sessions in one period and slice, of any `support_kpis_*` table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.durations import SECOND, in_unit
from tests.oracle.numbers import Row, average, distribution, present, rate

if TYPE_CHECKING:
    from tests.oracle.sessions import Session

SERVICE_LEVEL_SECONDS = 30
LEAST_SATISFIED_SCORE = 4
# Who gives up sooner than this never waited.
SHORTEST_ABANDONMENT_SECONDS = 5


def is_durable_eligible(session: Session) -> bool:
    """Engaged, ended, mature, and with a customer who could be seen again."""
    has_ended = session.end_type != "open"
    return session.is_engaged and has_ended and knows_repeat(session)


def knows_repeat(session: Session) -> bool:
    """Whether the 72 hours are over and the customer is known."""
    return session.is_mature is True and session.customer_id is not None


def is_durable(session: Session) -> bool:
    """Eligible, resolved by the AI, and nobody came back."""
    return (
        is_durable_eligible(session)
        and session.outcome == "ai_resolved"
        and session.is_repeat_within_72h is False
    )


def is_escalated_or_human(session: Session) -> bool:
    """Tell whether an engaged session left the AI."""
    return session.is_engaged and (session.escalation is not None or session.outcome == "human")


def waited_in_vain(session: Session) -> bool:
    """Abandoned in the queue, after at least five seconds in it."""
    if session.outcome != "queue_abandoned":
        return False
    if session.ended_at is None or session.escalated_at is None:
        return False
    waited = in_unit(session.ended_at - session.escalated_at, SECOND)
    return waited >= SHORTEST_ABANDONMENT_SECONDS


def session_numbers(sessions: list[Session]) -> Row:
    """Compute every KPI of sessions, each rate beside what it is made of."""
    return {
        **outcome_counts(sessions),
        **containment(sessions),
        **durability(sessions),
        **queueing(sessions),
        **satisfaction(sessions),
        **session_times(sessions),
    }


def outcome_counts(sessions: list[Session]) -> Row:
    """Count sessions by outcome and kind."""
    outcomes = [session.outcome for session in sessions]
    silent = [s for s in sessions if s.outcome == "human" and s.agent_message_count == 0]
    explicit = [s for s in sessions if s.outcome == "ai_resolved" and s.end_type == "explicit"]
    return {
        "sessions": len(sessions),
        "ai_resolved_sessions": outcomes.count("ai_resolved"),
        "ai_resolved_explicit_sessions": len(explicit),
        "ai_abandoned_sessions": outcomes.count("ai_abandoned"),
        "queue_abandoned_sessions": outcomes.count("queue_abandoned"),
        "human_sessions": outcomes.count("human"),
        "human_silent_sessions": len(silent),
        "empty_sessions": outcomes.count("empty"),
        "open_sessions": outcomes.count("open"),
        "unique_customers": len({s.customer_id for s in sessions} - {None}),
        "session_messages": sum(s.message_count for s in sessions),
    }


def containment(sessions: list[Session]) -> Row:
    """Say what the AI kept, of engaged sessions."""
    engaged = [s for s in sessions if s.is_engaged]
    ended = [s for s in engaged if s.end_type != "open"]
    resolved = sum(s.outcome == "ai_resolved" for s in ended)
    contained = resolved + sum(s.outcome == "ai_abandoned" for s in ended)
    left = sum(map(is_escalated_or_human, sessions))
    return {
        "engaged_sessions": len(engaged),
        "engaged_ended_sessions": len(ended),
        "ai_contained_sessions": contained,
        "ai_containment_rate": rate(contained, len(ended)),
        "ai_resolution_rate": rate(resolved, len(ended)),
        "escalated_or_human_sessions": left,
        "escalation_rate": rate(left, len(engaged)),
    }


def durability(sessions: list[Session]) -> Row:
    """Say whose problem stayed solved, and who came back."""
    eligible = [s for s in sessions if is_durable_eligible(s)]
    durable = [s for s in eligible if is_durable(s)]
    known = [s for s in sessions if knows_repeat(s)]
    repeated = sum(s.is_repeat_within_72h is True for s in known)
    return {
        "durable_eligible_sessions": len(eligible),
        "ai_durable_sessions": len(durable),
        "ai_durable_resolution_rate": rate(len(durable), len(eligible)),
        "repeat_eligible_sessions": len(known),
        "repeated_sessions": repeated,
        "repeat_rate": rate(repeated, len(known)),
    }


def queueing(sessions: list[Session]) -> Row:
    """Say who waited, how many in time, and who gave up."""
    escalated = [s for s in sessions if s.escalation is not None]
    ended = [s for s in escalated if s.end_type != "open"]
    abandoned = sum(s.outcome == "queue_abandoned" for s in ended)
    waits = present(s.queue_wait_seconds for s in sessions)
    in_time = sum(wait <= SERVICE_LEVEL_SECONDS for wait in waits)
    in_vain = sum(map(waited_in_vain, sessions))
    return {
        "escalated_sessions": len(escalated),
        "escalated_ended_sessions": len(ended),
        "queue_abandonment_rate": rate(abandoned, len(ended)),
        "queue_waits": len(waits),
        "queue_waits_within_30s": in_time,
        "queue_abandoned_after_5s_sessions": in_vain,
        "service_level_contacts": len(waits) + in_vain,
        "service_level_30s": rate(in_time, len(waits) + in_vain),
    }


def satisfaction(sessions: list[Session]) -> Row:
    """Rate by the last score of each session."""
    scores = present(s.rating_score for s in sessions)
    satisfied = sum(score >= LEAST_SATISFIED_SCORE for score in scores)
    return {
        "rating_avg": average(scores),
        "rating_count": len(scores),
        "satisfied_ratings": satisfied,
        "csat_rate": rate(satisfied, len(scores)),
    }


def session_times(sessions: list[Session]) -> Row:
    """Describe the sessions' waits and lengths, one value a session."""
    waits = [s.queue_wait_seconds for s in sessions]
    responses = [s.agent_first_response_seconds for s in sessions]
    lengths = [s.handle_seconds for s in sessions]
    return {
        **distribution("queue_wait_seconds", waits, 50, 90),
        "agent_first_responses": len(present(responses)),
        **distribution("agent_first_response_seconds", responses, 50, 90, 95),
        "handled_sessions": len(present(lengths)),
        **distribution("handle_seconds", lengths, 50, 90, 95),
    }
