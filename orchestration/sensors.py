"""What starts a run by itself, or speaks of one: new objects, waiting entries, failures, deaths."""

import hashlib

import dagster as dg

from orchestration.alerts import send_message, write_message
from orchestration.jobs import land
from orchestration.processes import close_dead_runs
from orchestration.resources import Workplace
from orchestration.sources import SOURCES
from raw_loaders.errors import ObjectError
from raw_loaders.object_loaders import landing_carrier
from raw_loaders.redis_streams import count_entries
from raw_loaders.sources import find_source

EVERY_SECONDS = 60
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def is_landing(instance: dg.DagsterInstance) -> bool:
    """Whether a run of `land` waits or runs: another would find nothing more."""
    return instance.get_runs_count(dg.RunsFilter(job_name=land.name, statuses=UNFINISHED)) > 0


@dg.sensor(
    job=land,
    minimum_interval_seconds=EVERY_SECONDS,
    description="Land as soon as the landing place lists something new or changed.",
)
def new_objects(
    context: dg.SensorEvaluationContext, workplace: dg.ResourceParam[Workplace]
) -> dg.SensorResult | dg.SkipReason:
    """Compare the listing with the one of the last run asked for; nothing is opened."""
    if is_landing(context.instance):
        return dg.SkipReason("A run of land is under way.")
    digest, count = hashlib.sha256(), 0
    for source in SOURCES:
        for found in landing_carrier(workplace.settings.landing, source).find():
            # What cannot be read, is still written or has no signature changes nothing here.
            if (
                isinstance(found, ObjectError)
                or found.age_seconds < workplace.settings.settle_seconds
            ):
                continue
            digest.update(f"{found.name}\0{found.signature}\0".encode())
            count += 1
    listing = digest.hexdigest()
    if count == 0 or listing == context.cursor:
        return dg.SkipReason(f"None of the {count} objects is new or changed.")
    return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=listing)


@dg.sensor(
    job=land,
    minimum_interval_seconds=EVERY_SECONDS,
    description="Land when entries wait in a Redis stream of CASEBOOK_REDIS_URL.",
)
def redis_backlog(
    context: dg.SensorEvaluationContext, workplace: dg.ResourceParam[Workplace]
) -> dg.RunRequest | dg.SkipReason:
    """Count the entries of each stream; landed ones are deleted, so all of them wait."""
    url = workplace.settings.redis_url
    if url is None:
        return dg.SkipReason("CASEBOOK_REDIS_URL is not set.")
    waiting = sum(count_entries(url, name) for name in SOURCES if find_source(name).has_stream)
    if waiting == 0:
        return dg.SkipReason("No entry waits.")
    if is_landing(context.instance):
        return dg.SkipReason(f"{waiting} entries wait; a run of land is under way.")
    return dg.RunRequest()


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Send a message to CASEBOOK_ALERT_URL when a run failed.",
)
def failure_message(
    context: dg.RunFailureSensorContext, workplace: dg.ResourceParam[Workplace]
) -> dg.SkipReason | None:
    """Tell job, steps and Casebook's own sentence; neither content nor secrets."""
    url = workplace.settings.alert_url
    if url is None:
        return dg.SkipReason("CASEBOOK_ALERT_URL is not set.")
    failed = [
        (str(event.step_key), event.step_failure_data.error)
        for event in context.get_step_failure_events()
    ]
    run = context.dagster_run
    send_message(url, *write_message(run.job_name, run.run_id, failed))
    return None


@dg.sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Close runs whose process was killed where no code server saw it.",
)
def dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Look at the processes that the runs under way name, as after a restart of the machine."""
    closed = close_dead_runs(context.instance)
    return dg.SkipReason(f"{len(closed)} runs had no process any more.")


SENSORS = (new_objects, redis_backlog, failure_message, dead_runs)
