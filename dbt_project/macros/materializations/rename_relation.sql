{#- How what was built anew takes a name that readers know. Whoever reads the old one makes the
    statement wait, and all who come after wait behind it: so it gives up after 0.3 s, lets
    them through, and tries again, for ten minutes. Readers of BI logins end after one. -#}
{% macro between_readers() -%}
    do $between_readers$
    declare
        tries int := 0;
    begin
        loop
            begin
                set local lock_timeout to '300ms';
                {{ caller() }};
                set local lock_timeout to default;
                exit;
            exception when lock_not_available then
                tries := tries + 1;
                if tries >= 600 then
                    raise;
                end if;
                perform pg_sleep(0.7);
            end;
        end loop;
    end
    $between_readers$
{%- endmacro %}

{% macro postgres__rename_relation(from_relation, to_relation) %}
    {%- call statement('rename_relation') -%}
        {%- call between_readers() -%}
            alter table {{ from_relation }} rename to {{ adapter.quote(to_relation.identifier) }}
        {%- endcall -%}
    {%- endcall -%}
{% endmacro %}
