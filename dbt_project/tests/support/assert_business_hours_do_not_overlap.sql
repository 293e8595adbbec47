-- One row per opening window that closes before it opens, or runs into the next.
select
    weekday,
    opens,
    closes
from (
    select
        *,
        lead(opens) over (partition by weekday order by opens) as next_opens
    from {{ ref('business_hours') }}
) as windows
where closes <= opens or closes > next_opens
