"""One `casebook dev`, asked over GraphQL as the UI asks it; its processes are killed at the end.

One server serves all tests, in their order: its start costs a quarter of a minute.
"""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from orchestration.database import open_database
from orchestration.processes import PROCESS_TAG
from orchestration.samples.centres import Centre
from orchestration.samples.writers import write_sample
from raw_loaders.locks import BUILD_LOCK
from tests.conftest import _create_database, _url, settings_for
from tests.pipeline.conftest import drop
from tests.pipeline.dagster_servers import Served, serve
from tests.protection.processes import listening

if TYPE_CHECKING:
    from orchestration.database import Database

NAME = "served"
KEY = "a key that no process list shows"
CENTRE = Centre(days=2, sessions_per_day=4, seed=3)
AUTOMATION = """
{ repositoryOrError(repositorySelector: {
    repositoryLocationName: "casebook", repositoryName: "__repository__"
}) { ... on Repository {
    jobs { name }
    schedules { name pipelineName cronSchedule executionTimezone scheduleState { status } }
    sensors { name sensorState { status } }
} } }
"""
LOCATION = """
{ workspaceOrError { ... on Workspace { locationEntries {
    name loadStatus locationOrLoadError { __typename }
} } } }
"""
RUNS = "{ runsOrError { ... on Runs { results { runId jobName status } } } }"
TERMINATE = """
mutation ($id: String!) { terminateRun(
    runId: $id, terminatePolicy: MARK_AS_CANCELED_IMMEDIATELY
) { __typename } }
"""


@pytest.fixture(scope="module")
def warehouse_url(server: Database) -> Iterator[str]:
    _create_database(server, NAME)
    yield _url(server, NAME)
    with server.connect(autocommit=True) as connection:
        drop(connection, NAME)
        drop(connection, f"{NAME}_dagster")


@pytest.fixture(scope="module")
def delivered(session_home: Path) -> int:
    """Put a small sample into the landing place; gives the number of its events."""
    return write_sample(
        CENTRE, session_home / NAME / "home" / "landing", prefix="events-"
    ).delivered


@pytest.fixture(scope="module")
def served(warehouse_url: str, session_home: Path, delivered: int) -> Iterator[Served]:
    with serve(
        session_home / NAME,
        HOME=str(session_home / NAME / "home"),
        DATABASE_URL=warehouse_url,
        HASH_KEY=KEY,
        TIMEZONE="Europe/Berlin",
        SETTLE_SECONDS="0",
    ) as started:
        yield started


def test_code_location_is_loaded_with_all_that_starts_runs(served: Served) -> None:
    repository = served.ask(AUTOMATION)["repositoryOrError"]
    assert {job["name"] for job in repository["jobs"]} >= {
        *("daily", "land", "full_refresh", "report", "cleanup"),
    }
    assert {
        (
            schedule["name"],
            schedule["pipelineName"],
            schedule["cronSchedule"],
            schedule["executionTimezone"],
            schedule["scheduleState"]["status"],
        )
        for schedule in repository["schedules"]
    } == {
        ("every_night", "daily", "15 2 * * *", "Europe/Berlin", "RUNNING"),
        ("every_week", "cleanup", "45 1 * * 0", "Europe/Berlin", "RUNNING"),
        ("every_few_minutes", "land", "*/5 * * * *", "Europe/Berlin", "STOPPED"),
    }
    sensors = {one["name"]: one["sensorState"]["status"] for one in repository["sensors"]}
    assert sensors == {
        "new_objects": "STOPPED",
        "redis_backlog": "STOPPED",
        "failure_message": "RUNNING",
        "dead_runs": "RUNNING",
    }


def test_it_can_be_reached_from_this_machine_only(served: Served, server: Database) -> None:
    family = served.family()
    sockets = listening(set(family))
    assert urlsplit(served.url).port in {port for _, port in sockets}
    assert {
        address for address, _ in sockets if not ipaddress.ip_address(address).is_loopback
    } == set()
    for secret in (str(urlsplit(server.url).password), KEY, "postgresql://"):
        assert not any(secret in line for line in family.values()), secret


def test_a_socket_for_everybody_is_seen() -> None:
    with socket.socket() as open_to_all:
        open_to_all.bind(("0.0.0.0", 0))  # noqa: S104 - what the test above must not find
        open_to_all.listen()
        assert ("0.0.0.0", open_to_all.getsockname()[1]) in listening({os.getpid()})  # noqa: S104


def test_launched_job_lands_and_tells_its_rows(served: Served, delivered: int) -> None:
    run = served.wait_for_status(served.launch("land"), "SUCCESS")
    rows = {
        written["assetKey"]["path"][-1]: entry["intValue"]
        for written in run["assetMaterializations"]
        for entry in written["metadataEntries"]
        if entry["label"] == "rows"
    }
    assert rows == {
        "raw_support_events": delivered,
        "raw_coze_studio_events": 0,
        "raw_qwen_code_events": 0,
        "raw_ai_admin_rows": 0,
    }
    assert PROCESS_TAG in {tag["key"] for tag in run["tags"]}


def test_killed_build_is_seen_and_lets_the_next_one_in(
    served: Served, warehouse_url: str, session_home: Path
) -> None:
    """It waits for the pool; of the killed one neither slot nor lock nor dbt stays."""
    first = served.launch("full_refresh")
    served.wait_for(lambda: bool(served.run(first)["assetMaterializations"]))
    second = served.launch("full_refresh")
    assert served.run(second)["status"] == "QUEUED"
    os.kill(served.worker(first), signal.SIGKILL)
    served.wait_for_status(first, "FAILURE")
    database = open_database(settings_for(session_home / NAME / "home", warehouse_url))
    with database.connect(autocommit=True) as connection:
        # The server notices within seconds that nobody listens any more.
        served.wait_for(lambda: connection.execute(FREE, (BUILD_LOCK,)).fetchone() == (True,))
    served.wait_for(lambda: served.run(second)["status"] in {"STARTING", "STARTED"})
    assert [pid for pid, line in served.family().items() if "dbt" in line.split()] == []
    for run in _unfinished(served):
        served.ask(TERMINATE, id=run)


FREE = "select pg_try_advisory_lock_shared(%s)"


def _unfinished(served: Served) -> list[Any]:
    runs = served.ask(RUNS)["runsOrError"]["results"]
    return [run["runId"] for run in runs if run["status"] in {"QUEUED", "STARTING", "STARTED"}]


def test_killed_code_server_is_started_again(served: Served) -> None:
    killed = served.find_process("dagster api grpc")
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    served.wait_for(lambda: "it was started again" in served.output.read_text())

    def is_loaded() -> bool:
        [entry] = served.ask(LOCATION)["workspaceOrError"]["locationEntries"]
        return bool(entry["locationOrLoadError"]["__typename"] == "RepositoryLocation")

    served.wait_for(is_loaded)
    again = served.find_process("dagster api grpc")
    assert again not in {None, killed}
