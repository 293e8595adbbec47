-- One row per day of which a session has no outcome, or two.
select
    period_start,
    sessions
from {{ ref('support_kpis_daily') }}
where
    sessions <> ai_resolved_sessions + ai_abandoned_sessions + queue_abandoned_sessions
    + human_sessions + empty_sessions + open_sessions
