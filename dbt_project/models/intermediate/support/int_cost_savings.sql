{#- Contacts are priced at their session's local start date, calls at their own, by the
    figures valid that day; a month is the sum of its days. Days before the first
    valid_from have no price, and so has a month that holds one. -#}
{{ config(materialized='view') }}

with

kpis as (
    select * from {{ ref('int_support_kpis') }}
    where grain = 'day' and breakdown = 'all'
),

periods as (
    select * from {{ ref('int_support_periods') }}
),

cost_assumptions as (
    select
        *,
        lead(valid_from) over (order by valid_from) as valid_until
    from {{ ref('cost_assumptions') }}
),

grains (grain) as (
    values ('day'), ('month')
),

priced_days as (
    select
        kpis.*,
        cost_assumptions.currency,
        cost_assumptions.cost_per_human_contact,
        kpis.ai_contained_sessions * cost_assumptions.cost_per_human_contact
            as gross_savings,
        kpis.coze_calls * cost_assumptions.ai_cost_per_call
        + coalesce(kpis.input_tokens, 0) * cost_assumptions.input_token_price
        + coalesce(kpis.output_tokens, 0) * cost_assumptions.output_token_price as ai_cost,
        kpis.ai_durable_sessions
        * cost_assumptions.share_needing_human_low as low_contacts,
        kpis.ai_unrepeated_sessions
        * cost_assumptions.share_needing_human_base as base_contacts,
        kpis.ai_contained_sessions
        * cost_assumptions.share_needing_human_high as high_contacts
    from kpis
    left join cost_assumptions
        on
            kpis.period_start >= cost_assumptions.valid_from
            and (
                kpis.period_start < cost_assumptions.valid_until
                or cost_assumptions.valid_until is null
            )
),

summed as (
    select
        grains.grain,
        date_trunc(grains.grain, priced_days.period_start::timestamp)::date
            as period_start,
        max(priced_days.currency) as currency,
        count(*) = count(priced_days.currency) as is_priced,
        sum(priced_days.ai_contained_sessions)::bigint as contained_contacts,
        sum(priced_days.ai_unrepeated_sessions)::bigint as durable_contacts,
        sum(priced_days.ai_durable_sessions)::bigint as proven_contacts,
        sum(priced_days.base_contacts) as base_contacts,
        sum(priced_days.coze_calls)::bigint as coze_calls,
        sum(priced_days.input_tokens)::bigint as input_tokens,
        sum(priced_days.output_tokens)::bigint as output_tokens,
        sum(priced_days.gross_savings) as gross_savings,
        sum(priced_days.ai_cost) as ai_cost,
        sum(priced_days.low_contacts * priced_days.cost_per_human_contact)
        - sum(priced_days.ai_cost) as net_savings_low,
        sum(priced_days.base_contacts * priced_days.cost_per_human_contact)
        - sum(priced_days.ai_cost) as net_savings_base,
        sum(priced_days.high_contacts * priced_days.cost_per_human_contact)
        - sum(priced_days.ai_cost) as net_savings_high,
        sum(priced_days.ai_abandoned_sessions)::bigint as ai_abandoned_sessions,
        sum(priced_days.repeat_eligible_sessions)::bigint as repeat_eligible_sessions,
        sum(priced_days.repeated_sessions)::bigint as repeated_sessions,
        sum(priced_days.ever_resolved_tickets)::bigint as ever_resolved_tickets,
        sum(priced_days.reopened_tickets)::bigint as reopened_tickets
    from priced_days
    cross join grains
    group by
        grains.grain, date_trunc(grains.grain, priced_days.period_start::timestamp)::date
),

final as (
    select
        summed.grain,
        summed.period_start,
        case when summed.is_priced then summed.currency end as currency,
        summed.contained_contacts,
        summed.durable_contacts,
        summed.proven_contacts,
        {{ rate('summed.proven_contacts', 'summed.durable_contacts') }} as proven_share,
        summed.coze_calls,
        summed.input_tokens,
        summed.output_tokens,
        {% for amount in [
            'base_contacts', 'gross_savings', 'ai_cost',
            'net_savings_low', 'net_savings_base', 'net_savings_high',
        ] -%}
            case when summed.is_priced then trim_scale(summed.{{ amount }}) end
                as {{ amount }},
        {% endfor -%}
        case
            when summed.is_priced
                then {{ rate('summed.net_savings_base', 'summed.ai_cost') }}
        end as roi,
        case
            when summed.is_priced
                then {{ rate('summed.ai_cost', 'summed.base_contacts') }}
        end as break_even_cost_per_contact,
        summed.ai_abandoned_sessions,
        summed.repeat_eligible_sessions,
        summed.repeated_sessions,
        {{ rate('summed.repeated_sessions', 'summed.repeat_eligible_sessions') }}
            as repeat_rate,
        summed.ever_resolved_tickets,
        summed.reopened_tickets,
        {{ rate('summed.reopened_tickets', 'summed.ever_resolved_tickets') }}
            as reopen_rate,
        periods.is_complete,
        periods.is_mature,
        periods.is_touched
    from summed
    inner join periods
        on
            summed.grain = periods.grain
            and summed.period_start = periods.period_start
)

select * from final
