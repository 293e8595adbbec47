-- One row per time at which a client told what a session had used so far: its own counters, to
-- hold its events against. Metrics are no events; the ledger counts them as skipped.
create table staging.raw_qwen_code_metrics (
    load_id bigint not null,
    session_id text not null,
    -- When the process first counted anything; a session may have several processes.
    started_at timestamptz not null,
    measured_at timestamptz not null,
    -- Since started_at: {api_calls, tool_calls, input_tokens, output_tokens, …}
    counts jsonb not null,
    loaded_at timestamptz not null default now(),
    primary key (session_id, started_at, measured_at)
);

do $$
begin
    if to_regrole('casebook_eraser') is not null
    and has_schema_privilege('casebook_eraser', 'staging', 'usage') then
        revoke all on staging.raw_qwen_code_metrics
        from casebook_loader, casebook_transformer, casebook_eraser;
        grant select, insert on staging.raw_qwen_code_metrics to casebook_loader;
        grant select on staging.raw_qwen_code_metrics to casebook_transformer;
        grant select, delete on staging.raw_qwen_code_metrics to casebook_eraser;
    end if;
end
$$;
