{#- Times that rules of several models share, as intervals. -#}

{#- A session without activity for this long has ended by silence. -#}
{% macro session_timeout() %}interval '30 minutes'{% endmacro %}

{#- A contact this soon after a session's end repeats it; a session or period this long over
    is mature. -#}
{% macro repeat_window() %}interval '72 hours'{% endmacro %}

{#- A shift without evidence for longer has ended. -#}
{% macro shift_timeout() %}interval '4 hours'{% endmacro %}

{#- A logout ends a shift, or reports work, of no more than this. -#}
{% macro longest_shift() %}interval '16 hours'{% endmacro %}

{#- Clocks of two producers differ by no more than this. -#}
{% macro clock_skew() %}interval '5 seconds'{% endmacro %}
