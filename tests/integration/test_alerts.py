"""The message about a failed run: received by a local HTTP server, free of content and secrets."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration import alerts
from orchestration.alerts import send_message
from orchestration.listeners import Silence
from orchestration.resources import Workplace
from orchestration.retries import retried
from orchestration.sensors import failure_message
from raw_loaders.errors import CasebookError, RetriableError, SettingsError
from tests.conftest import settings_for

CANARY = "canary-customer-4711"
NOWHERE = "postgresql://nobody:sesame-canary@localhost/none"


@contextmanager
def receiver(*codes: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Listen on loopback; give the apprise URL and what was received. `codes` answer first."""
    received: list[dict[str, Any]] = []
    answers = list(codes)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answers.pop(0) if answers else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"json://127.0.0.1:{server.server_port}/", received
        finally:
            server.shutdown()
            thread.join()


def failed_run(error: Exception) -> tuple[dg.DagsterInstance, Any]:
    """Run a job whose only step raises `error`; give the instance and the sensor's context."""

    @dg.op
    def step() -> None:
        raise error

    @dg.job(name="daily")
    def job() -> None:
        step()

    instance = dg.DagsterInstance.ephemeral()
    result = job.execute_in_process(instance=instance, raise_on_error=False)
    return instance, dg.build_run_status_sensor_context(
        sensor_name="failure_message",
        dagster_event=result.get_run_failure_event(),
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        resources={},
    ).for_run_failure()


def tell(tmp_path: Path, error: Exception) -> dict[str, Any]:
    """Let the sensor speak of a run that failed with `error`."""
    with receiver() as (url, received):
        settings = settings_for(tmp_path / "home", NOWHERE, ALERT_URL=url)
        instance, context = failed_run(error)
        with instance:
            failure_message(context=context, workplace=Workplace(settings, Silence()))
    assert len(received) == 1
    return received[0]


def test_message_says_job_step_and_casebooks_own_sentence(tmp_path: Path) -> None:
    sentence = "The database at db:5432 does not answer (timeout): start it."
    message = tell(tmp_path, RetriableError(sentence))
    assert message["title"] == "Casebook: daily failed"
    assert f"step: {sentence}" in message["message"]
    assert "See run " in message["message"]


def test_message_keeps_other_errors_texts_to_itself(tmp_path: Path) -> None:
    error = ValueError(f'invalid input: "{CANARY}"')
    message = tell(tmp_path, error)
    assert "an error of the kind ValueError" in message["message"]
    assert CANARY not in json.dumps(message)
    assert "sesame" not in json.dumps(message)


def test_message_of_a_killed_process_says_so() -> None:
    title, body = alerts.write_message("daily", "1234", [])
    assert title == "Casebook: daily failed"
    assert "was killed" in body


def test_message_is_sent_again_when_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "WAITS_SECONDS", (0, 0))
    with receiver(500, 503) as (url, received):
        send_message(url, "title", "body")
    assert len(received) == 3
    with (
        receiver(500, 500, 500) as (url, _),
        pytest.raises(CasebookError, match="was not taken") as raised,
    ):
        send_message(url, "title", "body")
    assert url not in str(raised.value)


def test_wrong_urls_are_named_without_their_value(tmp_path: Path) -> None:
    for action in (
        lambda: settings_for(tmp_path / "home", NOWHERE, ALERT_URL=CANARY),
        lambda: send_message(f"nothing://{CANARY}", "title", "body"),
    ):
        with pytest.raises(SettingsError, match="CASEBOOK_ALERT_URL") as raised:
            action()
        assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    ("error", "tries"), [(RetriableError("gone"), 4), (CasebookError("wrong"), 1)]
)
def test_steps_are_tried_again_only_when_that_may_help(
    error: Exception, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.retries.WAITS_SECONDS", (0, 0, 0))
    count = 0

    @dg.op
    def step(context: dg.OpExecutionContext) -> None:
        nonlocal count
        count += 1
        with retried(context):
            raise error

    @dg.job
    def job() -> None:
        step()

    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(type(error), match=str(error)):
        job.execute_in_process(instance=instance)
    assert count == tries


def test_steps_go_on_when_the_second_try_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.retries.WAITS_SECONDS", (0, 0, 0))
    errors = [RetriableError("gone")]

    @dg.op
    def step(context: dg.OpExecutionContext) -> None:
        with retried(context):
            if errors:
                raise errors.pop()

    @dg.job
    def job() -> None:
        step()

    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(instance=instance).success
