"""One invocation of dbt: its arguments, its environment, and what its failure means.

`dbt_arguments` and `dbt_environment` are what any runner needs (`dagster-dbt` as well);
`run_dbt` is the runner inside this process, which saves the seconds of a new one.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.database import Database
from raw_loaders.errors import CasebookError, RetriableError

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunResult
    from dbt_common.events.base_types import EventMsg

PROJECT = Path(__file__).resolve().parent.parent
PROFILES = PROJECT / "dbt_project"
SEEDS = PROFILES / "seeds"
DBT_FILE_LOGGER = "file_log"
FAILURES = {"error", "fail", "runtime error", "partial success"}
# A killed build's statement ends within seconds, not when it would have been done.
KILLED = "client_connection_check_interval=5s"
# Of the server's messages: what may succeed when tried again.
RETRIABLE = re.compile(
    r"deadlock detected|lock timeout|server closed the connection|connection refused"
    r"|terminating connection|too many clients|starting up|shutting down"
    r"|could not serialize",
    re.IGNORECASE,
)
# dbt's headline of a message, such as `Database Error in model fct_sessions (models/…)`.
PLACE = re.compile(r"\w+ Error( in .*)?$")
# Values that the server quotes in messages about data: `invalid input syntax for type date: "…"`.
QUOTED_VALUES = re.compile(r"""(?<=: )"[^"]*"|(?<=^value )"[^"]*"|(?<=\svalue )"[^"]*\"""")


@dataclass(frozen=True, kw_only=True)
class Progress:
    """One node of the project that has ended: `done` of `total`.

    `status` is dbt's word (success, pass, warn, fail, error, skipped); `row_count` is what a
    model's last statement wrote, or the rows that failed a test, NULL when dbt does not say.
    """

    unique_id: str
    name: str
    done: int
    total: int
    status: str
    seconds: float
    row_count: int | None


def tell_warnings(
    say: Callable[[str], None], on_progress: Callable[[Progress], None] | None
) -> Callable[[Progress], None]:
    """Give an `on_progress` that also says which check warned: dbt's own words go to its log."""

    def hear(node: Progress) -> None:
        if node.status == "warn":
            say(f"The check {node.name} warns: rows found: {node.row_count or 0:,}.")
        if on_progress:
            on_progress(node)

    return hear


def dbt_environment(
    database: Database, schema_suffix: str = "", seeds: Path = SEEDS, role: str = ""
) -> dict[str, str]:
    """Give the variables that dbt_project.yml and profiles.yml read.

    `seeds` is where the seeds in force lie, see `orchestration.assumptions`; `role` is who
    dbt acts as, '' for the URL's user.
    """
    parameters = dict(database.parameters)
    known = {
        "DBT_CASEBOOK_HOST": parameters.pop("host", "localhost"),
        "DBT_CASEBOOK_PORT": parameters.pop("port", "5432"),
        "DBT_CASEBOOK_USER": parameters.pop("user", ""),
        "DBT_ENV_SECRET_CASEBOOK_PASSWORD": parameters.pop("password", ""),
        "DBT_CASEBOOK_DBNAME": parameters.pop("dbname", ""),
        "DBT_CASEBOOK_SSLMODE": parameters.pop("sslmode", "prefer"),
        "DBT_CASEBOOK_SEARCH_PATH": _search_path(role, parameters.get("options", "")),
        "DBT_CASEBOOK_SCHEMA_SUFFIX": schema_suffix,
        "DBT_CASEBOOK_SEEDS": os.path.relpath(seeds, PROJECT),
        # Days are counted in UTC; in a server's own zone a day may have no midnight.
        "PGTZ": "UTC",
    }
    # Such as sslrootcert: libpq takes the rest of the URL from its own variables.
    return known | {f"PG{name.upper()}": value for name, value in parameters.items()}


def _search_path(role: str, options: str) -> str:
    """Give a search path that brings the role along as an option of the session's start.

    dbt's own `role:` is a statement in a transaction, and a rollback takes it back; libpq's
    PGOPTIONS would reach Dagster's connections too. dbt escapes spaces here, but not tabs.
    """
    as_role = ["-c", f"role={role}"] if role else []
    return "\t".join(["public", *as_role, "-c", KILLED, *options.split()])


def target_folder(home: Path, schema_suffix: str = "") -> Path:
    """Give where dbt keeps its parse; a past state has its own, so that the live one stays warm."""
    return home / "dbt" / ("target_as_of" if schema_suffix else "target")


def forget_parse(target: Path, definition: str) -> None:
    """Make dbt parse from nothing unless its parse in `target` is of this definition.

    It goes on from an older release's by the files that changed, and finds a metric that moved
    from one file to another twice.
    """
    stamp = target / "definition.sha256"
    if stamp.is_file() and stamp.read_text() == definition:
        return
    (target / "partial_parse.msgpack").unlink(missing_ok=True)
    target.mkdir(parents=True, exist_ok=True)
    stamp.write_text(definition)


def dbt_arguments(
    home: Path,
    *,
    full_refresh: bool = False,
    schema_suffix: str = "",
    changed_sources: Collection[str] = (),
) -> list[str]:
    """Give the arguments of `dbt` for a build.

    An increment runs what descends from `changed_sources` and from the counts of the ledger,
    which every load adds to: its tables and the tests of it, not its views, which only another
    definition could change. A full refresh runs everything.

    What dbt writes goes below `home`, as the checkout may be read-only.
    """
    return [
        "build",
        "--project-dir",
        str(PROJECT),
        "--profiles-dir",
        str(PROFILES),
        "--target-path",
        str(target_folder(home, schema_suffix)),
        "--log-path",
        str(home / "dbt" / "logs"),
        "--log-level-file",
        "info",
        # Two writes of the manifest, a second each, that nobody reads.
        "--no-write-json",
        # Run by the tests of the project: they say nothing about a warehouse's data.
        "--exclude-resource-type",
        "unit_test",
        *(["--full-refresh"] if full_refresh else ["--select", _descendants(changed_sources)]),
    ]


def _descendants(sources: Collection[str]) -> str:
    return " ".join(
        f"source:{source}+,{kind}"
        for source in ["ledger.load_counts", *sorted(sources)]
        for kind in ("config.materialized:incremental", "resource_type:test")
    )


def run_dbt(
    arguments: list[str],
    environment: Mapping[str, str],
    on_progress: Callable[[Progress], None] | None = None,
) -> None:
    """Run dbt inside this process; not for use by two threads at once.

    Raises `RetriableError` when the server went away or chose this session as a deadlock's
    victim, `CasebookError` for any other failure: one sentence that names the model and the
    server's reason without the values in it.
    """
    with _environment(environment):
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - three seconds

        runner = dbtRunner(callbacks=[_progress_callback(on_progress)] if on_progress else [])
        outcome = runner.invoke(["--log-level", "none", *arguments])
        _close_log()
    if outcome.success:
        return
    if outcome.exception is not None:
        if isinstance(outcome.exception, KeyboardInterrupt):
            raise outcome.exception
        raise _error(f"dbt could not start: {reason(str(outcome.exception), keep_place=True)}.")
    results: list[RunResult] = list(getattr(outcome.result, "results", []))
    failed = [result for result in results if result.status in FAILURES]
    if not failed:
        raise CasebookError("dbt ended without success and named no model.")
    first = failed[0]
    others = f" ({len(failed) - 1} more failed)" if len(failed) > 1 else ""
    raise _error(f"{_subject(first)}: {reason(first.message or str(first.status))}{others}.")


def _close_log() -> None:
    """Close the file dbt logs to, which it leaves open until its next invocation drops it."""
    for handler in logging.getLogger(DBT_FILE_LOGGER).handlers:
        handler.close()


def reason(message: str, *, keep_place: bool = False) -> str:
    """Take the one line that says why from a message of dbt, without values of rows.

    The server's DETAIL and CONTEXT lines quote rows and are left out. `keep_place` keeps dbt's
    own first line, which says where.
    """
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    place = ""
    if len(lines) > 1 and PLACE.match(lines[0]):
        place = f"{lines[0].rstrip(':')}: " if keep_place else ""
        lines = lines[1:]
    line = lines[0] if lines else "no reason was given"
    return place + QUOTED_VALUES.sub('"…"', line).rstrip(".")


def _subject(result: RunResult) -> str:
    kind = str(result.node.resource_type)
    if kind == "test":
        return f"The check {result.node.name} failed"
    return f"The {kind} {result.node.name} could not be built"


def _error(sentence: str) -> CasebookError:
    return RetriableError(sentence) if RETRIABLE.search(sentence) else CasebookError(sentence)


def _progress_callback(on_progress: Callable[[Progress], None]) -> Callable[[EventMsg], None]:
    def on_event(event: EventMsg) -> None:
        # Models, seeds and tests each have their own event when they end.
        if event.info.name in {"LogModelResult", "LogSeedResult", "LogTestResult"}:
            on_progress(_read_progress(event))

    return on_event


def _read_progress(event: EventMsg) -> Progress:
    data = event.data
    # "INSERT 0 12", "SELECT 12": the server's word for the last statement.
    written = re.search(r" (\d+)$", str(data.status))
    rows = int(written[1]) if written else None
    return Progress(
        unique_id=data.node_info.unique_id,
        name=data.node_info.node_name,
        done=data.index,
        # A test's event has its own name for the total.
        total=int(getattr(data, "total", 0) or getattr(data, "num_models", 0)),
        status=data.node_info.node_status,
        seconds=float(data.execution_time),
        row_count=int(data.num_failures) if event.info.name == "LogTestResult" else rows,
    )


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Give dbt `values` and none of the DBT_* variables of the shell.

    Restored afterwards, also from what dbt itself reads from `.env` into the environment;
    name by name, as other threads read it meanwhile.
    """
    before = dict(os.environ)
    for name in before:
        if name.startswith("DBT_"):
            del os.environ[name]
    os.environ.update(values)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)
