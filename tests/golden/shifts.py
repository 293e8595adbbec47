"""Shifts of agents: where they begin and end, statuses, and what was held in them."""

from __future__ import annotations

from datetime import date

from tests.golden.stories import Vector, before_as_of, utc

SILENCE = [
    Vector("silence-4h", "4:00:00.000000 of silence is one shift")
    .on("2025-03-25 06:00:00", "agent.login")
    .on("2025-03-25 10:00:00", "agent.heartbeat")
    .shift(1, shift_minutes=240, end_type="inferred", available_minutes=240),
    Vector("silence-4h-1us", "a microsecond more makes two, the first ends at its last evidence")
    .on("2025-03-25 06:00:00", "agent.login")
    .on("2025-03-25 10:00:00.000001", "agent.heartbeat")
    .shift(1, shift_minutes=0, end_type="inferred", occupancy_rate=None)
    .shift(2, is_start_observed=False, shift_minutes=0),
    Vector("logout-16h", "a logout exactly 16 h later still closes it: 960 minutes")
    .on("2025-03-25 06:00:00", "agent.login")
    .on("2025-03-25 22:00:00", "agent.logout", work_duration_minutes=959.5, sessions_handled=3)
    .shift(
        1,
        shift_minutes=960,
        end_type="explicit",
        reported_work_minutes=959.5,
        reported_sessions_handled=3,
    ),
    Vector(
        "logout-16h-1us",
        "later, it is a lone logout: 480 reported minutes back from 22:00:00.000001",
    )
    .on("2025-03-25 06:00:00", "agent.login")
    .on("2025-03-25 22:00:00.000001", "agent.logout", work_duration_minutes=480)
    .shift(1, shift_minutes=0, end_type="inferred")
    .shift(2, started_at=utc("2025-03-25 14:00:00.000001"), shift_minutes=480, unknown_minutes=480),
    Vector("open-4h", "as_of exactly 4 h after the last evidence: open, measured up to as_of")
    .on(before_as_of(hours=5), "agent.login")
    .on(before_as_of(hours=4), "agent.status_change", to_status="busy")
    .shift(
        1, end_type="open", ended_at=None, shift_minutes=300, available_minutes=60, busy_minutes=240
    ),
    Vector("inferred-4h-1us", "a microsecond more: ended where it was last seen")
    .on(before_as_of(hours=4, microseconds=1), "agent.login")
    .shift(1, end_type="inferred", ended_at=before_as_of(hours=4, microseconds=1), shift_minutes=0),
    Vector("login-login", "a second login begins a second shift, 10 minutes on")
    .on("2025-03-25 06:00:00", "agent.login")
    .on("2025-03-25 06:10:00", "agent.login")
    .on("2025-03-25 07:10:00", "agent.logout")
    .shift(1, shift_minutes=0, end_type="inferred")
    .shift(2, shift_minutes=60, end_type="explicit"),
]

LONE_LOGOUTS = [
    Vector("lone-logout", "60 reported minutes before 10:00 begin at 09:00, a day of its own")
    .on("2025-03-24 23:30:00", "agent.logout", work_duration_minutes=60)
    .shift(
        1,
        started_at=utc("2025-03-24 22:30:00"),
        shift_minutes=60,
        unknown_minutes=60,
        started_date=date(2025, 3, 24),
        is_start_observed=False,
    ),
    Vector("lone-logout-overlap", "not before the previous shift's end at 09:30: 30 minutes of 60")
    .on("2025-03-25 09:00:00", "agent.login")
    .on("2025-03-25 09:30:00", "agent.logout")
    .on("2025-03-25 10:00:00", "agent.logout", work_duration_minutes=60)
    .shift(2, started_at=utc("2025-03-25 09:30:00"), shift_minutes=30),
    Vector("lone-logout-16h", "960 reported minutes are 16 h and count")
    .on("2025-03-25 17:00:00", "agent.logout", work_duration_minutes=960)
    .shift(1, shift_minutes=960),
    Vector("lone-logout-too-long", "961 do not: it begins and ends at the logout")
    .on("2025-03-25 17:00:00", "agent.logout", work_duration_minutes=961)
    .shift(1, shift_minutes=0, reported_work_minutes=961),
]

STATUSES = [
    Vector("statuses", "login: available 30, busy 15, lunch is break 60, gaming is other 15: 120")
    .on("2025-03-25 08:00:00", "agent.login")
    .on("2025-03-25 08:30:00", "agent.status_change", to_status="busy")
    .on("2025-03-25 08:45:00", "agent.status_change", to_status="lunch")
    .on("2025-03-25 09:45:00", "agent.status_change", to_status="gaming")
    .on("2025-03-25 10:00:00", "agent.logout")
    .shift(
        1,
        shift_minutes=120,
        available_minutes=30,
        busy_minutes=15,
        break_minutes=60,
        other_minutes=15,
        unknown_minutes=0,
    ),
    Vector("status-unknown", "no login: unknown for 20 minutes, then online until 11:00")
    .on("2025-03-25 10:00:00", "agent.heartbeat")
    .on("2025-03-25 10:20:00", "agent.status_change", to_status="online")
    .on("2025-03-25 11:00:00", "agent.logout")
    .shift(1, unknown_minutes=20, available_minutes=40),
    Vector(
        "shift-of-25-hours",
        "through the change to summer time minutes stay minutes: 23:30Z to 01:30Z is 120",
    )
    .on("2025-03-29 23:30:00", "agent.login")
    .on("2025-03-30 01:30:00", "agent.logout")
    .shift(1, shift_minutes=120, started_date=date(2025, 3, 30)),
]

HELD = [
    Vector(
        "held",
        "60 + 30 held, 60 in union; break 10:30 to 11:00 holds 0.5 h: (60-30)/(120-30) = 1/3",
    )
    .on("2025-03-25 10:00:00", "agent.login")
    .on("2025-03-25 10:00:00", "agent.session_takeover")
    .on("2025-03-25 10:30:00", "agent.session_takeover", session_id="s2")
    .on("2025-03-25 10:30:00", "agent.status_change", to_status="break")
    .on("2025-03-25 11:00:00", "agent.status_change", to_status="online")
    .on("2025-03-25 11:00:00", "agent.session_release")
    .on("2025-03-25 11:00:00", "agent.session_release", session_id="s2")
    .on("2025-03-25 12:00:00", "agent.logout")
    .shift(
        1,
        shift_minutes=120,
        break_minutes=30,
        held_minutes=90,
        held_union_minutes=60,
        occupancy_rate=1 / 3,
        concurrency=1.5,
        sessions_handled=2,
    ),
    Vector(
        "held-clipped", "held 10:00 to 12:00 by a session end; the shift ends at 11:00: 60 minutes"
    )
    .on("2025-03-25 10:00:00", "agent.login")
    .on("2025-03-25 10:00:00", "agent.session_takeover")
    .on("2025-03-25 11:00:00", "agent.logout")
    .on("2025-03-25 12:00:00", "session.end")
    .shift(1, held_minutes=60, occupancy_rate=1, sessions_handled=1),
    Vector(
        "ticket-evidence",
        "a ticket's status changed by the agent is evidence (10:00, 11:00), its creation is not",
    )
    .on("2025-03-25 09:00:00", "ticket.created", agent_id="a")
    .on("2025-03-25 10:00:00", "ticket.status_changed", agent_id="a", to_status="pending")
    .on("2025-03-25 11:00:00", "ticket.status_changed", agent_id="a", to_status="pending")
    .shift(1, shift_minutes=60, unknown_minutes=60),
]

ALL = [*SILENCE, *LONE_LOGOUTS, *STATUSES, *HELD]
