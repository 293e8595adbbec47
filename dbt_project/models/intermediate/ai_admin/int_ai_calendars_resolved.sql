with builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

calendars as (

    select * from {{ ref('int_ai_rows_current') }}
    where table_name = 'site_calendar'

),

final as (

    select
        calendars.site_id,
        calendars.timezone as stated_timezone,
        calendars.day_cutoff as stated_day_cutoff,
        coalesce(zones.name, builds.business_timezone) as timezone,
        case
            when calendars.day_cutoff ~ '^[0-2]?\d:[0-5]\d(:[0-5]\d)?$'
                then calendars.day_cutoff::interval
            when calendars.day_cutoff ~ '^[0-2]?\d$'
                then calendars.day_cutoff::integer * interval '1 hour'
            else interval '0'
        end as day_cutoff,
        zones.name is not null as is_timezone_known
    from calendars
    cross join builds
    left join pg_catalog.pg_timezone_names as zones
        on calendars.timezone = zones.name

)

select * from final
