"""Tickets: history, reopening, pauses, business hours and the SLA clock."""

from __future__ import annotations

from datetime import date

from tests.golden.stories import Vector, before_as_of, utc


def opened(rule: str, why: str, at: str = "2025-03-24 08:00:00", **data: object) -> Vector:
    """Create a ticket, at 09:00 on a Monday in Berlin (UTC+1)."""
    return Vector(rule, why).on(at, "ticket.created", **data)


def moved(vector: Vector, at: str, status: str) -> Vector:
    """Change its status."""
    return vector.on(at, "ticket.status_changed", to_status=status)


SLA = [
    moved(
        opened("sla-exact", "urgent: 4 h; resolved after 4:00:00.000000 is met", priority="urgent"),
        "2025-03-24 12:00:00",
        "resolved",
    ).ticket(
        sla_status="met",
        sla_breach_at=None,
        resolution_hours=4,
        net_resolution_hours=4,
        sla_response_status="breached",
    ),
    moved(
        opened("sla-1us", "a microsecond later is breached, at the target", priority="urgent"),
        "2025-03-24 12:00:00.000001",
        "resolved",
    ).ticket(sla_status="breached", sla_breach_at=utc("2025-03-24 12:00:00")),
    moved(
        moved(
            opened(
                "sla-exact-reopened",
                "stops at exactly 4 h, runs again at 15:00: breached then",
                priority="urgent",
            ),
            "2025-03-24 12:00:00",
            "resolved",
        ),
        "2025-03-24 15:00:00",
        "reopened",
    ).ticket(
        sla_status="breached",
        sla_breach_at=utc("2025-03-24 15:00:00"),
        reopen_count=1,
        resolved_at=None,
        first_resolved_at=utc("2025-03-24 12:00:00"),
    ),
    moved(
        moved(
            moved(
                opened(
                    "sla-paused",
                    "2 h + 3 h paused + 2 h = 7 h calendar, 4 h clock: met",
                    priority="urgent",
                ),
                "2025-03-24 10:00:00",
                "pending",
            ),
            "2025-03-24 13:00:00",
            "in_progress",
        ),
        "2025-03-24 15:00:00",
        "resolved",
    ).ticket(
        sla_status="met",
        paused_hours=3,
        net_resolution_hours=4,
        resolution_hours=7,
        first_response_at=utc("2025-03-24 10:00:00"),
    ),
    Vector("sla-active-exact", "created exactly 4 h ago: the target is reached, not passed")
    .on(before_as_of(hours=4), "ticket.created", priority="urgent")
    .ticket(sla_status="active", sla_breach_at=None, sla_response_status="breached"),
    Vector("sla-active-1us", "and passed a microsecond later, without an event of its own")
    .on(before_as_of(hours=4, microseconds=1), "ticket.created", priority="urgent")
    .ticket(sla_status="breached", sla_breach_at=before_as_of(microseconds=1)),
    moved(
        opened(
            "sla-response-exact",
            "urgent: answered after exactly 1 h, however it is paused",
            priority="urgent",
        ),
        "2025-03-24 09:00:00",
        "waiting_customer",
    ).ticket(sla_response_status="met", sla_status="active"),
    moved(
        opened("sla-no-target", "a priority without a target has no SLA", priority="whenever"),
        "2025-03-24 12:00:00",
        "resolved",
    )
    .on("2025-03-24 13:00:00", "ticket.closed", sla_met=True)
    .ticket(
        sla_status=None,
        sla_response_status=None,
        sla_breach_at=None,
        is_sla_disagreement=None,
        reported_sla_met=True,
        net_resolution_hours=4,
    ),
    opened(
        "sla-disagreement",
        "closed after 5 h of 4 and reported as met: they disagree",
        priority="urgent",
    )
    .on("2025-03-24 13:00:00", "ticket.closed", sla_met=True, resolution_duration_hours=3.5)
    .ticket(sla_status="breached", is_sla_disagreement=True, reported_resolution_hours=3.5),
]

HISTORY = [
    moved(
        Vector("ticket-start", "first event is an assignment: open from there for an hour").on(
            "2025-03-24 08:00:00", "ticket.assigned", to_agent_id="x"
        ),
        "2025-03-24 09:00:00",
        "resolved",
    ).ticket(
        created_at=utc("2025-03-24 08:00:00"),
        is_created_observed=False,
        priority=None,
        net_resolution_hours=1,
        assignee_id="x",
        assignment_count=1,
    ),
    moved(
        moved(
            opened("still-resolved", "resolved, then closed: one run, resolved at its entry"),
            "2025-03-24 10:00:00",
            "resolved",
        ),
        "2025-03-24 11:00:00",
        "closed",
    ).ticket(
        resolved_at=utc("2025-03-24 10:00:00"), status="closed", closed_at=None, reopen_count=0
    ),
    moved(
        moved(
            moved(
                opened(
                    "resolved-again",
                    "10:00 to 11:00 resolved, then 12:00: the later entry; reopened once",
                ),
                "2025-03-24 10:00:00",
                "resolved",
            ),
            "2025-03-24 11:00:00",
            "in_progress",
        ),
        "2025-03-24 12:00:00",
        "resolved",
    ).ticket(
        first_resolved_at=utc("2025-03-24 10:00:00"),
        resolved_at=utc("2025-03-24 12:00:00"),
        reopen_count=1,
        resolution_hours=4,
        net_resolution_hours=3,
    ),
    moved(
        opened(
            "unmapped-status", "'investigating' is work in progress: a response, and the clock runs"
        ),
        "2025-03-24 10:00:00",
        "investigating",
    )
    .on("2025-03-24 12:00:00", "ticket.closed")
    .ticket(
        first_response_at=utc("2025-03-24 10:00:00"),
        net_resolution_hours=4,
        closed_at=utc("2025-03-24 12:00:00"),
    ),
    opened(
        "never-resolved",
        "paused 2 h before as_of and still: paused 2, hours NULL",
        "2025-03-31 09:00:00",
    )
    .on(before_as_of(hours=2), "ticket.status_changed", to_status="on_hold")
    .ticket(
        paused_hours=2,
        resolution_hours=None,
        net_resolution_hours=None,
        business_resolution_hours=None,
        created_date=date(2025, 3, 31),
    ),
]

BUSINESS = [
    moved(
        opened(
            "business-weekend",
            "Fri 17:00 to Mon 10:00 Berlin: 1 h + 1 h of business; 64 h of the calendar",
            "2025-03-28 16:00:00",
        ),
        "2025-03-31 08:00:00",
        "resolved",
    ).ticket(business_resolution_hours=2, resolution_hours=64),
    moved(
        opened(
            "business-night",
            "Mon 18:00 to Tue 09:00 Berlin touches no business hour",
            "2025-03-24 17:00:00",
        ),
        "2025-03-25 08:00:00",
        "resolved",
    ).ticket(business_resolution_hours=0, resolution_hours=15),
    moved(
        moved(
            moved(
                opened("business-paused", "09 to 18 less the pause 11 to 15 Berlin: 5 h; paused 4"),
                "2025-03-24 10:00:00",
                "pending",
            ),
            "2025-03-24 14:00:00",
            "open",
        ),
        "2025-03-24 20:00:00",
        "resolved",
    ).ticket(business_resolution_hours=5, paused_hours=4, net_resolution_hours=8),
]

ALL = [*SLA, *HISTORY, *BUSINESS]
