{#- Numbers as people read them, for the sentences of business_case_monthly. NULL stays
    NULL. -#}

{#- 0.7299 → 73%, 0.9923 → 99.2%: a decimal only where it says something. -#}
{% macro as_percent(rate) -%}
    trim_scale(round(100 * {{ rate }}, 1))::text || '%'
{%- endmacro %}

{#- 5000 → 5,000. -#}
{% macro as_count(number) -%}
    to_char(round(({{ number }})::numeric), 'FM999,999,999,999,990')
{%- endmacro %}

{#- 6.1836 → 6.2. -#}
{% macro as_decimal(number) -%}
    to_char(round(({{ number }})::numeric, 1), 'FM999,999,990.0')
{%- endmacro %}

{#- 49 → 49 秒 or 49 s, 337 → 5.6 分钟 or 5.6 min, 9000 → 2.5 小时 or 2.5 h: seconds up to two
    minutes, minutes up to two hours, as the page writes its tiles. -#}
{% macro as_duration(seconds, units) -%}
    case
        when {{ seconds }} < 120 then {{ as_count(seconds) }} || ' {{ units[0] }}'
        when {{ seconds }} < 7200 then {{ as_decimal(seconds ~ ' / 60') }} || ' {{ units[1] }}'
        else {{ as_decimal(seconds ~ ' / 3600') }} || ' {{ units[2] }}'
    end
{%- endmacro %}

{% macro as_duration_zh(seconds) -%}
    {{ as_duration(seconds, ['秒', '分钟', '小时']) }}
{%- endmacro %}

{% macro as_duration_en(seconds) -%}
    {{ as_duration(seconds, ['s', 'min', 'h']) }}
{%- endmacro %}

{#- 4230 in CNY → 4,230 元 or CNY 4,230. -#}
{% macro as_amount_zh(amount) -%}
    case when currency = 'CNY' then {{ as_count(amount) }} || ' 元'
        else currency || ' ' || {{ as_count(amount) }}
    end
{%- endmacro %}

{% macro as_amount_en(amount) -%}
    currency || ' ' || {{ as_count(amount) }}
{%- endmacro %}

{#- English needs the plural, except after one. -#}
{% macro as_things(number, thing) -%}
    {{ as_count(number) }} || case when {{ number }} = 1 then ' {{ thing }}' else ' {{ thing }}s' end
{%- endmacro %}

{#- ", up 2.1 points on October 2025"; '' where nothing may be compared. -#}
{% macro as_change_en(metric) -%}
    coalesce(
        case
            when not is_comparable then ''
            when round(100 * ({{ metric }} - previous_{{ metric }}), 1) = 0
                then ', the same as in ' || previous_month_en
            when {{ metric }} > previous_{{ metric }}
                then ', up ' || trim_scale(round(100 * ({{ metric }} - previous_{{ metric }}), 1))::text
                || ' points on ' || previous_month_en
            else ', down ' || trim_scale(round(100 * (previous_{{ metric }} - {{ metric }}), 1))::text
                || ' points on ' || previous_month_en
        end,
        ''
    )
{%- endmacro %}

{% macro as_change_zh(metric) -%}
    coalesce(
        case
            when not is_comparable then ''
            when round(100 * ({{ metric }} - previous_{{ metric }}), 1) = 0 then '，与上月持平'
            when {{ metric }} > previous_{{ metric }}
                then '，比上月上升 '
                || trim_scale(round(100 * ({{ metric }} - previous_{{ metric }}), 1))::text || ' 个百分点'
            else '，比上月下降 '
                || trim_scale(round(100 * (previous_{{ metric }} - {{ metric }}), 1))::text || ' 个百分点'
        end,
        ''
    )
{%- endmacro %}
