{#- Per touched agent, the latest shift whose start lies before all that may have
    changed: it and later ones are recomputed, earlier ones stay. The shifts up to there
    are the same before and after the build, so either state of `evidence` gives it. -#}
{% macro latest_shift_cuts(evidence) -%}
    select
        touched.agent_id,
        coalesce(max(evidence.shift_number), 1) as shift_number,
        coalesce(max(evidence.occurred_at), '-infinity'::timestamptz) as occurred_at
    from touched
    left join {{ evidence }} as evidence
        on
            touched.agent_id = evidence.agent_id
            and evidence.is_cut
            and touched.touched_from_at > evidence.occurred_at
    group by touched.agent_id
{%- endmacro %}
