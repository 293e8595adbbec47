"""Sessions: order, ends, outcomes, repeats, queue and responses."""

from __future__ import annotations

from datetime import date
from random import Random

from raw_loaders.catalogue import MAX_TEXT_LENGTH
from tests.golden.stories import Vector, before_as_of, utc

US = 0.000001
# Rare ideographs in no order: 4 bytes each.
LONGEST = [
    "".join(map(chr, Random(seed).choices(range(0x20000, 0x2A6D7), k=MAX_TEXT_LENGTH)))
    for seed in range(3)
]


def chat(rule: str, why: str, start: str = "2025-03-25 10:00:00", **data: object) -> Vector:
    """Start a session with one customer message a minute later."""
    vector = Vector(rule, why).on(start, "session.start", **data)
    minute_later = utc(start).replace(minute=utc(start).minute + 1)
    return vector.on(minute_later, "session.message", role="user")


ENDS = [
    chat(
        "timeout-30min", "30:00.000000 since the last activity is a timeout", "2025-03-31 11:29:00"
    ).session(end_type="timeout", ended_at=before_as_of(minutes=30), duration_seconds=60),
    chat("open-29min", "29:59 since the last activity is still open", "2025-03-31 11:00:00")
    .on(before_as_of(minutes=29, seconds=59, microseconds=999999), "session.message", role="ai")
    .session(end_type="open", ended_at=None, outcome="open", is_mature=None),
    chat("end-5s", "activity exactly 5 s after the end keeps it explicit, ended at the end")
    .on("2025-03-25 10:05:00", "session.end", duration_seconds=299.5, resolved_by="ai")
    .on("2025-03-25 10:05:05", "session.message", role="ai")
    .session(
        end_type="explicit",
        ended_at=utc("2025-03-25 10:05:00"),
        last_activity_at=utc("2025-03-25 10:05:05"),
        duration_seconds=300,
        reported_duration_seconds=299.5,
        outcome="ai_resolved",
    ),
    chat("end-5s-1us", "activity 5.000001 s after the end voids it; silence ends it instead")
    .on("2025-03-25 10:05:00", "session.end")
    .on("2025-03-25 10:05:05.000001", "session.message", role="ai")
    .session(end_type="timeout", ended_at=utc("2025-03-25 10:05:05.000001")),
    chat("end-twice", "the last session.end counts, for the end and for what is reported")
    .on("2025-03-25 10:02:00", "session.end", message_count=1, resolved_by="ai")
    .on("2025-03-25 10:09:00", "session.end", message_count=7)
    .session(
        ended_at=utc("2025-03-25 10:09:00"), reported_message_count=7, reported_resolved_by=None
    ),
    chat("release-is-no-activity", "a release an hour later moves neither end nor last activity")
    .on("2025-03-25 10:02:00", "session.end")
    .on("2025-03-25 11:02:00", "agent.session_release")
    .session(
        end_type="explicit",
        last_activity_at=utc("2025-03-25 10:01:00"),
        outcome="ai_abandoned",
    ),
    Vector("start-missing", "without session.start the first event starts it: a call of the API")
    .on("2025-03-25 10:00:00", "api.coze_call", success=True)
    .on("2025-03-25 10:00:09", "session.message", role="user")
    .session(
        started_at=utc("2025-03-25 10:00:00"),
        is_start_observed=False,
        channel=None,
        duration_seconds=9,
    ),
    Vector("start-late", "session.start counts even when it comes after other events")
    .on("2025-03-25 10:00:00", "session.message", role="user")
    .on("2025-03-25 10:00:03", "session.start", channel="web", site="late")
    .session(started_at=utc("2025-03-25 10:00:03"), is_start_observed=True, duration_seconds=-3),
    Vector("local-midnight", "22:59:59.999999Z is still 2025-03-24 in Berlin (UTC+1)")
    .on("2025-03-24 22:59:59.999999", "session.start")
    .session(started_date=date(2025, 3, 24)),
    Vector("local-midnight-sharp", "23:00Z is midnight: 2025-03-25 begins")
    .on("2025-03-24 23:00:00", "session.start")
    .session(started_date=date(2025, 3, 25)),
    Vector("summer-midnight", "after the change 22:00Z is midnight (UTC+2): 2025-03-31 begins")
    .on("2025-03-30 22:00:00", "session.start")
    .session(started_date=date(2025, 3, 31)),
]

TIES = [
    Vector("tie-user-ai", "one instant: user ranks 2, ai 5, so the AI has answered")
    .on("2025-03-25 10:00:00", "session.message", role="ai")
    .on("2025-03-25 10:00:00", "session.message", role="user")
    .session(outcome="ai_resolved"),
    Vector("tie-sequence", "two starts of one instant: sequence 9 comes before 10, as numbers")
    .on("2025-03-25 10:00:00", "session.start", channel="ten", sequence=10)
    .on("2025-03-25 10:00:00", "session.start", channel="nine", sequence=9)
    .on("2025-03-25 10:00:00", "session.start", channel="none")
    .session(channel="nine"),
    Vector("tie-bytes", "without sequence by id in bytes: 'B' (0x42) before 'a' (0x61)")
    .on("2025-03-25 10:00:00", "session.start", channel="lower", event_id="tie-bytes-a")
    .on("2025-03-25 10:00:00", "session.start", channel="upper", event_id="tie-bytes-B")
    .session(channel="upper"),
    Vector("tie-source", "one id from two sources are two events; '/a' sorts before '/b'")
    .on("2025-03-25 10:00:00", "session.start", channel="b", event_id="tie-id", producer="/b")
    .on("2025-03-25 10:00:00", "session.start", channel="a", event_id="tie-id", producer="/a")
    .session(channel="a"),
]

OUTCOMES = [
    chat("human-silent", "a takeover without a message is human all the same")
    .on("2025-03-25 10:02:00", "agent.session_takeover")
    .session(outcome="human", agent_message_count=0, agent_first_response_seconds=None),
    chat("human-before-queue", "escalated and taken over: human, not abandoned")
    .on("2025-03-25 10:02:00", "session.escalate", reason="a", severity="low")
    .on("2025-03-25 10:02:30", "agent.session_message")
    .session(outcome="human", queue_wait_seconds=30, customer_first_response_seconds=30),
    Vector("queue-abandoned", "escalated and nobody came, engaged or not")
    .on("2025-03-25 10:00:00", "session.start")
    .on("2025-03-25 10:00:10", "session.escalate", reason="first", trigger_keyword="k")
    .on("2025-03-25 10:00:40", "session.escalate", reason="second")
    .session(
        outcome="queue_abandoned",
        escalation_count=2,
        escalation_reason="first",
        trigger_keyword="k",
        escalated_at=utc("2025-03-25 10:00:10"),
    ),
    Vector("empty", "nobody wrote; the AI's greeting does not engage")
    .on("2025-03-25 10:00:00", "session.start")
    .on("2025-03-25 10:00:01", "session.message", role="ai")
    .session(outcome="empty", message_count=1),
    chat("ai-abandoned", "the AI answered once, but not the last message")
    .on("2025-03-25 10:02:00", "session.message", role="ai")
    .on("2025-03-25 10:03:00", "session.message", role="user")
    .session(outcome="ai_abandoned", customer_message_count=2, ai_message_count=1),
    chat("rating-last-score", "scores 5, 2, none: the last that has one is 2; intents: the last")
    .on("2025-03-25 10:02:00", "session.rated", score=5)
    .on("2025-03-25 10:03:00", "session.rated", score=2)
    .on("2025-03-25 10:04:00", "session.rated")
    .on("2025-03-25 10:04:00", "session.intent", intent="refund")
    .on("2025-03-25 10:05:00", "session.intent", intent="other")
    .session(rating_score=2, intent="other"),
    # Two such texts are more than an index row holds: a unique index over both broke the build.
    chat("longest-texts", "512 characters of 4 bytes, which nothing compresses, in every text")
    .on("2025-03-25 10:02:00", "agent.session_takeover")
    .on("2025-03-25 10:03:00", "agent.session_transfer", event_id=LONGEST[0], producer=LONGEST[1])
    .on(
        "2025-03-25 10:04:00",
        "session.escalate",
        reason=LONGEST[0],
        severity=LONGEST[1],
        trigger_keyword=LONGEST[2],
    )
    .on("2025-03-25 10:05:00", "api.error", endpoint=LONGEST[0], error_type=LONGEST[1])
    .on("2025-03-25 10:06:00", "ticket.created", type=LONGEST[0], priority=LONGEST[1])
    .on(
        "2025-03-25 10:07:00",
        "tracker.heartbeat",
        producer=LONGEST[0],
        boot=LONGEST[1],
        sequence=1,
        dropped=0,
    )
    .on("2025-03-26 10:00:00", "session.start", session_id="2", site=LONGEST[0], channel=LONGEST[1])
    .session(escalation_reason=LONGEST[0], trigger_keyword=LONGEST[2], transfer_count=1),
]


def repeated(rule: str, why: str, again: str, *, is_repeat: bool) -> Vector:
    """End a session at 2025-03-25 10:10 and start the customer's next at `again`."""
    return (
        chat(rule, why, customer_id=rule)
        .on("2025-03-25 10:10:00", "session.end")
        .on(again, "session.start", session_id="next", customer_id=rule)
        .session(is_repeat_within_72h=is_repeat, is_mature=True)
    )


REPEATS = [
    repeated(
        "repeat-72h", "again exactly 72 h after the end", "2025-03-28 10:10:00", is_repeat=True
    ),
    repeated(
        "repeat-72h-1us",
        "72 h and 1 us is no repeat",
        "2025-03-28 10:10:00.000001",
        is_repeat=False,
    ),
    repeated(
        "repeat-overlap",
        "a start before the end repeats too",
        "2025-03-25 10:00:00.000001",
        is_repeat=True,
    ),
    repeated(
        "repeat-same-instant",
        "a start at the same instant is not after it",
        "2025-03-25 10:00:00",
        is_repeat=False,
    ),
    Vector("mature-72h", "ended exactly 72 h before as_of: mature; nobody known: repeat NULL")
    .on(before_as_of(hours=72), "session.start")
    .on(before_as_of(hours=72), "session.end")
    .session(is_mature=True, is_repeat_within_72h=None),
    Vector("mature-72h-1us", "a microsecond later: not yet mature, and not known to repeat")
    .on(
        before_as_of(hours=71, minutes=59, seconds=59, microseconds=999999),
        "session.start",
        customer_id="m",
    )
    .on(before_as_of(hours=71, minutes=59, seconds=59, microseconds=999999), "session.end")
    .session(is_mature=False, is_repeat_within_72h=False),
]

QUEUE = [
    chat("skew-5s", "taken over 5 s before the escalation: clocks differ, the wait is 0")
    .on("2025-03-25 10:02:00", "agent.session_takeover", wait_duration_seconds=9)
    .on("2025-03-25 10:02:05", "session.escalate")
    .session(queue_wait_seconds=0, queue_wait_source="measured", reported_wait_seconds=9),
    chat("skew-5s-1us", "5.000001 s before it: no wait, and no reported one in its place")
    .on("2025-03-25 10:02:00", "agent.session_takeover", wait_duration_seconds=9)
    .on("2025-03-25 10:02:05.000001", "session.escalate")
    .session(queue_wait_seconds=None, queue_wait_source=None),
    chat("wait-reported", "never escalated: the first takeover reports 12.5 s, the second 99 s")
    .on("2025-03-25 10:02:00", "agent.session_takeover", wait_duration_seconds=12.5)
    .on("2025-03-25 10:03:00", "agent.session_takeover", wait_duration_seconds=99)
    .session(queue_wait_seconds=12.5, queue_wait_source="reported"),
    chat(
        "first-response", "second agent writes first, 30 s after its own start: the first is silent"
    )
    .on("2025-03-25 10:02:00", "session.escalate")
    .on("2025-03-25 10:02:20", "agent.session_takeover", agent_id="one")
    .on("2025-03-25 10:03:00", "agent.session_takeover", agent_id="two")
    .on("2025-03-25 10:03:30", "agent.session_message", agent_id="two")
    .session(
        queue_wait_seconds=20,
        first_agent_id="first-response-one",
        agent_first_response_seconds=None,
        customer_first_response_seconds=90,
    ),
]

ALL = [*ENDS, *TIES, *OUTCOMES, *REPEATS, *QUEUE]
