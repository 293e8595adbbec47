"""What starts a run: a new object, a waiting entry; and what does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import redis

from orchestration.listeners import Silence
from orchestration.processes import PROCESS_TAG, this_process
from orchestration.resources import Workplace
from orchestration.sensors import dead_runs, new_objects, redis_backlog
from raw_loaders.errors import RetriableError
from tests.conftest import settings_for
from tests.landing_parts.redis_servers import running_redis

NOWHERE = "postgresql://nobody@localhost/none"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def workplace(home: Path, **values: str) -> Workplace:
    (home / "in").mkdir(exist_ok=True)
    return Workplace(settings_for(home / "home", NOWHERE, **values), Silence())


def look(instance: dg.DagsterInstance, place: Workplace, cursor: str | None) -> Any:
    context = dg.build_sensor_context(instance=instance, cursor=cursor)
    return new_objects(context=context, workplace=place)


def test_new_objects_are_landed_once(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    place = workplace(tmp_path, LANDING=str(tmp_path / "in"), SETTLE_SECONDS="0")
    assert isinstance(look(instance, place, None), dg.SkipReason), "there is nothing yet"
    folder = tmp_path / "in" / "support"
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_text("{}\n")
    first = look(instance, place, None)
    assert len(first.run_requests) == 1
    assert isinstance(look(instance, place, first.cursor), dg.SkipReason)
    (folder / "b.jsonl.tmp").write_text("{}\n")
    assert isinstance(look(instance, place, first.cursor), dg.SkipReason), "still being written"
    with (folder / "a.jsonl").open("a") as file:
        file.write("{}\n")
    second = look(instance, place, first.cursor)
    assert len(second.run_requests) == 1
    assert second.cursor != first.cursor


def test_files_that_may_be_growing_wait(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    place = workplace(tmp_path, LANDING=str(tmp_path / "in"), SETTLE_SECONDS="3600")
    folder = tmp_path / "in" / "support"
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_text("{}\n")
    assert isinstance(look(instance, place, None), dg.SkipReason)


def test_no_second_run_is_asked_for_while_one_lands(
    tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    place = workplace(tmp_path, LANDING=str(tmp_path / "in"), SETTLE_SECONDS="0")
    folder = tmp_path / "in" / "support"
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_text("{}\n")
    instance.add_run(dg.DagsterRun(job_name="land", status=dg.DagsterRunStatus.STARTED))
    skipped = look(instance, place, None)
    assert isinstance(skipped, dg.SkipReason)
    assert "under way" in str(skipped.skip_message)


def test_waiting_entries_are_landed(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    context = dg.build_sensor_context(instance=instance)
    unset = redis_backlog(context=context, workplace=workplace(tmp_path))
    assert isinstance(unset, dg.SkipReason)
    with running_redis(tmp_path) as url, redis.Redis.from_url(url) as client:
        place = workplace(tmp_path, REDIS_URL=url)
        assert isinstance(redis_backlog(context=context, workplace=place), dg.SkipReason)
        client.xadd("casebook:support", {"event": "{}"})
        assert isinstance(redis_backlog(context=context, workplace=place), dg.RunRequest)
    with pytest.raises(RetriableError, match="Redis does not answer"):
        redis_backlog(context=context, workplace=place)


def test_runs_of_dead_processes_are_closed(instance: dg.DagsterInstance) -> None:
    """As after a restart of the machine: not those of living processes, nor of other machines."""
    host, number, start = this_process().split(":")
    tags = {
        "living": this_process(),
        "ended": f"{host}:{2**22 + 1}:1",
        "another process of the number": f"{host}:{number}:{start}1",
        "elsewhere": f"another.{host}:{2**22 + 1}:1",
        "unsigned": None,
    }
    runs = {
        name: instance.add_run(
            dg.DagsterRun(
                job_name="daily",
                status=dg.DagsterRunStatus.STARTED,
                tags={} if tag is None else {PROCESS_TAG: tag},
            )
        ).run_id
        for name, tag in tags.items()
    }
    told = dead_runs(dg.build_sensor_context(instance=instance))
    assert isinstance(told, dg.SkipReason)
    assert told.skip_message == "2 runs had no process any more."
    failed = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
    assert {run.run_id for run in failed} == {
        runs["ended"],
        runs["another process of the number"],
    }
