"""Period rows: each vector has a site of its own and reads the rows of that site."""

from __future__ import annotations

from datetime import date

from tests.golden.stories import Vector

AGENT_DAILY = "agent_performance_daily"
AGENT_MONTHLY = "agent_performance_monthly"
DAILY = "support_kpis_daily_by_site"
MONTHLY = "support_kpis_monthly_by_site"
SLA_MONTHLY = "ticket_sla_monthly"


def waits(rule: str, why: str, *seconds: int) -> Vector:
    """Escalate and take over one session per wait."""
    vector = Vector(rule, why)
    for number, wait in enumerate(seconds):
        session = f"s{number}"
        vector.on("2025-03-25 10:00:00", "session.start", session_id=session, site=f"{rule}-site")
        vector.on("2025-03-25 10:00:00", "session.escalate", session_id=session)
        moment = f"2025-03-25 10:{wait // 60:02}:{wait % 60:02}"
        vector.on(moment, "agent.session_takeover", session_id=session)
    return vector


ALL = [
    waits(
        "percentiles",
        "waits 10 20 40 80: p50 = 30, p90 = 40 + 0.7 x 40 = 68, 2 of 4 in 30 s",
        10,
        20,
        40,
        80,
    ).gives(
        DAILY,
        date(2025, 3, 25),
        "site",
        sessions=4,
        queue_wait_seconds_p50=30,
        queue_wait_seconds_p90=68,
        queue_wait_seconds_avg=37.5,
        service_level_30s=0.5,
    ),
    waits(
        "service-level",
        "a wait of 30 s is in time; gone after 5 s counts, after 4 s does not: 1/2",
        30,
    )
    .on("2025-03-25 11:00:00", "session.start", session_id="five", site="service-level-site")
    .on("2025-03-25 11:00:00", "session.escalate", session_id="five")
    .on("2025-03-25 11:00:05", "session.end", session_id="five")
    .on("2025-03-25 11:00:00", "session.start", session_id="four", site="service-level-site")
    .on("2025-03-25 11:00:00", "session.escalate", session_id="four")
    .on("2025-03-25 11:00:04", "session.end", session_id="four")
    .gives(
        DAILY,
        date(2025, 3, 25),
        "site",
        service_level_30s=0.5,
        queue_abandonment_rate=2 / 3,
        queue_abandoned_sessions=2,
        escalation_rate=None,
    ),
    Vector(
        "fractions",
        "12.5, 0.4, 1e3, 12.0 ms: average 256.225, median 12.25; waits 30 and 30.4 s: 1 of 2",
    )
    .on("2025-03-25 10:00:00", "session.start", site="fractions-site")
    .on("2025-03-25 10:00:01", "session.message", role="ai", response_time_ms=12.5)
    .on("2025-03-25 10:00:02", "session.message", role="ai", response_time_ms=0.4)
    .on("2025-03-25 10:00:03", "session.message", role="ai", response_time_ms=1e3)
    .on("2025-03-25 10:00:04", "session.message", role="ai", response_time_ms=12.0)
    .on("2025-03-25 10:00:05", "api.coze_call", response_time_ms=0.4)
    .on("2025-03-25 10:00:06", "agent.session_takeover", wait_duration_seconds=30)
    .on("2025-03-25 10:00:07", "session.end", duration_seconds=7.25)
    .on("2025-03-25 11:00:00", "session.start", session_id="slow", site="fractions-site")
    .on(
        "2025-03-25 11:00:01",
        "agent.session_takeover",
        session_id="slow",
        wait_duration_seconds=30.4,
    )
    .session(reported_wait_seconds=30, reported_duration_seconds=7.25)
    .gives(
        DAILY,
        date(2025, 3, 25),
        "site",
        ai_responses=4,
        ai_response_ms_avg=256.225,
        ai_response_ms_p50=12.25,
        coze_call_ms_p95=0.4,
        queue_wait_seconds_avg=30.2,
        queue_waits_within_30s=1,
        service_level_30s=0.5,
    ),
    Vector(
        "events-own-time",
        "the session is March 25's, the message after midnight March 26's, both of its site",
    )
    .on("2025-03-25 22:59:00", "session.start", site="events-own-time-site")
    .on("2025-03-25 23:01:00", "session.message", role="user")
    .on("2025-03-25 23:02:00", "session.message", role="ai", response_time_ms=400)
    .gives(DAILY, date(2025, 3, 25), "site", sessions=1, customer_messages=0, ai_resolution_rate=1)
    .gives(
        DAILY,
        date(2025, 3, 26),
        "site",
        sessions=0,
        customer_messages=1,
        ai_response_ms_avg=400,
        ai_resolution_rate=None,
    ),
    Vector(
        "ticket-dates",
        "created in February and resolved in March, in its session's site: 1 and 1, apart",
    )
    .on("2025-02-28 10:00:00", "session.start", site="ticket-dates-site")
    .on("2025-02-28 10:05:00", "ticket.created", session_id="s", priority="low")
    .on("2025-03-03 10:05:00", "ticket.status_changed", to_status="resolved")
    .gives(
        MONTHLY,
        date(2025, 2, 1),
        "site",
        tickets_created=1,
        tickets_resolved=0,
        sla_met_tickets=1,
        sla_attainment_rate=1,
        reopen_rate=0,
    )
    .gives(
        MONTHLY,
        date(2025, 3, 1),
        "site",
        tickets_created=0,
        tickets_resolved=1,
        ticket_resolution_hours_avg=72,
        sla_attainment_rate=None,
        reopen_rate=None,
    ),
    Vector(
        "agent-ticket-dates",
        "a's three of February 10: met, over its 24 h and resolved in March, over them and open",
    )
    .on("2025-02-10 10:00:00", "ticket.created", ticket_id="met", priority="normal")
    .on(
        "2025-02-10 11:00:00",
        "ticket.assigned",
        ticket_id="met",
        to_agent_id="agent-ticket-dates-a",
    )
    .on("2025-02-10 12:00:00", "ticket.status_changed", ticket_id="met", to_status="resolved")
    .on("2025-02-10 10:00:00", "ticket.created", ticket_id="late", priority="normal")
    .on(
        "2025-03-03 10:00:00",
        "ticket.assigned",
        ticket_id="late",
        to_agent_id="agent-ticket-dates-a",
    )
    .on("2025-03-04 10:00:00", "ticket.status_changed", ticket_id="late", to_status="resolved")
    .on("2025-02-10 10:00:00", "ticket.created", ticket_id="open", priority="normal")
    .on(
        "2025-03-03 10:00:00",
        "ticket.assigned",
        ticket_id="open",
        to_agent_id="agent-ticket-dates-a",
    )
    .gives(
        AGENT_MONTHLY,
        date(2025, 2, 1),
        "a",
        tickets_resolved=1,
        sla_met_tickets=1,
        sla_breached_tickets=2,
        sla_attainment_rate=1 / 3,
    )
    .gives(
        AGENT_DAILY,
        date(2025, 3, 4),
        "a",
        tickets_resolved=1,
        sla_met_tickets=0,
        sla_breached_tickets=0,
        sla_attainment_rate=None,
    ),
    Vector(
        "priority-ticket-dates",
        "without a target: open 1 h of February, paused, running 47 h of March: 3 weeks, net 48 h",
    )
    .on(
        "2025-02-10 10:00:00",
        "ticket.created",
        type="priority-ticket-dates-type",
        priority="priority-ticket-dates-odd",
    )
    .on("2025-02-10 11:00:00", "ticket.status_changed", to_status="pending")
    .on("2025-03-01 11:00:00", "ticket.status_changed", to_status="in_progress")
    .on("2025-03-03 10:00:00", "ticket.status_changed", to_status="resolved")
    .gives(
        SLA_MONTHLY,
        date(2025, 2, 1),
        "type",
        "odd",
        tickets_created=1,
        ever_resolved_tickets=1,
        first_response_hours_p50=1,
        tickets_resolved=0,
        resolution_hours_p50=None,
        reopen_rate=0,
    )
    .gives(
        SLA_MONTHLY,
        date(2025, 3, 1),
        "type",
        "odd",
        tickets_created=0,
        ever_resolved_tickets=0,
        sla_attainment_rate=None,
        first_responses=0,
        first_response_hours_p50=None,
        tickets_resolved=1,
        resolution_hours_p50=504,
        net_resolution_hours_p90=48,
        business_resolution_hours_p50=3,
        reopen_rate=None,
    ),
    Vector("success-known", "true, false, unknown: 1 of 2, of 3 queries")
    .on("2025-03-25 10:00:00", "session.start", site="success-known-site")
    .on("2025-03-25 10:00:00", "query.order", success=True)
    .on("2025-03-25 10:00:01", "query.order", success=False)
    .on("2025-03-25 10:00:02", "query.order")
    .gives(
        DAILY,
        date(2025, 3, 25),
        "site",
        order_queries=3,
        order_query_success_rate=0.5,
        tracking_query_success_rate=None,
    ),
    Vector("year-end", "Monday 2024-12-30 begins the first ISO week of 2025; the only vector in it")
    .on("2024-12-31 22:59:59.999999", "session.start", session_id="old")
    .on("2024-12-31 23:00:00", "session.start", session_id="new")
    .gives("support_kpis_weekly", date(2024, 12, 30), sessions=2)
    .gives("support_kpis_monthly", date(2024, 12, 1), sessions=1, is_complete=True, is_mature=True)
    .gives("support_kpis_monthly", date(2025, 1, 1), sessions=1)
    .gives("support_kpis_daily", date(2025, 3, 30), is_complete=True, is_mature=False)
    .gives("support_kpis_daily", date(2025, 3, 31), is_complete=False)
    .gives("support_kpis_daily", date(2025, 1, 2), sessions=0),
]
