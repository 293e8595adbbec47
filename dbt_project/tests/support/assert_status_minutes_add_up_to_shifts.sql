-- One row per shift, started on a day this build recomputed, whose minutes by status are
-- not its length. Each is rounded once, far below a microsecond.
select
    agent_id,
    shift_number,
    shift_minutes
from {{ ref('fct_agent_shifts') }}
where
    {{ is_touched_day('started_date') }}
    and abs(
        shift_minutes - available_minutes - busy_minutes - break_minutes - other_minutes
        - unknown_minutes
    ) > 0.00000001
