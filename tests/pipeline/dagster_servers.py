"""A `casebook dev` of a test's own, its GraphQL API, and its end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.ports import find_free_port
from tests.protection.processes import command_line, descendants

# Of what is awaited, on a machine that does other things too.
SECONDS = 240
LAUNCH = """
mutation ($job: String!) { launchRun(executionParams: {selector: {
    repositoryLocationName: "casebook", repositoryName: "__repository__", jobName: $job
}}) { __typename ... on LaunchRunSuccess { run { runId } } } }
"""
RUN = """
query ($id: ID!) { runOrError(runId: $id) { ... on Run {
    status
    tags { key value }
    assetMaterializations {
        assetKey { path }
        metadataEntries { label ... on IntMetadataEntry { intValue } }
    }
    eventConnection { events { ... on MessageEvent { eventType message } } }
} } }
"""


@dataclass(frozen=True)
class Served:
    """A running `casebook dev`."""

    url: str
    pid: int
    output: Path

    def ask(self, query: str, **variables: str) -> Any:
        """Give the data of a GraphQL answer."""
        request = urllib.request.Request(  # noqa: S310 - this machine's
            f"{self.url}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
            answer = json.load(response)
        assert "errors" not in answer, answer
        return answer["data"]

    def launch(self, job: str) -> str:
        """Launch a job as the UI does; gives the run's id."""
        launched = self.ask(LAUNCH, job=job)["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def run(self, run_id: str) -> Any:
        """Give a run's status, tags, materializations and events."""
        return self.ask(RUN, id=run_id)["runOrError"]

    def wait_for(self, what: Callable[[], bool]) -> None:
        """Wait until it is so; fails with the server's output."""
        deadline = time.monotonic() + SECONDS
        while not what():
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.2)

    def wait_for_status(self, run_id: str, status: str) -> Any:
        """Wait until a run has ended, with this status; gives the run."""
        self.wait_for(lambda: self.run(run_id)["status"] in {"SUCCESS", "FAILURE", "CANCELED"})
        run = self.run(run_id)
        assert run["status"] == status, self.output.read_text()
        return run

    def worker(self, run_id: str) -> int:
        """Give the process that works on a run."""
        text = " ".join(event.get("message", "") for event in self._events(run_id))
        found = re.search(r"Started process for run \(pid: (\d+)\)", text)
        assert found, text
        return int(found[1])

    def _events(self, run_id: str) -> list[dict[str, str]]:
        events: list[dict[str, str]] = self.run(run_id)["eventConnection"]["events"]
        return events

    def family(self) -> dict[int, str]:
        """Give all its processes with their command lines."""
        return {pid: command_line(pid) for pid in descendants(self.pid)}

    def find_process(self, words: str) -> int | None:
        """Give the process of the family whose command line has these words."""
        return next((pid for pid, line in self.family().items() if words in line), None)


@contextmanager
def serve(folder: Path, **settings: str) -> Iterator[Served]:
    """Start `casebook dev`, wait until it answers, and end it with all it started."""
    port = find_free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("CASEBOOK_", "DAGSTER_"))},
        **{f"CASEBOOK_{name}": value for name, value in settings.items()},
    }
    # Named like a package of the web server, which once ended by it.
    (folder / "gql.py").write_text("raise ImportError('not the package')")
    output = folder / "output"
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("casebook"), "dev", "--port", str(port)],
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
        )
    served = Served(f"http://127.0.0.1:{port}", process.pid, output)

    def answers() -> bool:
        assert process.poll() is None, output.read_text()
        with suppress(OSError):
            served.ask("{ version }")
            return True
        return False

    try:
        served.wait_for(answers)
        yield served
    finally:
        family = set(served.family())
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=3)
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
